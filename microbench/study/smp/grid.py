"""Rows as a grid in 80 columns: a line a thing, a column a CPU count or a metric.

Knows: rows whose arguments hold `--cpus N`. Refuses to know: which study they come from.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence

from microbench.row import Row

WIDTH = 80
NARROWEST = 4


def by_cpus(rows: Sequence[Row], label: Callable[[Row], str], cell: Callable[[Row], str]) -> str:
    """A line a label, a column a CPU count; a heading wherever the counts change.

    Labels that several rows of one count share keep the last.
    """
    lines: dict[str, dict[str, str]] = {}
    for row in rows:
        lines.setdefault(label(row), {})[str(cpus_of(row))] = cell(row)
    return _drawn(lines)


def by_metric(rows: Sequence[Row], label: Callable[[Row], str], cell: Callable[[Row], str]) -> str:
    """A line a label, a column a metric, headed by the metric's first word."""
    lines: dict[str, dict[str, str]] = {}
    for row in rows:
        lines.setdefault(label(row), {})[row.metric.split()[0]] = cell(row)
    return _drawn(lines)


def _drawn(lines: Mapping[str, Mapping[str, str]]) -> str:
    wide = max(map(len, lines), default=0)
    drawn: list[str] = []
    heading: tuple[str, ...] = ()
    for key, cells in lines.items():
        if tuple(cells) != heading:
            heading = tuple(cells)
            room = (WIDTH - wide) // max(1, len(heading)) - 1
            need = max(len(x) for x in (*heading, *(c for d in lines.values() for c in d.values())))
            each = max(NARROWEST, min(room, need))
            drawn += [""] * bool(drawn) + [_line("", heading, wide, each)]
        drawn.append(_line(key, tuple(cells.values()), wide, each))
    return "\n".join(drawn)


def _line(key: str, cells: Sequence[str], wide: int, each: int) -> str:
    return f"{key:{wide}}" + "".join(f" {cell:>{each}}" for cell in cells)


def cpus_of(row: Row) -> int:
    """The CPU count in a row's arguments."""
    return int(row.args.split("--cpus ")[1].split()[0])


def without_cpus(row: Row) -> str:
    """A row's arguments without the CPU count."""
    return row.args.replace(f"--cpus {cpus_of(row)}", "").strip()


def error(row: Row) -> str:
    """A row's error in whole percent, with its sign."""
    return "" if row.error is None else f"{100 * row.error:+.0f}"


def number(row: Row) -> str:
    """A row's value in three digits."""
    return f"{row.value:.3g}" if abs(row.value) < 1000 else f"{row.value:.0f}"


def filled(text: str, indent: str = "") -> str:
    """Each line of a text broken at 80 columns, what goes on `indent`ed."""
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent=indent) for line in text.splitlines()
    )
