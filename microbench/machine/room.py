"""Whether what a trace may cost on a machine has room in the engine's integers.

The engine counts ticks in 64 bits and does not look at them while it runs. So the product of
all there is to do and all it can cost is bounded here, before, in floating point.
"""

from __future__ import annotations

import numpy as np

from microbench.errors import InputError
from microbench.machine import engine as e
from microbench.machine.parameters import SCALARS, TIMES
from microbench.machine.spec import MachineSpec
from microbench.trace.recorder import Trace

ROOM = 2.0**62
AT_ONCE = 16
"""How often one step may cost the same thing: write-backs of victims, words of a walk."""


def check_room(spec: MachineSpec, trace: Trace, parameters: np.ndarray, scales: np.ndarray) -> None:
    """Refuse a machine on which the trace could cost more ticks than an integer holds.

    Parameters
    ----------
    parameters : numpy.ndarray
        As `build` gives them.
    scales : numpy.ndarray
        Factors on instructions [1/1000].

    Raises
    ------
    InputError
        Naming the dearest key, its value and the limit.
    """
    work, thousandths = trace.work, float(scales.max(initial=1000))
    if work.waits * float(parameters[e.P_HZ]) / 1000 >= ROOM:
        raise _refused(spec, "core.clock_hz", work.waits, "ns of waiting")
    times = [scalar for scalar in SCALARS if scalar.convert in TIMES]
    costs = {scalar.key: float(parameters[scalar.code]) for scalar in times}
    every = sum(costs.values()) + sum(
        float(parameters[e.P_CACHES + i * e.N_CACHE_FIELDS + e.K_HIT]) for i in range(4)
    )
    lines = sum(
        float(parameters[at] * parameters[at + 1])
        for at in (e.P_CACHES, e.P_CACHES + e.N_CACHE_FIELDS)
    )
    steps = work.steps + work.flushes * lines
    bound = (steps * AT_ONCE + work.counted * thousandths) * every
    if bound >= ROOM:
        raise _refused(spec, max(costs, key=costs.__getitem__), steps + work.counted, "steps")


_PARTS = {"fill", "read", "row", "write", "part"}


def _refused(spec: MachineSpec, key: str, count: float, what: str) -> InputError:
    if key in _PARTS:
        key = "sdram.overhead_clocks" if spec.has("sdram.clock_hz") else "memory.latency_ns"
    number = spec.numbers.get(key)
    file = spec.file if number is None or not number.source.startswith("--") else number.source
    value = None if number is None else number.value
    return InputError(file, key, value, f"with {count:.3g} {what} more than 2^62 ticks")
