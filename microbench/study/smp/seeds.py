"""Rows of several seeds as one row each: the median, with least and most as its range.

Knows: that a run's rows come in the same order whatever its seed. Refuses to know: what a seed
changes (the order in which CPUs come and how long their work takes).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace

from microbench.row import Row

SEEDS = (1, 2, 3)
APART = 1.25
"""Seeds that differ by more than this are said to disagree."""


def over_seeds(make: Callable[[int], Sequence[Row]], seeds: Sequence[int] = SEEDS) -> list[Row]:
    """For each row that `make` gives with a seed, the one of the median seed, with the spread."""
    return [_middle(rows) for rows in zip(*(make(seed) for seed in seeds), strict=True)]


def _middle(rows: Sequence[Row]) -> Row:
    values = [row.value for row in rows]
    if any(value != value for value in values):
        return rows[0]
    middle = statistics.median_low(values)
    row = next(row for row in rows if row.value == middle)
    return replace(row, low=min(values), high=max(values))


def disagree(row: Row) -> bool:
    """Whether the seeds of a row differ by more than `APART`."""
    return bool(row.low and row.high and row.high > APART * row.low)


def warnings(rows: Sequence[Row], metric: str = "slowdown") -> list[str]:
    """A line for each row of a metric whose seeds disagree."""
    return [
        f"seeds disagree: {r.system} {r.benchmark} {r.args}: {r.low:.3g} to {r.high:.3g} {r.unit}"
        for r in rows
        if r.metric == metric and disagree(r)
    ]
