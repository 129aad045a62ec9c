"""`strace -c`, with `-w`, `-f`, `-C` and any order of `-U`: the columns are those of its heading.

The errors column is blank where it is zero, so a line has either all columns or one fewer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from microbench.measured.calls import strace_trace
from microbench.measured.calls.counts import NAME, Counts, Tally, whole
from microbench.measured.source import Source

COLUMNS = {
    "%time": "share",
    "seconds": "seconds",
    "shortest": "shortest",
    "longest": "longest",
    "usecs/call": "mean",
    "calls": "calls",
    "errors": "errors",
    "syscall": "name",
}
RULER = re.compile(r"^-+(\s+-+)+\s*$")
PERSONALITY = re.compile(r"^System call usage summary for .*:$")


def columns_of(line: str) -> list[str] | None:
    """The columns a heading names; None if it is no heading."""
    found = [COLUMNS.get(word, "") for word in line.replace("% time", "%time").split()]
    good = "name" in found and "calls" in found and "" not in found
    return found if good and len(set(found)) == len(found) else None


def recognises(source: Source) -> bool:
    """Whether a heading of strace, with its ruler below, stands anywhere."""
    lines = source.lines
    return any(RULER.match(below) and columns_of(line) for line, below in pairwise(lines))


def read(source: Source) -> Counts:
    """Count the calls of every summary in the file.

    Raises
    ------
    InputError
        For a line of a summary that does not fit its heading, or a total that differs.
    """
    tally, columns, sums = Tally(), None, [0, 0]
    before: int | None = None
    for number, line in source.numbered():
        heading = columns_of(line)
        if heading:
            columns, before, sums = heading, number, [0, 0]
        elif columns is None:
            if strace_trace.is_call(line):
                tally.note("a trace stands beside the summary, which counts the same calls")
            elif not PERSONALITY.match(line):
                tally.skip(number, line)
        elif RULER.match(line):
            continue
        elif _take(source, number, line, columns, tally, sums):
            columns = None
    if columns is not None:
        tally.note(f"the summary of line {before} has no total: the file may be cut short")
    return tally.counts("strace -c")


def _take(
    source: Source, number: int, line: str, columns: Sequence[str], tally: Tally, sums: list[int]
) -> bool:
    """Count one line of a summary; whether it was the total.

    In a total the mean may be blank, so its calls are looked for among all whole numbers.
    """
    words = line.split()
    if "total" in words:
        if sums[0] not in {whole(word) for word in words}:
            problem = f"the total is not the sum of the lines, {sums[0]} calls"
            raise source.error(number, problem)
        return True
    cells = _cells(words, columns)
    calls = whole(cells["calls"]) if cells else None
    errors = whole(cells.get("errors") or "0") if cells else None
    if cells is None or calls is None or errors is None:
        raise source.error(number, "does not fit the heading of strace's summary")
    if not re.fullmatch(NAME, cells["name"]):
        raise source.error(number, f"{cells['name']!r} is no name of a system call")
    tally.add(cells["name"], calls, errors, _seconds(source, number, cells))
    sums[0] += calls
    sums[1] += errors
    return False


def _cells(words: Sequence[str], columns: Sequence[str]) -> dict[str, str] | None:
    if len(words) == len(columns):
        return dict(zip(columns, words, strict=True))
    kept = [column for column in columns if column != "errors"]
    return dict(zip(kept, words, strict=True)) if len(words) == len(kept) else None


def _seconds(source: Source, number: int, cells: dict[str, str]) -> float | None:
    text = cells.get("seconds")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text):
        raise source.error(number, f"{text!r} is no time")
    return float(text)
