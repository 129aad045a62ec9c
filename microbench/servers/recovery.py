"""One component dies once: the steps of its recovery, run and recorded one by one."""

from __future__ import annotations

from dataclasses import dataclass

from microbench.servers.busy import Scene, busy
from microbench.servers.costing import ServerCosts
from microbench.trace import Trace


@dataclass(frozen=True)
class Recovery:
    """What was recorded.

    Attributes
    ----------
    trace : Trace
        Each step ends with a mark that has its number in `costing.STEPS`.
    first : int
        Which mark is the fault.
    steps : list of str
        The steps behind it, in order.
    errors, replayed : int
        Calls that failed; requests that were made again.
    clients_alive : int
    """

    trace: Trace
    first: int
    steps: list[str]
    errors: int
    replayed: int
    clients_alive: int


def recover(scene: Scene, fault: str, deaths: int = 0, rest_ns: int = 0) -> Recovery:
    """Let a component die and record how it comes back.

    Parameters
    ----------
    deaths : int
        How often it died before.
    rest_ns : int
        How long its client rests before that: where the fault falls between two ticks [ns].

    Raises
    ------
    UsageError
        If it does not come back.
    """
    costs = ServerCosts(scene.level)
    system = busy(scene, costs)
    for _ in range(deaths):
        system.kill("exit")
    system.rest(rest_ns)
    machine = system.machine
    first, failed = len(machine.notes), len(system.errors)
    system.kill(fault)
    machine.note("retry")
    steps = [name for name, _ in machine.notes[first:]]
    again = sum(name == "rebind" for name in steps)
    alive = [c for c in system.components.values() if not c.watched and machine.alive(c.tid)]
    errors = len(system.errors) - failed
    return Recovery(costs.recorder.finish(), first, steps, errors, again, len(alive))
