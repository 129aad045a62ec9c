"""Tables for people: fitted to the terminal, whole when piped.

Knows rich and the width. In a terminal columns are stacked or dropped until the table
fits, and a line says which; a cell is never cut. Colour repeats what a sign already says.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from microbench.bench.results import Row
from microbench.report.decimals import percent, printed, short
from microbench.report.pairs import Pair, pair_rows

MARKS = {"calibrate": "*", "check": "c"}
LEGEND = (
    "ratio: speed of l4 relative to native, above 1 = l4 faster. "
    "error: modelled / published - 1. "
    "* calibrated on this value, c only checks user code; no mark = predicted."
)
UNCUT = 100_000
WIDE_GAP = 2


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
        Whether blanks may become line breaks when the terminal is narrow.
    """

    title: str
    text: Callable[..., Text | str]
    drop: int = 0
    left: bool = False
    stack: bool = False

    def stacked(self) -> Column:
        """The same column in its narrow form: one break, after the first word."""
        if not self.stack:
            return self
        return replace(self, text=lambda line: str(self.text(line)).replace(" ", "\n", 1))

    def width(self, lines: Sequence[object]) -> int:
        """Characters the widest line of a cell needs."""
        cells = [self.title, *(str(self.text(line)) for line in lines)]
        return max(cell_len(part) for cell in cells for part in cell.split("\n"))


def console_for(file: TextIO | None = None) -> Console:
    """A console as wide as the terminal, or unlimited when the output is not one."""
    out = file or sys.stdout
    terminal = out.isatty()
    colour: Any = "auto" if terminal and not os.environ.get("NO_COLOR") else None
    width = None if terminal else UNCUT
    return Console(file=out, width=width, highlight=False, color_system=colour)


def print_rows(rows: Iterable[Row], title: str = "", file: TextIO | None = None) -> None:
    """Print tidy rows, one line each.

    Parameters
    ----------
    rows : iterable of Row
    title : str
        A heading above the table.
    file : text stream, optional
        Standard output if not given.
    """
    lines = list(rows)
    columns = [c for c in ROW_COLUMNS if any(str(c.text(line)) for line in lines)]
    marked = any(line.role in MARKS for line in lines)
    _print(columns, lines, title, ROW_LEGEND if marked else "", console_for(file))


def print_comparison(rows: Iterable[Row], title: str = "", file: TextIO | None = None) -> None:
    """Print rows of native and l4 side by side, with published values, ratios and errors.

    Parameters
    ----------
    rows : iterable of Row
        Rows already annotated with what is published.
    title : str
        A heading above the table, e.g. "lmbench-style, context table".
    file : text stream, optional
        Standard output if not given.
    """
    pairs = pair_rows(rows)
    columns = [c for c in PAIR_COLUMNS if any(str(c.text(pair)) for pair in pairs)]
    _print(columns, pairs, title, LEGEND, console_for(file))


def rendered(show: Callable[..., None], rows: Iterable[Row], title: str = "") -> str:
    """What `print_rows` or `print_comparison` would print into a file, as text."""
    out = io.StringIO()
    show(rows, title, out)
    return out.getvalue()


def _print(
    columns: Sequence[Column], lines: Sequence[Any], title: str, legend: str, console: Console
) -> None:
    machines = {line.machine for line in lines}
    if len(machines) == 1:
        columns = [column for column in columns if column.title != "machine"]
        title = f"{title} (machine {machines.pop()})".strip()
    console.print(Text(title, style="bold"))
    if not lines:
        console.print("(no rows)")
        return
    kept, dropped, gap = _fitting(columns, lines, console.width)
    width = max(console.width, _needs(kept, lines, gap))
    console.print(_table(kept, lines, gap), width=width, crop=False)
    if dropped:
        names = ", ".join(column.title.replace("\n", " ") for column in dropped)
        console.print(f"not shown at this width: {names} (a pipe or --format csv has all)")
    if legend:
        console.print(Text(legend))


def _fitting(
    columns: Sequence[Column], lines: Sequence[Any], width: int
) -> tuple[list[Column], list[Column], int]:
    """Stack, then drop columns, highest `drop` first, until the rest fits uncut."""
    kept, dropped = list(columns), []
    if _needs(kept, lines, WIDE_GAP) <= width:
        return kept, [], WIDE_GAP
    kept = [column.stacked() for column in kept]
    for candidate in sorted((c for c in kept if c.drop), key=lambda c: -c.drop):
        if _needs(kept, lines, 1) <= width:
            break
        kept.remove(candidate)
        dropped.append(candidate)
    return kept, dropped, 1


def _needs(columns: Sequence[Column], lines: Sequence[Any], gap: int) -> int:
    return sum(column.width(lines) + gap for column in columns)


def _table(columns: Sequence[Column], lines: Sequence[Any], gap: int) -> Table:
    padding = (0, gap - 1, 0, 0)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=padding, show_edge=False)
    for column in columns:
        justify: Any = "left" if column.left else "right"
        width = column.width(lines)
        table.add_column(column.title, justify=justify, no_wrap=True, min_width=width)
    for line in lines:
        table.add_row(*(column.text(line) for column in columns))
    return table


def _ratio(value: float | None) -> Text:
    style = "" if value is None or 0.985 < value < 1.015 else "green" if value > 1 else "red"
    return Text(short(value, 3), style=style)


def _error(share: float | None, role: str) -> Text:
    mark = MARKS.get(role, "")
    bold = "" if share is None or abs(share) <= 0.25 else "yellow"
    return Text(f"{percent(share)}{mark or ' '}" if share is not None else "", style=bold)


def _roles(pair: Pair) -> str:
    roles = {system: pair.role(system) for system in ("native", "l4") if pair.role(system)}
    if len(set(roles.values())) == 1:
        return next(iter(roles.values()))
    return " / ".join(roles.values())


def _ratio_error(pair: Pair) -> str:
    ratio, published = pair.ratio(), pair.published_ratio
    return percent(ratio / published - 1) if ratio and published else ""


def _machine(line: Row | Pair) -> str:
    return line.machine


PAIR_COLUMNS = (
    Column("benchmark", lambda p: p.name, left=True, stack=True),
    Column("machine", _machine, drop=9, left=True),
    Column("unit", lambda p: p.unit, drop=2, left=True),
    Column("native", lambda p: short(p.value("native"))),
    Column("native\n-fass", lambda p: short(p.value("native-fass")), drop=9),
    Column("l4", lambda p: short(p.value("l4"))),
    Column("ratio", lambda p: _ratio(p.ratio())),
    Column("publ.\nnative", lambda p: printed(p.published("native")), drop=4),
    Column("publ.\nl4", lambda p: printed(p.published("l4")), drop=3),
    Column("publ.\nratio", lambda p: printed(p.published_ratio)),
    Column("error\nnative", lambda p: _error(p.error("native"), p.role("native"))),
    Column("error\nl4", lambda p: _error(p.error("l4"), p.role("l4"))),
    Column("error\nratio", _ratio_error, drop=6),
    Column("role", _roles, drop=8, left=True),
)

ROW_LEGEND = "* calibrated on this value, c only checks user code; no mark = predicted."

ROW_COLUMNS = (
    Column("benchmark", lambda r: f"{r.benchmark} {r.args}".strip(), left=True, stack=True),
    Column("machine", _machine, drop=3, left=True),
    Column("system", lambda r: r.system, left=True),
    Column("metric", lambda r: r.metric.replace("_", " "), drop=5, left=True),
    Column("value", lambda r: short(r.value)),
    Column("unit", lambda r: r.unit, left=True),
    Column("cycles", lambda r: "" if r.cycles is None else str(r.cycles), drop=2),
    Column("published", lambda r: printed(r.published)),
    Column("error", lambda r: _error(r.error, r.role)),
    Column("role", lambda r: r.role, drop=4, left=True),
)
