"""Series measured in a way that their source leaves open, as they come out in the other way.

Knows: in which order CPUs may have joined. Refuses to choose: the validation keeps the way that
the series names first, however the other fits.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from microbench.reference.series import Series, load_series
from microbench.study.smp.predict import predicted


@dataclass(frozen=True)
class Otherwise:
    """One series in both orders.

    Attributes
    ----------
    series : Series
    errors, others : tuple of float
        Of each point, as named and in the other order.
    """

    series: Series
    errors: tuple[float, ...]
    others: tuple[float, ...]


def otherwise() -> list[Otherwise]:
    """Every series whose order is open."""
    return [
        Otherwise(one, _errors(one), _errors(replace(one, order=one.or_order)))
        for one in load_series()
        if one.or_order
    ]


def _errors(series: Series) -> tuple[float, ...]:
    values = predicted(series).engine
    return tuple(value / there - 1 for value, there in zip(values, series.values, strict=True))


def said(found: Sequence[Otherwise]) -> list[str]:
    """A line a series."""
    return [
        f"order not known: {x.series.name}: median error {_median(x.errors):.0%} with CPUs in the "
        f'order "{x.series.order}", {_median(x.others):.0%} with "{x.series.or_order}" '
        f"({', '.join(f'{100 * e:+.0f}' for e in x.others)})"
        for x in found
    ]


def _median(errors: Sequence[float]) -> float:
    return statistics.median(abs(error) for error in errors)
