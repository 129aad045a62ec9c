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
    """Throughput from a kill on, so long after a tick: to the next kill, or the next tick."""
    system = busy(scene)
    machine, tick = system.machine, scene.policy.tick_ns
    _run(system, machine.now_ns // tick * tick + tick + phase_ns)
    _arm(system)
    _run(system, machine.now_ns + min(every_ns, BEFORE_TICKS * tick))
    start, before, periods = machine.now_ns, len(system.served), -(-tick // every_ns)
    for number in range(1, periods + 1):
        _arm(system)
        _run(system, start + number * every_ns)
    return (len(system.served) - before) * system.piece / (machine.now_ns - start)


def _arm(system: Busy) -> None:
    """The component traps with its next step; one that is dead already stays so."""
    component = system.components[system.scene.component]
    system.machine.faults = {component.tid: FAULTS["exception"]}


def _run(system: Busy, until_ns: int) -> None:
    while system.machine.now_ns < until_ns:
        system.machine.step()
