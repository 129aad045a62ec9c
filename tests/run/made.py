"""Outcomes made by hand: a workload of parts with shares, and what each part cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.run.runner import Measured, Outcome, part_cycles
from microbench.run.setup import Setup
from microbench.workloads.base import Metric, Part
from tests.machine.toy import toy

MHZ = 100
SETUP = Setup(toy())
"""A machine of 100 MHz: 100 cycles are a microsecond."""


@dataclass
class Made:
    """A workload whose value is shares of its parts; the second metric, if any, is the last part.

    Attributes
    ----------
    shares : mapping of str to number
        Of each part, or of the ways of the only one.
    """

    shares: Mapping[str, float]
    name: str = "lat_x"
    args: str = "-n 1"
    ways: tuple[str, ...] = ()
    kind: str = "linux"
    counted: int = 1
    units: Mapping[str, str] = field(default_factory=dict)
    more: bool = False

    def parts(self) -> list[Part]:
        """One part for each share, or one for all ways."""
        if self.ways:
            return [Part("both", None, 0, self.counted, kind=self.kind, ways=self.ways)]
        return [
            Part(name, None, 0, self.counted, kind=self.kind, unit=self.units.get(name, ""))
            for name in self.shares
        ]

    def metrics(self, cycles: Mapping[str, Any], clock_hz: float) -> list[Metric]:
        """The value [us], and if wanted that of the last part alone."""
        total = sum(Fraction(share) * cycles[name] for name, share in self.shares.items())
        found = [Metric("latency", "us", "smaller", float(total) / clock_hz * 1e6, total)]  # type: ignore[arg-type]
        if self.more:
            last = cycles[list(self.shares)[-1]]
            found.append(Metric("overhead", "us", "smaller", float(last) / clock_hz * 1e6, last))
        return found


def ledger(places: Mapping[str, Mapping[str, float]], **counters: int) -> Ledger:
    """Cycles by place and hardware cause."""
    ticks = np.zeros((len(places), engine.N_CAUSES), np.int64)
    for row, amounts in zip(ticks, places.values(), strict=True):
        for cause, cycles in amounts.items():
            row[engine.CAUSES.index(cause)] = round(cycles * engine.TICKS)
    counted = np.zeros(len(engine.COUNTERS), np.int64)
    for name, n in counters.items():
        counted[engine.COUNTERS.index(name)] = n
    return Ledger(ticks, counted, tuple(places))


def user(**causes: float) -> Ledger:
    """All in user code."""
    return ledger({"user": causes})


def outcome(
    workload: Made,
    system: str,
    parts: Mapping[str, Ledger],
    spreads: Mapping[str, float] | None = None,
) -> Outcome:
    """What a run of the workload would give."""
    measured = {
        name: Measured(found, workload.counted, (spreads or {}).get(name, 0.0))
        for name, found in parts.items()
    }
    cycles = part_cycles(workload, measured)
    return Outcome(workload, system, workload.metrics(cycles, MHZ * 1e6), measured)
