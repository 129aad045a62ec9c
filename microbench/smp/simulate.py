"""Run an operation on n CPUs and give throughput, slowdown and what it cost to find out.

Knows: how long to run, how to fit the local work to a one-CPU cost. Refuses to know: files,
tables and published values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from microbench.errors import UsageError
from microbench.smp import engine as e
from microbench.smp.build import Arrays, Setup, build, page
from microbench.smp.machine import SmpMachine
from microbench.smp.path import CLEAR, Operation

LEAST_OPERATIONS = 6000
ROOM = 2.0**62
LONGEST_WORK = 8
"""The longest of the equally likely multiples of local work."""
VISIT = 4
"""Costs one step may have at once: a move, a read, a sleep, an interrupt."""
PER_CPU = 12


@dataclass(frozen=True)
class Measured:
    """One simulated point.

    Attributes
    ----------
    cpus : int
    cycles : float
        Time of one operation as one CPU sees it, n / throughput [cycles].
    per_second : float
        Operations per second of all CPUs together.
    moves : float
        Line transfers per operation.
    steps : int
        Engine steps it took.
    busiest : tuple of (str, float)
        Object with the line that is busiest of those that CPUs share, and for what share of
        the time it is; no name where nothing is shared.
    spent : dict of str to float
        Object to the share of all CPUs' time that goes into getting at it: transfers, queues,
        waiting for its lock. The rest is local work. Largest first.
    middle : float
        Share of the time that the links between the machine's halves are busy.
    """

    cpus: int
    cycles: float
    per_second: float
    moves: float
    steps: int
    busiest: tuple[str, float]
    spent: dict[str, float] = field(default_factory=dict)
    middle: float = 0.0


def simulate(
    op: Operation, machine: SmpMachine, n: int, setup: Setup, operations: int | None = None
) -> Measured:
    """Throughput of n CPUs that all run `op` in a loop.

    Raises
    ------
    UsageError
        As `build`, or if nothing was completed (CPUs wait for each other for ever).
    """
    arrays = build(op, machine, n, setup)
    stop = operations or max(LEAST_OPERATIONS, PER_CPU * n)
    _check_room(arrays, machine, n, stop)
    warm = max(1, stop // 3)
    e.run(
        arrays.mach, arrays.cpu, arrays.line, arrays.slots, arrays.steps, arrays.quant,
        arrays.heap, arrays.out, warm, stop,
    )  # fmt: skip
    return _measured(arrays, machine, n, warm, op)


def _check_room(arrays: Arrays, machine: SmpMachine, n: int, stop: int) -> None:
    """Refuse a machine on which the run could take more cycles than an integer holds."""
    work = float(arrays.steps[:, 2].sum()) * LONGEST_WORK
    work *= max(1.0, machine.numbers["topology.smt_slowdown"].value)
    lines = max(1.0, float(arrays.steps[:, 3].max(initial=1)))
    dearest = max(machine.numbers, key=lambda key: _cycles(machine, key))
    visits = float(len(arrays.steps)) * n * lines * _cycles(machine, dearest) * VISIT
    if (work + visits) * stop >= ROOM:
        value = machine.numbers[dearest]
        raise UsageError(
            f"{machine.name}: {dearest} = {value.value:g} {value.unit}: "
            f"{stop} operations of {n} CPUs could take more than 2^62 cycles"
        )


def _cycles(machine: SmpMachine, key: str) -> float:
    number = machine.numbers[key]
    timed = number.unit in ("cycles", "ns", "us")
    return float(machine.cycles(number)) if timed else 0.0


def _measured(arrays: Arrays, machine: SmpMachine, n: int, warm: int, op: Operation) -> Measured:
    out = arrays.out
    done = int(out[e.O_OPS]) - warm
    elapsed = int(out[e.O_END] - out[e.O_START])
    if done <= 0 or elapsed <= 0:
        raise UsageError(f"{op.system} {op.operation}: the path never ends with {n} CPUs")
    return Measured(
        n,
        n * elapsed / done,
        done / machine.seconds(elapsed),
        float(out[e.O_MOVES]) / float(out[e.O_OPS]),
        int(out[e.O_STEPS]),
        _busiest(arrays, n),
        _spent(arrays, n),
        float(arrays.line[-1, e.L_BUSY]) / max(1.0, float(out[e.O_END])),
    )


def _busiest(arrays: Arrays, n: int) -> tuple[str, float]:
    line = arrays.line[:, e.L_BUSY].copy()
    users = np.zeros(len(line), np.int64)
    for slot in range(len(arrays.names)):
        own, count = np.unique(arrays.slots[:n, slot, e.S_LINE], return_counts=True)
        users[own] = np.maximum(users[own], count)
    line[users < 2] = 0
    top = int(line.argmax())
    if not line[top]:
        return "", 0.0
    where = (arrays.slots[:n, :, e.S_LINE] == top).any(axis=0)
    name = arrays.names[int(where.argmax())]
    return name, float(line[top]) / max(1.0, float(arrays.out[e.O_END]))


def _spent(arrays: Arrays, n: int) -> dict[str, float]:
    """Share of the CPUs' time by object, largest first; lines of one object are added up.

    Who waits when the run ends has waited, too: a lock that lets the running CPU pass has
    sleepers that none wakes in all of it.
    """
    total = max(1.0, float(arrays.out[e.O_END]) * n)
    found: dict[str, float] = {}
    for slot, name in enumerate(arrays.names):
        own = np.unique(arrays.slots[:n, slot, e.S_LINE])
        waited = sum(_still_waiting(arrays, int(line)) for line in own)
        share = (float(arrays.line[own, e.L_SPENT].sum()) + waited) / total
        if share > 0:
            found[name] = found.get(name, 0.0) + share
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _still_waiting(arrays: Arrays, line: int) -> int:
    """Cycles that CPUs in a line's queue have waited in it until the end."""
    end, found = int(arrays.out[e.O_END]), 0
    c = int(arrays.line[line, e.L_HEAD])
    for _ in range(int(arrays.line[line, e.L_WAITING])):
        found += max(0, end - int(arrays.cpu[c, e.C_SINCE]))
        c = int(arrays.cpu[c, e.C_NEXT])
    return found


def fitted(op: Operation, machine: SmpMachine, setup: Setup, one_cpu_cycles: float | None) -> Setup:
    """Scale the local work so that one CPU takes `one_cpu_cycles` per operation.

    Raises
    ------
    UsageError
        If the visits alone take longer than that.
    """
    if one_cpu_cycles is None:
        return setup
    plain = replace(setup, scale=1.0)
    work = local_work(op, machine.running(1))
    for _ in range(3):
        got = simulate(op, machine, 1, plain).cycles
        visits = got - work * plain.scale
        scale = (one_cpu_cycles - visits) / work
        if scale <= 0:
            raise UsageError(f"{op.system} {op.operation}: visits alone exceed the one-CPU cost")
        plain = replace(setup, scale=scale)
    return plain


def local_work(op: Operation, machine: SmpMachine) -> float:
    """Mean local work of one operation [cycles]."""
    total, factor = 0.0, [1.0]
    for word in op.path:
        first, _, rest = word.partition(" ")
        if first == "every":
            factor.append(factor[-1] / op.every[rest.removesuffix(":")].value)
        elif word == "end":
            factor.pop()
        elif word in op.parts:
            total += op.parts[word].value * factor[-1] / machine.boost
        elif word in CLEAR:
            total += page(machine, word)[0] * factor[-1]
        elif first == "call":
            total += op.parts[rest.split()[1]].value * factor[-1] / machine.boost
    return total


def series(op: Operation, machine: SmpMachine, cpus: list[int], setup: Setup) -> list[Measured]:
    """`simulate` for each CPU count."""
    return [simulate(op, machine, n, setup) for n in cpus]
