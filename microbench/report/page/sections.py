"""What stands on the page: the talk's tables with their reasons, then what else was asked.

Knows which studies a reader of the talk wants to see. Refuses to know: HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from microbench.report.page import draw
from microbench.report.page.model import Bar, Figure, Page, Section, Why
from microbench.report.page.sheets import paired_sheet, row_sheet
from microbench.report.pairs import PRINCIPAL, Pair, pair_rows
from microbench.row import Row
from microbench.run.explain import breakdown, difference
from microbench.store.provenance import provenance

QUESTION = (
    "A talk printed tables: Linux on the bare machine beside Linux as a server on the L4 "
    "microkernel. Some rows were 6 times slower on the microkernel, some 50 times faster. This "
    "page shows what a machine model makes of each row, how far it misses, and where the cycles "
    "went."
)
SAID = 3
"""Differences named below a row's bars."""


def reason(pair: Pair) -> Why | None:
    """Cycles of one hop by cause, system beside system; None where no Linux row ran."""
    systems = [s for s, row in pair.rows.items() if row.cycles]
    if not systems:
        return None
    causes = breakdown(pair.benchmark, pair.args, pair.machine, systems)
    bars = tuple(
        Bar(system, tuple((name, cycles) for name, cycles in found.items() if cycles >= 0.5))
        for system, found in causes.items()
    )
    return Why("Cycles of one hop or call, by cause.", bars, tuple(_said(causes)))


def _said(causes: Mapping[str, Mapping[str, float]]) -> list[str]:
    names = list(causes)
    if len(names) < 2:
        return []
    first, last = names[0], names[-1]
    gap = sum(causes[first].values()) - sum(causes[last].values())
    dearer = first if gap > 0 else last
    parts = [
        f"{name} {cycles if gap > 0 else -cycles:+,.0f}"
        for name, cycles in difference(causes[first], causes[last])[:SAID]
    ]
    return [f"{dearer} takes {abs(gap):,.0f} cycles more: {', '.join(parts)}."]


def talk_sections(tables: Mapping[str, Sequence[Row]]) -> list[Section]:
    """The published tables, row by row, and the ratios as a figure."""
    found = []
    everything = pair_rows([row for rows in tables.values() for row in rows])
    lines = [
        (pair.name, pair.ratio(), pair.published_ratio)
        for pair in everything
        if pair.ratio() and pair.metric in PRINCIPAL
    ]
    figure = Figure(
        draw.ratios(lines),
        "Speed of L4 relative to native for each row, modelled and published",
        "Speed of Linux on L4 relative to native Linux. Dot: modelled; diamond: published. "
        "Right of the line at 1 the microkernel system is faster.",
    )
    found.append(
        Section("ratios", "Which way each row goes", figures=[figure] if figure.svg else [])
    )
    for name, rows in tables.items():
        sheet = paired_sheet(f"{name}: modelled, range, published, error", rows, reason, MARKS)
        intro = "Open a row to see where its cycles went."
        found.append(Section(f"table-{name}", f"The talk: {name}", intro, [sheet]))
    return found


MARKS = (
    "error: value / published - 1. *: a number was calibrated on this value; c: it only checks "
    "user code; no mark: predicted. range: what the stated ranges of the guesses allow. "
    "lmbench-style and ReAIM-style programs of mkbench's own."
)


def plain_section(anchor: str, title: str, intro: str, rows: Iterable[Row]) -> Section:
    """Any tidy rows under a heading."""
    return Section(anchor, title, intro, [row_sheet(title, rows)])


def page_of(
    title: str, sections: Sequence[Section], rows: Iterable[Row], command: list[str]
) -> Page:
    """The page, with the provenance of its rows."""
    return Page(title, QUESTION, sections, provenance(rows, command))
