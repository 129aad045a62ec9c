"""One operation on many CPUs for people: a line per system and number of CPUs.

Knows the rows of `mkbench smp run`: slowdown, latency, throughput, line moves, and the object that
takes the time; and those of `smp sensitivity` and `smp fit`. Refuses to know widths, which
`terminal` fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from microbench.report.columns import Block, Column, error_style, error_text
from microbench.report.decimals import short
from microbench.row import Row
from microbench.smp.runs import beyond

Line = dict[str, Any]
LOSS = "slowdown with K42's loss"
LEGEND = (
    "slowdown: latency against one CPU's; with loss: and what K42 lost to its hardware; moves: of "
    "cache lines per operation; time at: the object that takes the largest share of the time."
)


def lines_of(rows: Iterable[Row]) -> list[Line]:
    """The rows of one system and call as one line."""
    found: dict[tuple[str, ...], Line] = {}
    for row in rows:
        key = (row.benchmark, row.args, row.machine, row.system)
        found.setdefault(key, {"first": row})[row.metric] = row
    return list(found.values())


def _cpus(line: Line) -> str:
    words: list[str] = line["first"].args.split()
    return words[words.index("--cpus") + 1]


def _value(metric: str) -> Any:
    def text(line: Line) -> str:
        row = line.get(metric)
        if row is None or not row.has_value:
            return ""
        n = int(_cpus(line))
        if not beyond(n, line["slowdown"].value):
            return short(row.value, 4)
        return f">{n}" if metric == "slowdown" else ""

    return text


def _cycles(line: Line) -> str:
    return str(line["first"].cycles) if _value("latency")(line) else ""


def _object(line: Line) -> str:
    """The object that takes the time, of a row that has a value."""
    first: Row = line["first"]
    return first.note.split("; ")[0].removesuffix(" of the time") if first.has_value else ""


def _remarks(rows: Iterable[Row]) -> list[str]:
    """What else rows say, each once."""
    found: dict[str, None] = {}
    for row in rows:
        if not row.has_value:
            found[f"empty: {row.note}."] = None
        elif "; " in row.note:
            system, text = row.system, row.note.split("; ", 1)[1]
            found[f"{system}, {row.args.split(' --shared')[0]}: {text}."] = None
    return list(found)


COLUMNS: Sequence[Column] = (
    Column("system", lambda x: x["first"].system, left=True),
    Column("CPUs", _cpus),
    Column("slowdown", _value("slowdown")),
    Column("with\nloss", _value(LOSS), drop=2),
    Column("latency\nus", _value("latency")),
    Column("through-\nput, 1/s", _value("throughput")),
    Column("moves", _value("line moves"), drop=1),
    Column("cycles", _cycles, drop=3, on_screen_only=True),
    Column("time at", _object, left=True, drop=4),
)


HANGS = "slowdown hangs on "
HANG_COLUMNS: Sequence[Column] = (
    Column("system", lambda r: r.system, left=True),
    Column("hangs on", lambda r: r.metric.removeprefix(HANGS), left=True),
    Column("elasticity", lambda r: f"{r.value:+.3f}"),
)
HANG_LEGEND = (
    "elasticity: relative change of the slowdown over that of the number; what is below 0.01 is "
    "not shown (a file has all)."
)


def hang_blocks(rows: Sequence[Row]) -> list[Block]:
    """A line for each number that the slowdown hangs on."""
    return [Block("", HANG_COLUMNS, list(rows), HANG_LEGEND)]


FIT_COLUMNS: Sequence[Column] = (
    Column("CPUs", lambda r: _cpus({"first": r})),
    Column("measured\n1/s", lambda r: short(r.published, 6)),
    Column("modelled\n1/s", lambda r: short(r.value, 6)),
    Column("error", lambda r: error_text(r.error, r.role), style=lambda r: error_style(r.error)),
)


def fit_blocks(rows: Sequence[Row]) -> list[Block]:
    """A line for each number of CPUs that somebody measured."""
    return [Block("", FIT_COLUMNS, list(rows))]


def many_blocks(rows: Sequence[Row]) -> list[Block]:
    """A line for each system and number of CPUs."""
    return [Block("", COLUMNS, lines_of(rows), " ".join([LEGEND, *_remarks(rows)]))]
