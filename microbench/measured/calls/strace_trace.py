"""`strace` and `strace -f -T`: one line a call, with process ids and any time stamp in front.

A call that another process interrupts stands on two lines, `<unfinished ...>` and
`<... NAME resumed>`; its time stands on the second. It is counted once. An excerpt may begin or
end between the two.
"""

from __future__ import annotations

import re

from microbench.measured.calls.counts import Counts, Tally
from microbench.measured.source import Source

FRONT = re.compile(
    r"^(?:\[pid\s+(?P<pid>[0-9]+)\]\s+|(?P<bare>[0-9]{1,10})\s+)?"
    r"(?:(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])?[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]+)?(?:[+-][0-9]{4})?\s+"
    r"|\(?\+?\s*[0-9]+\.[0-9]+\)?\s+|[0-9]{10}\s+)*"
    r"(?:\[[0-9a-f? ]{1,18}\]\s+)*"
)
CALL = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)\((?P<rest>.*)$", re.DOTALL)
RESUMED = re.compile(r"<\.\.\. (?P<name>[a-z_][a-z0-9_]*) resumed>(?P<rest>.*)$")
SPENT = re.compile(r"<([0-9]{1,9}\.[0-9]+)>\s*$")
FAILED = re.compile(r"= -1 E[A-Z0-9]+")
BESIDE = re.compile(r"^(> .*|\+\+\+ .* \+\+\+|--- .* ---|strace: .*|\[ Process PID=.* \])$")
UNFINISHED = "<unfinished ...>"
LEFT = re.compile(r"<(detached|ptrace\(.*\):.*) \.\.\.>\s*$|<detached \.\.\.>\s*$")


def _split(line: str) -> tuple[str, str]:
    """Process id and what follows the front of a line."""
    found = FRONT.match(line)
    assert found is not None
    return found["pid"] or found["bare"] or "", line[found.end() :]


def recognises(source: Source) -> bool:
    """Whether most of the first lines are calls, their second halves, or signals and exits."""
    lines = [line for line in source.head.splitlines()[:60] if line.strip()]
    return any(map(is_call, lines)) and sum(map(is_call, lines)) * 2 >= len(lines)


def is_call(line: str) -> bool:
    """Whether a line is a call, the second half of one, a signal or an exit."""
    rest = _split(line)[1]
    if BESIDE.match(rest.strip()) or RESUMED.match(rest):
        return True
    call = CALL.match(rest)
    return bool(call) and (UNFINISHED in rest or bool(re.search(r"\)\s*= ", rest)))


def read(source: Source) -> Counts:
    """Count calls, failures and the time strace saw.

    Raises
    ------
    InputError
        For a last line cut in its middle.
    """
    tally = Tally()
    open_calls: dict[str, str] = {}
    numbered = list(source.numbered())
    for number, line in numbered:
        pid, rest = _split(line)
        if BESIDE.match(rest.strip()):
            continue
        resumed, call = RESUMED.match(rest), CALL.match(rest)
        if resumed:
            _finish(tally, open_calls, pid, resumed["name"], resumed["rest"])
        elif call and UNFINISHED in call["rest"][-40:]:
            tally.add(call["name"], 1, 0)
            open_calls[pid] = call["name"]
        elif call and re.search(r"\)\s*= ", call["rest"]):
            tally.add(call["name"], 1, *_outcome(call["rest"]))
        elif call and LEFT.search(rest):
            tally.add(call["name"], 1, 0)
        elif call and number == numbered[-1][0] and not source.text.endswith("\n"):
            raise source.error(number, "the last call is cut in its middle")
        else:
            tally.skip(number, line)
    if open_calls:
        still = ", ".join(sorted(set(open_calls.values())))
        tally.note(f"still running at the end, counted all the same: {still}")
    return tally.counts("strace -T" if tally.seconds else "strace")


def _finish(tally: Tally, open_calls: dict[str, str], pid: str, name: str, rest: str) -> None:
    begun = open_calls.pop(pid, None)
    errors, seconds = _outcome(rest)
    tally.add(name, 0 if begun == name else 1, errors, seconds)
    if begun != name:
        tally.note("a call that began before the excerpt is counted at its end")


def _outcome(rest: str) -> tuple[int, float | None]:
    """Failures (0 or 1), and seconds where the line tells them."""
    spent = SPENT.search(rest)
    return int(bool(FAILED.search(rest[-200:]))), float(spent[1]) if spent else None
