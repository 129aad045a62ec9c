"""What the tables in a terminal show: headings, cells, and what goes first when it is narrow.

Knows rows, pairs and changes. Refuses to know widths and colours as bytes: a style is a
word, and repeats what a sign in the cell already says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microbench.report.decimals import percent, printed, short
from microbench.report.pairs import Pair
from microbench.row import Row
from microbench.store.compare import Match

MARKS = {"calibrate": "*", "check": "c"}
ROW_LEGEND = "* calibrated on this value, c only checks user code; no mark = predicted."
PAIR_LEGEND = (
    "ratio: speed of l4 relative to native, above 1 = l4 faster. "
    "error: modelled / published - 1. " + ROW_LEGEND
)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
    text : callable
        Line to cell.
    drop : int
        0: never dropped; else the larger, the sooner.
    left : bool
        Aligned left.
    stack : bool
        Whether the first blank may become a line break when the terminal is narrow.
    style : callable
        Line to a style word, "" for none.
    """

    title: str
    text: Callable[[Any], str]
    drop: int = 0
    left: bool = False
    stack: bool = False
    style: Callable[[Any], str] = lambda line: ""

    def stacked(self) -> Column:
        """The same column in its narrow form: one break, after the first word."""
        if not self.stack:
            return self
        return replace(self, text=lambda line: self.text(line).replace(" ", "\n", 1))

    def width(self, lines: Sequence[Any]) -> int:
        """Characters the widest line of a cell needs."""
        cells = [self.title, *(self.text(line) for line in lines)]
        return max(len(part) for cell in cells for part in cell.split("\n"))


def error_text(share: float | None, role: str) -> str:
    """A relative error with the mark of its role."""
    return "" if share is None else percent(share) + MARKS.get(role, " ")


def _error_style(share: float | None) -> str:
    return "yellow" if share is not None and abs(share) > 0.25 else ""


def _ratio_style(pair: Pair) -> str:
    ratio = pair.ratio()
    if ratio is None or 0.985 < ratio < 1.015:
        return ""
    return "green" if ratio > 1 else "red"


def _ratio_error(pair: Pair) -> str:
    ratio, published = pair.ratio(), pair.published_ratio
    return percent(ratio / published - 1) if ratio and published else ""


def roles(pair: Pair) -> str:
    """The role of a pair's published values; both if they differ."""
    both = [pair.role(system) for system in ("native", "l4")]
    return " / ".join(dict.fromkeys(role for role in both if role))


def range_text(row: Row | None) -> str:
    """Low and high of a row, "" where they are not known or are the value itself."""
    if row is None or row.low is None or row.high is None or row.low == row.high:
        return ""
    return f"{short(row.low, 3)}-{short(row.high, 3)}"


PAIR_COLUMNS = (
    Column("benchmark", lambda p: p.name, left=True, stack=True),
    Column("machine", lambda p: p.machine, drop=9, left=True),
    Column("unit", lambda p: p.unit, drop=2, left=True),
    Column("native", lambda p: short(p.value("native"))),
    Column("native\n-fass", lambda p: short(p.value("native-fass")), drop=9),
    Column("l4", lambda p: short(p.value("l4"))),
    Column("ratio", lambda p: short(p.ratio(), 3), style=_ratio_style),
    Column("range\nnative", lambda p: range_text(p.rows.get("native")), drop=7),
    Column("range\nl4", lambda p: range_text(p.rows.get("l4")), drop=5),
    Column("publ.\nnative", lambda p: printed(p.published("native")), drop=4),
    Column("publ.\nl4", lambda p: printed(p.published("l4")), drop=3),
    Column("publ.\nratio", lambda p: printed(p.published_ratio)),
    Column(
        "error\nnative",
        lambda p: error_text(p.error("native"), p.role("native")),
        style=lambda p: _error_style(p.error("native")),
    ),
    Column(
        "error\nl4",
        lambda p: error_text(p.error("l4"), p.role("l4")),
        style=lambda p: _error_style(p.error("l4")),
    ),
    Column("error\nratio", _ratio_error, drop=6),
    Column("role", roles, drop=8, left=True),
)


def _name(row: Row) -> str:
    return f"{row.benchmark} {row.args}".strip()


ROW_COLUMNS = (
    Column("benchmark", _name, left=True, stack=True),
    Column("machine", lambda r: r.machine, drop=3, left=True),
    Column("system", lambda r: r.system, left=True),
    Column("metric", lambda r: r.metric.replace("_", " "), drop=5, left=True),
    Column("value", lambda r: short(r.value)),
    Column("range", range_text, drop=1),
    Column("unit", lambda r: r.unit, left=True),
    Column("cycles", lambda r: "" if r.cycles is None else str(r.cycles), drop=2),
    Column("published", lambda r: printed(r.published)),
    Column("error", lambda r: error_text(r.error, r.role), style=lambda r: _error_style(r.error)),
    Column("role", lambda r: r.role, drop=4, left=True),
)


def change_text(match: Match) -> str:
    """The relative change as signed per cent; fine enough to show that it is not zero."""
    if match.change == 0:
        return "none"
    if math.isinf(match.change):
        return "from 0"
    text = percent(match.change)
    return text if float(text.split()[0]) else f"{100 * match.change:+.1e} %"


CHANGE_COLUMNS = (
    Column("benchmark", lambda m: _name(m.new), left=True, stack=True),
    Column("machine", lambda m: m.machine, drop=3, left=True),
    Column("system", lambda m: m.new.system, left=True),
    Column("metric", lambda m: m.new.metric.replace("_", " "), drop=4, left=True),
    Column("old", lambda m: short(m.old.value)),
    Column("new", lambda m: short(m.new.value)),
    Column("unit", lambda m: m.new.unit, left=True),
    Column("cycles\nold", lambda m: "" if m.old.cycles is None else str(m.old.cycles), drop=2),
    Column("cycles\nnew", lambda m: "" if m.new.cycles is None else str(m.new.cycles), drop=1),
    Column("change", change_text),
    Column("allowed", lambda m: "exact" if m.tolerance is None else f"{100 * m.tolerance:g} %"),
    Column(
        "verdict",
        lambda m: m.verdict.upper() if m.differs else m.verdict,
        left=True,
        style=lambda m: {"worse": "red", "better": "green"}.get(m.verdict, ""),
    ),
)
