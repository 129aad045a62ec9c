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
    Column,
    machine_in,
)
from microbench.report.screens import blocks_of
from microbench.row import Row
from microbench.store.compare import Match

UNCUT = 100_000
FOLDED = "second line: the range; in brackets: published."
WIDE_GAP = 2
LEGEND_WIDTH = 80
"""Sentences below a table are wrapped, also where a pipe gets the table whole [characters]."""


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
    plain: Any = {"highlight": False, "markup": False, "emoji": False}
    return Paper(file=out, width=width, color_system=colour, **plain)


def print_screen(
    rows: Sequence[Row],
    title: str = "",
    file: TextIO | None = None,
    screen: str = "systems",
    machine: str = "",
    notes: Sequence[str] = (),
) -> None:
    """Print rows as a screen of `microbench.report.screens` shows them.

    Parameters
    ----------
    rows : sequence of Row
        Annotated with what is published.
    title : str
        A heading above the first table.
    file : text stream, optional
        Standard output if not given.
    screen : str
    machine : str
        What the one machine is called above the table; its name in the rows if not given.
    notes : sequence of str
        Lines below the last table.
    """
    blocks = blocks_of(rows, screen)
    if not blocks:
        print_table((), [], title, "", file)
    for block in blocks:
        heading = ": ".join(text for text in (title, block.heading) if text)
        print_table(block.columns, block.lines, heading, block.legend, file, machine)
    for text in notes:
        console_for(file).print(Text(text))


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
    machine: str = "",
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
    machine : str
        What to call the machine that all lines share.
    """
    console = console_for(file)
    columns = [c for c in columns if any(c.text(line) for line in lines)]
    shared = machine_in(lines)
    if shared:
        columns = [column for column in columns if column.title != "machine"]
        title = f"{title} ({machine or f'machine {shared}'})".strip()
    if title:
        console.print(Text(title, style="bold"))
    if not lines:
        console.print("(no rows)")
        return
    _print_fitted(console, columns, lines)
    if legend:
        console.print(Text(legend), width=min(console.width, LEGEND_WIDTH))


def _print_fitted(console: Console, columns: Sequence[Column], lines: Sequence[Any]) -> None:
    kept, dropped, gap = _fitting(columns, lines, console.width)
    own, console.width = console.width, max(console.width, _needs(kept, lines, gap))
    console.print(_table(kept, lines, gap), crop=False)  # uncut, even where it is too wide
    console.width = own
    if any(column.narrow for column in kept) and gap < WIDE_GAP:
        console.print(FOLDED)
    if dropped:
        names = ", ".join(column.title.replace("\n", " ") for column in dropped)
        console.print(f"not shown at this width: {names} (a pipe or --format csv has all)")


def _fitting(
    columns: Sequence[Column], lines: Sequence[Any], width: int
) -> tuple[list[Column], list[Column], int]:
    """Stack, then drop columns, highest `drop` first, until the rest fits uncut.

    A column that alone tells two lines apart stays, however narrow it is.
    """
    kept, dropped = list(columns), []
    if _needs(kept, lines, WIDE_GAP) <= width:
        return kept, [], WIDE_GAP
    kept = [column.stacked() for column in kept if not column.folded]
    for candidate in sorted((c for c in kept if c.drop), key=lambda c: -c.drop):
        if _needs(kept, lines, 1) <= width:
            break
        if _names(kept, lines) != _names([c for c in kept if c is not candidate], lines):
            continue
        kept.remove(candidate)
        dropped.append(candidate)
    return kept, dropped, 1


def _names(columns: Sequence[Column], lines: Sequence[Any]) -> int:
    """How many lines differ in what stands in words: the columns set flush left."""
    return len({tuple(c.text(line) for c in columns if c.left) for line in lines})


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
