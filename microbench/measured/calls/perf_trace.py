"""`perf trace -s`, a table per thread, and plain `perf trace`, a line per call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from microbench.measured.calls.counts import NAME, Counts, Tally, whole
from microbench.measured.source import Source

HEADING = re.compile(r"^\s*syscall\s+calls\s")
COLUMNS = ("syscall", "calls", "errors", "total", "min", "avg", "max", "stddev")
THREAD = re.compile(r"^\s*(?P<who>\S.*?)(?: \((?P<tid>[0-9]+)\))?, (?P<events>[0-9]+) events")
BESIDE = re.compile(r"^\s*(Summary of events.*:|\(msec\).*|-+(\s+-+)+)\s*$")
ENTRY = re.compile(
    r"^\s*(?:[0-9]+\.[0-9]+|\?) \(\s*(?P<ms>[0-9]{1,12}\.[0-9]+)?(?: ms)?\s*\): "
    r"(?:(?P<who>.{1,40}?/[0-9]+)\s+)?"
    rf"(?:\.\.\. \[continued\]: (?P<again>{NAME})\(|(?P<name>{NAME})\()(?P<rest>.*)$"
)
OTHER = re.compile(r"^\s*[0-9]+\.[0-9]+ \(?.*\)?: ?.*[a-z_]+:[a-z_]+\(")


def recognises_summary(source: Source) -> bool:
    """Whether the heading of a thread's table is there."""
    return any(HEADING.match(line) for line in source.lines) and "(msec)" in source.text


def read_summary(source: Source) -> Counts:
    """Sum the tables of all threads.

    Raises
    ------
    InputError
        For a line that does not fit its heading.
    """
    tally, columns, seen = Tally(), None, False
    for number, line in source.numbered():
        if HEADING.match(line):
            columns = line.split()
            if any(name not in COLUMNS for name in columns):
                raise source.error(number, "an unknown column of perf trace -s")
        elif THREAD.match(line):
            columns, seen = None, True
        elif BESIDE.match(line):
            continue
        elif columns is not None:
            _take(source, number, line.split(), columns, tally)
        else:
            tally.skip(number, line)
    if not seen:
        tally.note("the heading of the first thread is missing: an excerpt")
    return tally.counts("perf trace -s")


def _take(
    source: Source, number: int, words: Sequence[str], columns: Sequence[str], tally: Tally
) -> None:
    cells = dict(zip(columns, words, strict=False))
    calls, errors = whole(cells.get("calls", "")), whole(cells.get("errors", "0"))
    if len(words) != len(columns) or calls is None or errors is None:
        raise source.error(number, "does not fit the heading of perf's summary")
    if not re.fullmatch(NAME, cells["syscall"]):
        raise source.error(number, f"{cells['syscall']!r} is no name of a system call")
    if not re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,9}", cells["total"]):
        raise source.error(number, f"{cells['total']!r} is no time")
    said = errors if "errors" in columns else None
    tally.add(cells["syscall"], calls, said, float(cells["total"]) / 1e3)


def recognises_trace(source: Source) -> bool:
    """Whether most of the first lines are calls as perf prints them."""
    lines = [line for line in source.head.splitlines()[:60] if line.strip()]
    return sum(bool(ENTRY.match(line)) for line in lines) * 2 > len(lines)


def read_trace(source: Source) -> Counts:
    """Count calls; one that is interrupted stands on two lines and is counted once."""
    tally = Tally()
    open_calls: dict[tuple[str, str], int] = {}
    for number, line in source.numbered():
        entry = ENTRY.match(line)
        if entry is None:
            if OTHER.match(line):
                tally.note("events that are no system calls are left out")
            else:
                tally.skip(number, line)
            continue
        name, who = entry["again"] or entry["name"], entry["who"] or ""
        begun = bool(entry["again"]) and open_calls.get((who, name), 0) > 0
        if begun:
            open_calls[who, name] -= 1
        elif not entry["again"] and entry["ms"] is None:
            open_calls[who, name] = open_calls.get((who, name), 0) + 1
        failed = int(bool(re.search(r"\)\s*= -1 E[A-Z]+", entry["rest"])))
        spent = None if entry["ms"] is None else float(entry["ms"]) / 1e3
        tally.add(name, 0 if begun else 1, failed, spent)
    return tally.counts("perf trace")
