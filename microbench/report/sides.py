"""Rows of several machines or systems as sides of one table, where every line has two of them."""

from __future__ import annotations

from collections.abc import Sequence

from microbench.report.side_columns import mean_text, side_columns
from microbench.report.terminal import print_table
from microbench.row import Row
from microbench.store.across import Line, across

PAIR = {"native", "l4"}
"""Two systems that have a table of their own, with what is published beside them."""


def sides_of(rows: Sequence[Row]) -> tuple[list[str], list[Line]] | None:
    """Labels and lines; None where rows are of one machine and system, or do not match up."""
    for field in ("machine", "system"):
        names = list(dict.fromkeys(getattr(row, field) for row in rows))
        published = any(row.published is not None for row in rows)
        if len(names) < 2 or (field == "system" and (published or set(names) >= PAIR)):
            continue
        sides = [[row for row in rows if getattr(row, field) == name] for name in names]
        lines = across(sides, strict=False)
        if lines and sum(len(line.there) for line in lines) == len(rows):
            return names, lines
    return None


def print_sides(labels: Sequence[str], lines: Sequence[Line], title: str = "") -> None:
    """Print them, each with its change against the first."""
    systems = len({row.system for line in lines for row in line.there}) > len(labels)
    several = len({line.first.system for line in lines}) > 1
    columns = side_columns(labels, systems or several)
    print_table(columns, lines, title, mean_text(lines, labels))
