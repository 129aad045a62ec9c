"""Tables for people: fitted to the terminal, whole when piped.

Knows rich and the width. In a terminal columns are stacked or dropped until the table
fits, and a line says which; a cell is never cut. What is shown stands in `columns`.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from microbench.report.columns import (
    CHANGE_COLUMNS,
    PAIR_COLUMNS,
    PAIR_LEGEND,
    ROW_COLUMNS,
    ROW_LEGEND,
    Column,
)
from microbench.report.pairs import pair_rows
from microbench.row import Row
from microbench.store.compare import Match

UNCUT = 100_000
WIDE_GAP = 2


class Paper(Console):
    """A console that lets the command say how it ends when its reader went away."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console_for(file: TextIO | None = None) -> Console:
    """A console as wide as the terminal, or unlimited when the output is not one."""
    out = file or sys.stdout
    terminal = out.isatty()
    colour: Any = "auto" if terminal and not os.environ.get("NO_COLOR") else None
    width = None if terminal else UNCUT
    return Paper(file=out, width=width, highlight=False, color_system=colour)


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
    legend = ROW_LEGEND if any(line.role not in ("", "measured") for line in lines) else ""
    print_table(ROW_COLUMNS, lines, title, legend, file)


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
    legend = PAIR_LEGEND if any(pair.ratio() for pair in pairs) else ROW_LEGEND
    print_table(PAIR_COLUMNS, pairs, title, legend, file)


def print_changes(matches: Iterable[Match], title: str = "", file: TextIO | None = None) -> None:
    """Print matched rows of two results: old, new, change, what is allowed, the verdict."""
    print_table(CHANGE_COLUMNS, list(matches), title, "", file)


def rendered(show: Callable[..., None], lines: Iterable[Any], title: str = "") -> str:
    """What one of the functions above would print into a file, as text."""
    out = io.StringIO()
    show(lines, title, out)
    return out.getvalue()


def print_table(
    columns: Sequence[Column],
    lines: Sequence[Any],
    title: str = "",
    legend: str = "",
    file: TextIO | None = None,
) -> None:
    """Print any table of `Column`; empty columns are left out.

    Parameters
    ----------
    columns : sequence of Column
    lines : sequence
        What the columns are asked for; a shared `machine` goes into the title.
    title, legend : str
        Above and below.
    file : text stream, optional
        Standard output if not given.
    """
    console = console_for(file)
    columns = [c for c in columns if any(c.text(line) for line in lines)]
    machines = {getattr(line, "machine", "") for line in lines}
    if len(machines) == 1 and any(machines):
        columns = [column for column in columns if column.title != "machine"]
        title = f"{title} (machine {machines.pop()})".strip()
    if title:
        console.print(Text(title, style="bold"))
    if not lines:
        console.print("(no rows)")
        return
    _print_fitted(console, columns, lines)
    if legend:
        console.print(Text(legend))


def _print_fitted(console: Console, columns: Sequence[Column], lines: Sequence[Any]) -> None:
    kept, dropped, gap = _fitting(columns, lines, console.width)
    width = max(console.width, _needs(kept, lines, gap))
    console.print(_table(kept, lines, gap), width=width, crop=False)
    if dropped:
        names = ", ".join(column.title.replace("\n", " ") for column in dropped)
        console.print(f"not shown at this width: {names} (a pipe or --format csv has all)")


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
        table.add_row(*(Text(c.text(line), style=c.style(line)) for c in columns))
    return table
