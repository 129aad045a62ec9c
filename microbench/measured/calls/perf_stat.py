"""`perf stat -e 'syscalls:sys_enter_*'`: with `-x` any separator, `-j`, or its plain table.

Reads also what perf says about the whole program: elapsed time, user and system time, task
clock. Events that are no system calls are named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from microbench.measured.calls.counts import MOST_CALLS, Counts, Tally
from microbench.measured.source import Source

EVENT = re.compile(r"^syscalls:sys_(?P<side>enter|exit)_(?P<name>[a-z0-9_]+)(?::[a-zA-Z]+)?$")
RAW = re.compile(r"^raw_syscalls:sys_(enter|exit)(?::[a-zA-Z]+)?$")
VALUE = r"(?:[0-9]{1,17}(?:[.,][0-9]+)*|<not counted>|<not supported>)"
SEPARATED = re.compile(rf"^(?P<value>{VALUE})(?P<sep>[,;|:\t ])(?P<unit>[^,;|\t ]*)(?P=sep)")
PLAIN = re.compile(
    rf"^\s*(?P<value>{VALUE})\s+(?:(?P<unit>msec|ns)\s+)?(?P<event>[a-z_0-9:-]+)\s*(#.*)?$"
)
WHOLE = re.compile(
    r"^\s*(?P<value>[0-9]+[.,][0-9]+) (\+- [0-9.]+ )?seconds (?P<what>time elapsed|user|sys)\b"
)
BESIDE = re.compile(r"^(#.*|\s*Performance counter stats for .*:|\s*\([0-9.]+%\)\s*)$")
SECONDS = {"duration_time": 1e-9, "user_time": 1e-9, "system_time": 1e-9, "task-clock": 1e-3}
TRACEPOINT = re.compile(r"(raw_)?syscalls:sys_(enter|exit)")


@dataclass(frozen=True)
class _Event:
    number: int
    name: str
    value: float | None


def recognises(source: Source) -> bool:
    """Whether lines of perf stat name tracepoints of system calls."""
    if not TRACEPOINT.search(source.text):
        return False
    return any(_event(number, line) for number, line in source.numbered())


def read(source: Source) -> Counts:
    """Count calls by the tracepoints of their entries.

    Raises
    ------
    InputError
        For a count that is none, or a file with the total alone.
    """
    tally, whole = Tally(), dict.fromkeys(("duration_time", "user_time", "system_time"), 0.0)
    raw, entries = 0, 0
    for event in _events(source, tally, whole):
        found = EVENT.match(event.name)
        if event.value is None:
            tally.note(f"not counted by perf: {event.name}")
        elif found and found["side"] == "enter":
            tally.add(found["name"], _count(source, event))
            entries += 1
        elif RAW.match(event.name) and "enter" in event.name:
            raw += _count(source, event)
        elif event.name in SECONDS:
            whole[event.name] = whole.get(event.name, 0.0) + event.value * SECONDS[event.name]
        elif not found and not RAW.match(event.name):
            tally.note(f"no system call: {event.name}")
    if raw and entries and raw != sum(tally.calls.values()):
        named = sum(tally.calls.values())
        tally.note(f"raw_syscalls:sys_enter counted {raw} calls, by name there are {named}")
    if raw and not entries:
        tally.add("(not named)", raw)
        tally.note("raw_syscalls:sys_enter counts all calls together, none by name")
    cpu = whole["user_time"] + whole["system_time"] or whole.get("task-clock", 0.0)
    return tally.counts("perf stat", whole["duration_time"] or None, cpu or None)


def _events(source: Source, tally: Tally, whole: dict[str, float]) -> Iterator[_Event]:
    for number, line in source.numbered():
        event = _event(number, line)
        spent = WHOLE.match(line)
        if event is not None:
            yield event
        elif spent:
            key = {"time elapsed": "duration_time", "user": "user_time"}.get(spent["what"])
            whole[key or "system_time"] += float(spent["value"].replace(",", "."))
        elif not BESIDE.match(line):
            tally.skip(number, line)


def _event(number: int, line: str) -> _Event | None:
    if line.startswith("{"):
        return _json_event(number, line)
    separated = SEPARATED.match(line)
    if separated:
        cells = _cells(line, separated["sep"])
        if len(cells) >= 3 and cells[2]:
            return _Event(number, cells[2], _value(separated["value"]))
    plain = PLAIN.match(line)
    if plain and not WHOLE.match(line):
        return _Event(number, plain["event"], _value(plain["value"].replace(",", "")))
    return None


def _cells(line: str, separator: str) -> list[str]:
    """Cells of a line; where the colon separates, a tracepoint's own colon does not."""
    if separator != ":":
        return line.split(separator)
    return [c.replace("\0", ":") for c in re.sub(r"syscalls:sys", "syscalls\0sys", line).split(":")]


def _json_event(number: int, line: str) -> _Event | None:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or "event" not in body:
        return None
    return _Event(number, str(body["event"]), _value(str(body.get("counter-value", ""))))


def _value(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _count(source: Source, event: _Event) -> int:
    value = event.value
    if value is None or not 0 <= value <= MOST_CALLS or value != int(value):
        raise source.error(event.number, "not a count")
    return int(value)
