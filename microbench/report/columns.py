"""Columns: heading and cell once, for the terminal and for print, and what goes when it is narrow.

Knows rows and changes. Refuses to know widths and colours as bytes: a style is a word, and
repeats what a sign in the cell already says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microbench.report.decimals import percent, printed, short
from microbench.row import Row
from microbench.store.compare import Match

MARKS = {"calibrate": "*", "check": "c"}
MARK_WORDS = {"calibrate": "* calibrated on this value", "check": "c only checks user code"}
BELOW = "below"
BELOW_LEGEND = (
    "below: no larger than what the overhead that is taken off varies by; it is no result."
)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
        May be broken over two lines.
    text : callable
        Line to cell, the same text in the terminal and in print.
    drop : int
        0: never dropped; else the larger, the sooner.
    left : bool
        Aligned left.
    stack : bool
        Whether the first blank may become a line break when the terminal is narrow.
    style : callable
        Line to a style word, "" for none.
    heading : str
        In print; the title in one line if not given.
    on_screen_only : bool
        Left out in print.
    narrow : callable or None
        Line to cell where the terminal is narrow: what other columns say on lines of its own.
    folded : bool
        Whether another column's narrow cell says it, so that it goes there.
    """

    title: str
    text: Callable[[Any], str]
    drop: int = 0
    left: bool = False
    stack: bool = False
    style: Callable[[Any], str] = lambda line: ""
    heading: str = ""
    on_screen_only: bool = False
    narrow: Callable[[Any], str] | None = None
    folded: bool = False

    @property
    def in_print(self) -> str:
        """Its heading in one line."""
        return self.heading or self.title.replace("\n", " ")

    def stacked(self) -> Column:
        """The same column in its narrow form: its own, or one break, after the first word."""
        if self.narrow is not None:
            return replace(self, text=self.narrow)
        if not self.stack:
            return self
        return replace(self, text=lambda line: self.text(line).replace(" ", "\n", 1))

    def width(self, lines: Sequence[Any]) -> int:
        """Characters the widest line of a cell needs."""
        cells = [self.title, *(self.text(line) for line in lines)]
        return max(len(part) for cell in cells for part in cell.split("\n"))


@dataclass(frozen=True)
class Block:
    """One table of a screen.

    Attributes
    ----------
    heading : str
        "" for a screen of one block.
    columns : sequence of Column
    lines : sequence
        What the columns are asked for.
    legend : str
        Below it.
    """

    heading: str
    columns: Sequence[Column]
    lines: Sequence[Any]
    legend: str = ""


def machine_in(lines: Sequence[Any]) -> str:
    """The machine that all lines share, "" if they have none or several."""
    found = {_machine_of(line) for line in lines}
    return found.pop() if len(found) == 1 else ""


def _machine_of(line: Any) -> str:
    """Of a row, of what holds one, or of what holds one for each metric."""
    if isinstance(line, dict):
        line = next(iter(line.values()))
    found: str = getattr(getattr(line, "row", line), "machine", "")
    return found


def error_text(share: float | None, role: str) -> str:
    """A relative error with the mark of its role."""
    return "" if share is None else percent(share) + MARKS.get(role, " ")


def error_style(share: float | None) -> str:
    """A colour for an error that is large."""
    return "yellow" if share is not None and abs(share) > 0.25 else ""


def value_text(row: Row | None) -> str:
    """A row's value, or that it is no result; "" where there is no row or no value."""
    if row is None or not row.has_value:
        return ""
    return short(row.value) if row.is_result else BELOW


def count_text(row: Row | None) -> str:
    """The same, but what was counted and has no range as the whole number it is."""
    counted = row is not None and row.is_result and row.low is None and row.value.is_integer()
    return f"{row.value:.0f}" if row is not None and counted else value_text(row)


def range_text(row: Row | None) -> str:
    """Low and high of a row, "" where they are not known or are the value itself."""
    if row is None or row.low is None or row.high is None or row.low == row.high:
        return ""
    return f"{short(row.low, 3)}-{short(row.high, 3)}"


def legend(rows: Sequence[Row], first: str = "") -> str:
    """What explains the marks that occur."""
    words = [first] if first else []
    roles = {row.role for row in rows}
    marks = [text for role, text in MARK_WORDS.items() if role in roles]
    if marks:
        words.append(f"{', '.join(marks)}; no mark = predicted.")
    if any(row.has_value and not row.is_result for row in rows):
        words.append(BELOW_LEGEND)
    words += dict.fromkeys(f"empty: {row.note}." for row in rows if not row.has_value)
    return " ".join(words)


def _name(row: Row) -> str:
    return f"{row.benchmark} {row.args}".strip()


ROW_COLUMNS = (
    Column("benchmark", _name, left=True, stack=True),
    Column("machine", lambda r: r.machine, drop=3, left=True),
    Column("system", lambda r: r.system, left=True),
    Column("metric", lambda r: r.metric.replace("_", " "), drop=5, left=True),
    Column("value", value_text),
    Column("range", range_text, drop=1),
    Column("unit", lambda r: r.unit, left=True),
    Column(
        "cycles", lambda r: "" if r.cycles is None else str(r.cycles), drop=2, on_screen_only=True
    ),
    Column("published", lambda r: printed(r.published)),
    Column("error", lambda r: error_text(r.error, r.role), style=lambda r: error_style(r.error)),
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
