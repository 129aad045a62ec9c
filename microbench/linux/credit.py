"""Dynamic priority: how long a process slept of late, and what that makes of its priority.

The rules of the constant-time scheduler (Linux 2.6.12, kernel/sched.c: `recalc_task_prio`,
`effective_prio`, `schedule`, `wake_up_new_task`, `sched_exit`). On the ARM ports of the time its
clock counts ticks (arch/arm/kernel/time.c: the default `sched_clock`, which mach-pxa does not
replace): a sleep or a run that no tick fell into took no time. So what a tick strikes decides
who is better, and how long it is from tick to tick does not matter. Time slices are left out:
a process that expires is behind all others, where one without credit already is.
"""

from __future__ import annotations

from microbench.linux.process import Process

TICK = 10_000_000
"""Time between ticks [ns]: HZ is 100."""
LEVELS, SLICE = 10, 10 * TICK
FULL = LEVELS * SLICE
"""Most credit [ns]."""
LONG_SLEEP, IDLE_CREDIT = 79 * TICK, FULL - SLICE
"""Who sleeps longer than an interactive program needs gets this credit and no more."""
QUEUED = 38, 128
"""The share of a wait for the processor that counts as sleep: 30 %, as the kernel rounds it."""
CHILD_PERCENT = 95
EXIT_WEIGHT = 3


def level(process: Process) -> int:
    """How interactive a process is, 0 to 10."""
    return process.credit // TICK * LEVELS // (FULL // TICK)


def priority(process: Process) -> int:
    """Its static priority, better or worse by up to five."""
    return process.static_priority - (level(process) - LEVELS // 2)


def slept(process: Process, ticks: int, share: tuple[int, int] = (1, 1)) -> None:
    """Credit for a sleep of some ticks, more to those who have little; then the new priority."""
    asleep = min(ticks * TICK, FULL) * share[0] // share[1]
    if asleep > LONG_SLEEP:
        process.credit = IDLE_CREDIT
    else:
        process.credit = min(FULL, process.credit + asleep * ((LEVELS - level(process)) or 1))
    process.priority = priority(process)


def ran(process: Process, ticks: int) -> None:
    """Charge a run of some ticks, less to those who have much. The priority stays till it wakes."""
    process.credit = max(0, process.credit - min(ticks * TICK, FULL) // (level(process) or 1))


def forked(parent: Process, child: Process) -> None:
    """A child starts a level below its parent, at its parent's priority; both lose odd parts."""
    child.credit = level(parent) * CHILD_PERCENT // 100 * SLICE
    child.priority = parent.priority
    parent.credit = level(parent) * SLICE


def exited(child: Process, parent: Process) -> None:
    """A child that computed more than its parent costs it some credit."""
    if child.credit < parent.credit:
        parts = EXIT_WEIGHT + 1
        parent.credit = parent.credit // parts * EXIT_WEIGHT + child.credit // parts
