"""Blocks of measurements to one value with its doubts: median, spread, interval over passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 500
SEED = 14
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """One quantity.

    Attributes
    ----------
    median, mad : float
        Middle of all blocks, and the median distance from it [unit of the blocks].
    low, high : float
        95 % interval of the median, passes drawn with replacement.
    blocks, dropped : int
        Blocks kept, and those dropped because the process was interrupted during them.
    """

    median: float
    mad: float
    low: float
    high: float
    blocks: int
    dropped: int


def estimate(passes: Sequence[Sequence[float]], dropped: int = 0) -> Estimate:
    """Median over all blocks of all passes; the interval is over passes, not blocks.

    The level moves between passes for longer than a pass takes, so an interval within one would
    be too narrow. Draws are seeded: the same blocks give the same interval.

    Raises
    ------
    ValueError
        If there is no block.
    """
    kept = [np.asarray(values, float) for values in passes if len(values)]
    if not kept:
        raise ValueError("no block was measured")
    every = np.concatenate(kept)
    middle = float(np.median(every))
    middles = np.array([np.median(values) for values in kept])
    drawn = np.random.default_rng(SEED).integers(0, len(kept), (DRAWS, len(kept)))
    medians = np.median(middles[drawn], axis=1)
    edge = (1 - LEVEL) / 2
    low, high = np.quantile(medians, [edge, 1 - edge])
    return Estimate(
        median=middle,
        mad=float(np.median(np.abs(every - middle))),
        low=min(float(low), middle),
        high=max(float(high), middle),
        blocks=len(every),
        dropped=dropped,
    )
