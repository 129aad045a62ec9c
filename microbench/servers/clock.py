"""How long a step of the functional clock is: what one costs the machine, on average.

The functional system orders events by a clock that has one length for every step. Where times
are read off that clock, the length is worked out first: a stretch of the same work is
recorded, priced, and held against the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from microbench.machine.retiming import price
from microbench.machine.spec import MachineSpec
from microbench.servers.costing import ServerCosts
from microbench.servers.machine import Machine

STRETCH = 2000
"""Steps of a system that runs as it will: some thirty requests of a stream."""
BEHIND = -1
"""Number of the marks around them, which are no steps of a recovery."""


def step_ns(
    start: Callable[[ServerCosts], Machine],
    spec: MachineSpec,
    scales: Mapping[str, float] | None,
    level: str = "value",
) -> int:
    """Length of a step [ns].

    Parameters
    ----------
    start : callable
        A fresh system that runs as it will, and tells the costs what it does.
    spec : MachineSpec
        At the same level.
    scales : mapping of str to float
        See `Pricer`.
    level : str
        End of the ranges of the servers' code.
    """
    costs = ServerCosts(level)
    machine = start(costs)
    costs.recorder.mark(BEHIND)
    begin, last, marks = machine.now_ns, machine.steps + STRETCH, len(machine.notes) + 1
    while machine.steps < last:
        machine.step()
    costs.recorder.mark(BEHIND)
    ledgers = price(spec, costs.recorder.finish(), scales)[marks:]
    priced_ns = sum(one.cycles for one in ledgers) * 1e9 / spec.value("core.clock_hz")
    return max(1, machine.step_ns + round((priced_ns - (machine.now_ns - begin)) / STRETCH))
