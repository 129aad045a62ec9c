"""Columns for sides of a comparison, as benchstat prints them, and for measured beside modelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from microbench.report.columns import Column
from microbench.report.decimals import percent, short
from microbench.report.pairs import row_name
from microbench.store.across import Line, means

if TYPE_CHECKING:
    from microbench.study.beside import Beside


def _name(line: Line) -> str:
    row = line.first
    return row_name(row.benchmark, row.args, row.metric)


def side_columns(labels: Sequence[str], systems: bool = False) -> list[Column]:
    """A value for each side, and its change against the first."""

    def value(side: int) -> Callable[[Line], str]:
        def cell(line: Line) -> str:
            row = line.rows[side]
            return "" if row is None else short(row.value)

        return cell

    def change(side: int) -> Callable[[Line], str]:
        def cell(line: Line) -> str:
            found = line.change(side)
            if found is None:
                return ""
            return "~" if line.unclear(side) or abs(found) < 5e-5 else percent(found)

        return cell

    columns = [Column("benchmark", _name, left=True, stack=True)]
    if systems:
        columns.append(Column("system", lambda line: line.first.system, left=True))
    columns.append(Column("unit", lambda line: line.first.unit, left=True))
    for side, label in enumerate(labels):
        columns.append(Column(label, value(side)))
        if side:
            columns.append(Column(f"vs\n{labels[0]}", change(side)))
    return columns


def mean_text(lines: Iterable[Line], labels: Sequence[str]) -> str:
    """Geometric means against the first side, times and inverse rates together."""
    found = means(lines, len(labels))
    said = [
        f"{label} {percent(mean - 1)}"
        for label, mean in zip(labels[1:], found[1:], strict=True)
        if mean is not None
    ]
    return f"geometric mean of times against {labels[0]}: {', '.join(said)}" if said else ""


def _range(one: Beside) -> str:
    row = one.modelled
    if row is None or row.low is None or row.high is None:
        return ""
    return f"{short(row.low, 3)}-{short(row.high, 3)}"


BESIDE_COLUMNS = (
    Column(
        "benchmark",
        lambda b: row_name(b.measured.benchmark, b.measured.args, b.measured.metric),
        left=True,
        stack=True,
    ),
    Column("unit", lambda b: b.measured.unit, left=True),
    Column("measured", lambda b: short(b.measured.value)),
    Column("modelled", lambda b: "" if b.modelled is None else short(b.modelled.value)),
    Column("low-high", _range, drop=2),
    Column("error", lambda b: percent(b.error)),
    Column("measured is", lambda b: b.place, left=True, drop=3),
)
BESIDE_LEGEND = "error: modelled / measured - 1; measured is inside, below or above low-high."

FINDING_COLUMNS = (
    Column("cause", lambda f: f.cause, left=True),
    Column("verdict", lambda f: f.verdict, left=True),
    Column("explains", lambda f: f"{100 * f.explained:.0f} %"),
    Column("on", lambda f: f.side if f.explained > 0 else "", left=True, drop=1),
    Column("factor", lambda f: short(f.strength, 2) if f.explained > 0 else "", drop=3),
    Column("speaks most against it", lambda f: f.against, left=True, drop=2),
)
FINDING_LEGEND = (
    "explains: share of the differences that is gone with the cause alone, at the strength "
    "that fits best; below 10 % it cannot."
)
