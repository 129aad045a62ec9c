"""Which of two models is nearer to published points that neither has seen.

Knows: the rows of the validation. One median over all points hides long series of small errors
behind short ones of large errors, so points, series and means are counted, too. Refuses to
judge promises.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from microbench.row import Row

Errors = Mapping[tuple[str, str], float]
"""By arguments and system, the error of a point."""


@dataclass(frozen=True)
class Nearer:
    """One model against another at the points both predict.

    Attributes
    ----------
    points, series : int
        How many there are.
    points_won, series_won : int
        Where the first is nearer; of a series by the median of its points.
    mean, other_mean : float
        Mean error of each.
    """

    points: int
    points_won: int
    series: int
    series_won: int
    mean: float
    other_mean: float


def nearer(ours: Errors, theirs: Errors) -> Nearer:
    """The first model against the second at the second's points."""
    pairs = {key: (abs(ours[key]), abs(error)) for key, error in theirs.items()}
    names = dict.fromkeys(args.partition(" ")[0] for args, _ in pairs)
    medians = [
        [
            statistics.median(pair[k] for (args, _), pair in pairs.items() if _of(args, name))
            for k in (0, 1)
        ]
        for name in names
    ]
    return Nearer(
        len(pairs),
        sum(a < b for a, b in pairs.values()),
        len(medians),
        sum(a < b for a, b in medians),
        statistics.mean(a for a, _ in pairs.values()),
        statistics.mean(b for _, b in pairs.values()),
    )


def _of(args: str, name: str) -> bool:
    return args.partition(" ")[0] == name


def errors_of(rows: Sequence[Row], wanted: Callable[[Row], bool]) -> Errors:
    """The errors of the rows that are wanted."""
    return {(r.args, r.system): r.error or 0.0 for r in rows if wanted(r)}


def said(one: Nearer, name: str, other: str) -> str:
    """In words."""
    return (
        f"At the {one.points} points the fit has not seen {name} is nearer than {other} at "
        f"{one.points_won}, in {one.series_won} of {one.series} series; mean error "
        f"{one.mean:.0%} against {one.other_mean:.0%}."
    )
