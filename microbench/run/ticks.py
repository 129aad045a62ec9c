"""Timer interrupts in a run: how much of the time they take.

Knows: a period of the timer holds one tick. A tick costs its own path, in the caches that an
iteration leaves, and what the next iteration takes longer for it. Refuses to know: what a
tick does.

A trace ends with the tick, priced twice with an iteration between (`Trace.slices`): the first
finds nothing of its own in the caches, the second what a running system leaves of it. Then n
ticks strike B busy cycles that last B + n T, one each period P: n = B / (P - T). Ticks that
strike an idle processor delay nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from microbench.errors import UsageError
from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.systems.base_memory import arch
from microbench.trace.recorder import TICK

WITH_LOSS = 4
REFILLS = (engine.I_REFILL, engine.D_REFILL, engine.WALK)


def interrupted(kept: Sequence[Ledger], after: Sequence[Ledger], clock_hz: float) -> Ledger:
    """The sum of counted iterations with the ticks that strike them, in a place of their own.

    Parameters
    ----------
    kept : sequence of Ledger
        The counted iterations.
    after : sequence of Ledger
        Tick, perhaps an iteration, tick, perhaps an iteration.
    clock_hz : float
        [Hz]

    Raises
    ------
    UsageError
        If a tick lasts longer than the timer's period.
    """
    cost = cost_of(kept, after)
    period = clock_hz / arch()["tick_hz"] * engine.TICKS
    took = float(cost.sum())
    if took >= period:
        raise UsageError(f"at {clock_hz / 1e6:g} MHz the timer's ticks take all the time")
    total = together(kept)
    busy = float(total.ticks.sum() - total.ticks[:, engine.IDLE].sum())
    ticks = total.ticks.copy()
    ticks[total.places.index(TICK)] += np.rint(cost * (busy / (period - took))).astype(np.int64)
    return replace(total, ticks=ticks)


def together(kept: Sequence[Ledger]) -> Ledger:
    """The sum of counted iterations."""
    total = kept[0]
    for ledger in kept[1:]:
        total = total + ledger
    return total


def cost_of(kept: Sequence[Ledger], after: Sequence[Ledger]) -> np.ndarray:
    """What one tick takes, by cause [1/100 cycle]: its path, and the next iteration's loss.

    A loss is what the next iteration takes beyond the slowest counted one, since iterations of a
    row that never repeats differ; and at most what the tick itself took to refill, since a line
    it fills displaces one.
    """
    second = after[min(2, len(after) - 1)].ticks.sum(axis=0).astype(float)
    if len(after) < WITH_LOSS:
        return second
    slowest = max(kept, key=lambda ledger: ledger.cycles)
    lost = after[-1].ticks.sum(axis=0) - slowest.ticks.sum(axis=0)
    if lost.sum() <= 0:
        return second
    refilled = second[list(REFILLS)].sum()
    return np.asarray(second + lost * min(1.0, refilled / lost.sum()))
