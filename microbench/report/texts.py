"""Any table of `Column` as text: CSV and JSON with the cells as shown, Markdown, LaTeX."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from microbench.report.columns import Column
from microbench.report.export import latex, markdown, slug
from microbench.report.grids import Grid
from microbench.report.terminal import print_table


def table_text(
    columns: Sequence[Column], lines: Sequence[Any], title: str, legend: str, form: str
) -> str:
    """The table in one of the forms every command has.

    Raises
    ------
    ValueError
        If `form` is none.
    """
    titles = [column.in_print for column in columns]
    cells = [tuple(column.text(line) for column in columns) for line in lines]
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(titles)
        writer.writerows(cells)
        return out.getvalue()
    if form == "json":
        body = [dict(zip(titles, line, strict=True)) for line in cells]
        return json.dumps({"title": title, "rows": body, "note": legend}, indent=1) + "\n"
    grid = Grid(tuple(titles), cells, tuple(not column.left for column in columns), legend)
    if form == "markdown":
        return markdown(grid, title)
    if form == "latex":
        return latex(grid, title, slug(title))
    if form == "table":
        out = io.StringIO()
        print_table(columns, lines, title, legend, out)
        return out.getvalue()
    raise ValueError(f"unknown format {form!r}")
