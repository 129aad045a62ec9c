"""A component that is killed again and again under a stream: what is left of the throughput."""

from __future__ import annotations

from microbench.servers.busy import FAULTS, Busy, Scene, busy

PLAIN_PIECES = 64
"""Over how much the undisturbed stream is watched: whole files."""
PHASES = 4
"""Where between two ticks of the manager's clock a kill falls: evenly, so often."""
BEFORE_TICKS = 2
"""How long before the timed kill another one makes it a later crash, for which policies wait."""


def plain_rate(scene: Scene) -> float:
    """Throughput of a stream without kills [bytes/ns]."""
    system = busy(scene)
    machine, start, first = system.machine, system.machine.now_ns, len(system.served)
    system.until(lambda: len(system.served) >= first + PLAIN_PIECES)
    return PLAIN_PIECES * system.piece / (machine.now_ns - start)


def killed_rate(scene: Scene, every_ns: int) -> float:
    """Throughput of a stream with a kill at every interval [bytes/ns].

    Of each interval one period is timed, from a kill to the next, behind one that came before.
    A killer's clock is not the manager's: the kills fall evenly between two ticks.
    """
    middles = [scene.policy.tick_ns * (2 * i + 1) // (2 * PHASES) for i in range(PHASES)]
    return sum(_period(scene, every_ns, phase) for phase in middles) / PHASES


def _period(scene: Scene, every_ns: int, phase_ns: int) -> float:
    """Throughput between two kills, the first of them so long after a tick."""
    system = busy(scene)
    tick = scene.policy.tick_ns
    before = min(every_ns, BEFORE_TICKS * tick)
    begin = system.machine.now_ns // tick * tick + tick + phase_ns
    _run(system, begin)
    _arm(system)
    _run(system, begin + before)
    _arm(system)
    return _rate(system, every_ns)


def _arm(system: Busy) -> None:
    """The component traps with its next step."""
    component = system.components[system.scene.component]
    system.machine.faults = {component.tid: FAULTS["exception"]}


def _rate(system: Busy, nanoseconds: int) -> float:
    """What is served in so long [bytes/ns]."""
    before, start = len(system.served), system.machine.now_ns
    _run(system, start + nanoseconds)
    return (len(system.served) - before) * system.piece / (system.machine.now_ns - start)


def _run(system: Busy, until_ns: int) -> None:
    while system.machine.now_ns < until_ns:
        system.machine.step()
