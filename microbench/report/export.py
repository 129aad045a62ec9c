"""Rows in the forms papers want: tidy CSV, JSON, Markdown, LaTeX booktabs.

Knows forms only; what a table shows is decided in `grids`, how many digits in `decimals`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from microbench.report.grids import Grid, grid
from microbench.report.lmbench_text import FORMAT as LMBENCH
from microbench.report.lmbench_text import lmbench_text
from microbench.report.screens import blocks_of
from microbench.row import Row
from microbench.store.rows import csv_text, json_text

FORMATS = ("table", "csv", "json", "markdown", "latex")
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}


@dataclass(frozen=True)
class Frame:
    """What stands around the rows of a table, in every form.

    Attributes
    ----------
    title : str
        Heading, or caption.
    screen : str
        Of `microbench.report.screens`.
    machine : str
        What the one machine of the rows is called in a heading: changes, clock, calibrated.
    notes : tuple of str
        What must be known beside the values.
    label : str
        LaTeX label; made from the title if not given.
    """

    title: str = ""
    screen: str = "systems"
    machine: str = ""
    notes: tuple[str, ...] = ()
    label: str = ""


def formatted(
    rows: Sequence[Row],
    form: str,
    frame: Frame | None = None,
    provenance: Mapping[str, str] | None = None,
) -> str:
    """Rows as text in one of `FORMATS`.

    Parameters
    ----------
    rows : sequence of Row
    form : str
        "table" is what a pipe gets; "csv" and "json" are tidy, one entry per row.
    frame : Frame
        Its notes stand below a table, in print as on the screen, and in the header of CSV
        and JSON.
    provenance : mapping, optional
        Header of CSV (lines that start with #) and JSON.

    Raises
    ------
    ValueError
        If `form` is none of `FORMATS`, nor "lmbench".
    """
    frame = frame or Frame()
    about = {**(provenance or {}), **_noted(frame.notes)}
    if form == "csv":
        return csv_text(rows, about)
    if form == "json":
        return json_text(rows, about)
    if form == "table":
        from microbench.report.terminal import print_screen

        out = io.StringIO()
        print_screen(rows, frame.title, out, frame.screen, frame.machine, frame.notes)
        return out.getvalue()
    if form == LMBENCH:
        return lmbench_text(rows)
    if form not in FORMATS:
        raise ValueError(f"unknown format {form!r}")
    blocks = blocks_of(rows, frame.screen)
    grids = [grid(block, frame.machine, frame.notes) for block in blocks]
    titles = [": ".join(filter(None, (frame.title, block.heading))) for block in blocks]
    if form == "markdown":
        return "\n".join(map(markdown, grids, titles))
    labels = [frame.label or slug(title) for title in titles]
    labels = [f"{x}-{i}" if labels.index(x) != i else x for i, x in enumerate(labels)]
    return "\n".join(map(latex, grids, titles, labels))


def _noted(notes: Sequence[str]) -> dict[str, str]:
    return {f"note.{number}": text for number, text in enumerate(notes, 1)}


def markdown(table: Grid, title: str = "") -> str:
    """A GitHub-flavoured Markdown table under a bold title."""
    from tabulate import tabulate

    cells = [[_markdown_cell(cell) for cell in line] for line in table.cells]
    body = tabulate(cells, table.titles, "github", disable_numparse=True, colalign=_align(table))
    parts = (f"**{table.captioned(title)}**" if title else "", body, _markdown_cell(table.note))
    return "\n\n".join(part for part in parts if part) + "\n"


def latex(table: Grid, caption: str, label: str) -> str:
    r"""A complete `table*` environment for `\input`; needs the package booktabs.

    The role is shown by its mark only, to save width.
    """
    table = table.without("role") if any("error" in title for title in table.titles) else table
    lines = [_latex_line(cells) for cells in table.cells]
    note = [r"\par\smallskip " + latex_escape(table.note)] if table.note else []
    return "\n".join(
        [
            r"% \usepackage{booktabs} in the preamble, then \input this file",
            r"\begin{table*}",
            r"\centering\footnotesize\setlength{\tabcolsep}{4pt}",
            rf"\caption{{{latex_escape(table.captioned(caption))}}}",
            rf"\label{{tab:{slug(label)}}}",
            r"\makebox[\textwidth][c]{%",
            rf"\begin{{tabular}}{{@{{}}{''.join('lr'[n] for n in table.numeric)}@{{}}}}",
            r"\toprule",
            *_latex_head(table.titles),
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}}",
            *note,
            r"\end{table*}",
            "",
        ]
    )


def _latex_head(titles: Sequence[str]) -> list[str]:
    """One line, or two where neighbours share a first word: "published native"."""
    heads = [title.split(" ")[0] if " " in title else "" for title in titles]
    if not any(heads):
        return [_latex_line(titles)]
    above, rules, at = [], [], 1
    for head, group in groupby(heads):
        span = len(list(group))
        above.append(
            rf"\multicolumn{{{span}}}{{c}}{{{latex_escape(head)}}}" if head else "&" * (span - 1)
        )
        rules += [rf"\cmidrule(lr){{{at}-{at + span - 1}}}"] if head else []
        at += span
    below = [title.split(" ", 1)[-1] for title in titles]
    return [" & ".join(above) + r" \\", "".join(rules), _latex_line(below)]


def _latex_line(cells: Sequence[str]) -> str:
    return " & ".join(map(_latex_cell, cells)) + r" \\"


def _latex_cell(text: str) -> str:
    """A cell; the mark of a role is raised and takes no width, so that numbers align."""
    bare, mark = (text[:-1], text[-1]) if text.endswith(("%*", "%c")) else (text, "")
    return latex_escape(bare) + (rf"\rlap{{$^{{\mathrm{{{mark}}}}}$}}" if mark else "")


def latex_escape(text: str) -> str:
    """Text with every sign that LaTeX would interpret made literal."""
    escaped = "".join(_LATEX.get(sign, sign) for sign in text)
    minus = re.sub(r"(?<![\w-])-(?=\d)", "$-$", escaped)
    return re.sub(r"--+", lambda m: "{-}" * len(m[0]), minus).replace(r" \%", r"\,\%")


def slug(text: str) -> str:
    """Letters, digits and hyphens only, for labels and file names."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "mkbench"


def _align(table: Grid) -> list[str]:
    return ["right" if numeric else "left" for numeric in table.numeric]


def _markdown_cell(text: str) -> str:
    return re.sub(r"([|*_\\`<>])", r"\\\1", text)
