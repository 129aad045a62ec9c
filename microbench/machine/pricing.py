"""Price a trace on a machine: ticks by place and cause, and the counters behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from microbench.machine import conserve, engine
from microbench.machine.parameters import build, slots
from microbench.machine.room import check_room
from microbench.machine.spec import MachineSpec
from microbench.trace.recorder import Trace


@dataclass(frozen=True, eq=False)
class Ledger:
    """Where the time went.

    Attributes
    ----------
    ticks : numpy.ndarray
        int64 (places, causes), 1/100 cycle.
    counters : numpy.ndarray
        int64, in the order of `engine.COUNTERS`.
    places : tuple of str
    """

    ticks: np.ndarray
    counters: np.ndarray
    places: tuple[str, ...]

    @property
    def cycles(self) -> float:
        """Total [cycles]; every cycle has one place and one cause."""
        return float(self.ticks.sum()) / engine.TICKS

    def by_cause(self) -> dict[str, float]:
        """Cycles by hardware cause."""
        sums = self.ticks.sum(axis=0)
        return {name: float(sums[i]) / engine.TICKS for i, name in enumerate(engine.CAUSES)}

    def by_place(self) -> dict[str, float]:
        """Cycles by place in the software."""
        sums = self.ticks.sum(axis=1)
        return {name: float(sums[i]) / engine.TICKS for i, name in enumerate(self.places)}

    def count(self, name: str) -> int:
        """One counter, e.g. "i_misses"."""
        return int(self.counters[engine.COUNTERS.index(name)])

    def __add__(self, other: Ledger) -> Ledger:
        return Ledger(self.ticks + other.ticks, self.counters + other.counters, self.places)


def scale_of(given: Mapping[str, float], name: str) -> int:
    """Thousandths: of the class times of the path."""
    group = name.partition("/")[0]
    own = given.get(name, 1.0) if name != group else 1.0
    return round(1000 * given.get(group, 1.0) * own)


def factors_of(trace: Trace, scales: Mapping[str, float] | None) -> np.ndarray:
    """Thousandths of each scale class of a trace, int64."""
    return np.array([scale_of(scales or {}, name) for name in trace.scales], np.int64)


NO_EVENTS = np.zeros(0, np.int64)


class Pricer:
    """One machine replaying one trace, slice after slice, keeping its state between them.

    Parameters
    ----------
    scales : mapping of str to float
        Factor on the instruction cycles of templates of a scale class ("l4") or of one path
        in it ("l4/ipc_slow"); both apply, 1 where not named.

    Attributes
    ----------
    parameters, state : numpy.ndarray
        int64, see `microbench.machine.parameters.build`.
    events : numpy.ndarray
        int64: room for what takes time, kept if there is any; see `engine.retime`.
    """

    def __init__(
        self, spec: MachineSpec, trace: Trace, scales: Mapping[str, float] | None = None
    ) -> None:
        self.trace = trace
        self.parameters, self.state = build(spec, trace.pages)
        self._slots = slots(self.parameters, trace.pages).reshape(-1)
        self._refs = trace.packed
        self._scales = factors_of(trace, scales)
        check_room(spec, trace, self.parameters, self._scales)
        self._entry_space = np.zeros(self.parameters[engine.P_NENTRY], np.int64)
        self._entry_space[trace.pages[:, 5]] = trace.pages[:, 3]
        self._totals = np.zeros(len(engine.COUNTERS), np.int64)
        self.events = NO_EVENTS

    def run(self, first: int, last: int) -> Ledger:
        """Replay operations `first` to `last` (exclusive); the ledger of just these."""
        ticks = np.zeros((len(self.trace.places), engine.N_CAUSES), np.int64)
        counters = np.zeros(len(engine.COUNTERS), np.int64)
        t = self.trace
        before = int(self.state[engine.S_NOW])
        engine.replay(
            t.operations, first, last, self._refs, t.templates, t.frames, t.loops, self._slots,
            self._entry_space, self._scales, self.events, self.parameters, self.state,
            ticks.reshape(-1), counters,
        )  # fmt: skip
        spent = int(self.state[engine.S_NOW]) - before
        if spent != int(ticks.sum()):
            raise AssertionError(f"ledger {int(ticks.sum())} is not the time that passed {spent}")
        self._totals += counters
        if conserve.DEBUG:
            self.check(first, last, counters)
        return Ledger(ticks, counters, t.places)

    def check(self, first: int, last: int, counters: np.ndarray) -> None:
        """Check what must hold after a slice; see `microbench.machine.conserve`.

        Raises
        ------
        ConservationError
            If anything was lost or counted twice.
        """
        conserve.check_slice(self.trace, first, last, self.parameters, counters)
        conserve.check_state(self.parameters, self.state, self._totals)

    def iterations(self) -> list[Ledger]:
        """The ledger of each of `Trace.slices`: marked iterations, then what follows."""
        return [self.run(a, b) for a, b in self.trace.slices]
