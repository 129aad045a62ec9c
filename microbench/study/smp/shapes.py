"""What a curve of rates over CPUs does: onset, level at the end, direction.

Refuses to know: where a curve comes from. A peak on a plateau is chance and is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FALLS = 0.75
GROWS = 1 / 3
HALF = 0.5


@dataclass(frozen=True)
class Shape:
    """What a curve does.

    Attributes
    ----------
    onset : float
        CPUs at which a CPU first does only half of what it does alone, interpolated.
    end : float
        Rate with most CPUs.
    direction : str
        "scales" (ends with at least a third of linear), "saturates" or "falls" (ends a
        quarter or more below the highest).
    """

    onset: float
    end: float
    direction: str


def shape(cpus: Sequence[int], rates: Sequence[float]) -> Shape:
    """Onset, end and direction of rates over CPU counts, from one CPU."""
    if rates[-1] >= GROWS * rates[0] * cpus[-1]:
        direction = "scales"
    else:
        direction = "falls" if rates[-1] < FALLS * max(rates) else "saturates"
    return Shape(_onset(cpus, rates), rates[-1], direction)


def _onset(cpus: Sequence[int], rates: Sequence[float]) -> float:
    each = [rate / n / rates[0] for n, rate in zip(cpus, rates, strict=True)]
    for i in range(1, len(cpus)):
        if each[i] < HALF <= each[i - 1]:
            part = (each[i - 1] - HALF) / (each[i - 1] - each[i])
            return cpus[i - 1] + part * (cpus[i] - cpus[i - 1])
    return float(cpus[-1])
