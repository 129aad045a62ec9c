"""The universal scalability law: what a fit of a few points says without any mechanism.

Knows: N. Gunther's formula, throughput(n) = rate n / (1 + s (n - 1) + k n (n - 1)), and its
least squares with s and k not negative. Refuses to know: why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from microbench.errors import UsageError


@dataclass(frozen=True)
class Usl:
    """A fitted law.

    Attributes
    ----------
    rate : float
        Throughput of one CPU.
    serial, crosstalk : float
        Its s and k, dimensionless.
    """

    rate: float
    serial: float
    crosstalk: float

    def __call__(self, n: float) -> float:
        """Throughput with n CPUs."""
        return self.rate * n / (1 + self.serial * (n - 1) + self.crosstalk * n * (n - 1))

    @property
    def best(self) -> float:
        """CPUs at which throughput is highest; infinite where it never falls."""
        if self.crosstalk <= NOTHING:
            return float("inf")
        return float(np.sqrt(max(0.0, 1 - self.serial) / self.crosstalk))


NOTHING = 1e-12
"""Crosstalk that is the rounding of a fit."""


def usl_fit(cpus: Sequence[int], rates: Sequence[float]) -> Usl:
    """Fit the law to points; the rate of one CPU is the first point's.

    Raises
    ------
    UsageError
        If there are fewer than three points, or the first is not of one CPU.
    """
    if len(cpus) < 3 or cpus[0] != 1:
        raise UsageError("a scalability law needs three points, the first with 1 CPU")
    n = np.array(cpus[1:], float)
    target = rates[0] * n / np.array(rates[1:], float) - 1
    terms = np.stack([n - 1, n * (n - 1)])
    serial, crosstalk = np.linalg.lstsq(terms.T, target, rcond=None)[0]
    if crosstalk < 0:
        serial, crosstalk = _alone(terms[0], target), 0.0
    elif serial < 0:
        serial, crosstalk = 0.0, _alone(terms[1], target)
    return Usl(float(rates[0]), float(serial), float(crosstalk))


def _alone(term: np.ndarray, target: np.ndarray) -> float:
    return max(0.0, float(term @ target) / float(term @ term))
