"""How much a slowdown hangs on each number: machine, locks' crowd costs excepted, and operation.

Knows: each number moved by a step, one at a time; elasticity is the relative change of the
slowdown over that of the number. Refuses to vary counts of CPUs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from microbench.quantity import Quantity
from microbench.row import Row
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine
from microbench.smp.operation import WHOLE, Operation
from microbench.smp.runs import args_of
from microbench.smp.settings import TABLES, WORK, with_number
from microbench.smp.simulate import simulate

OPERATIONS = 40_000
SHARES = ("line.served", "line.lost")
"""Numbers of a machine that are at most 1."""


def hang_rows(
    op: Operation,
    machine: SmpMachine,
    n: int,
    setup: Setup,
    step: float = 0.5,
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """Elasticity of the slowdown with n CPUs to each number, largest first."""
    base = _slowdown(op, machine, n, setup)
    rows = []
    for name, other_op, other_machine, factor in _variants(op, machine, 1 + step):
        tick(name)
        moved = _slowdown(other_op, other_machine, n, setup)
        by = math.log(moved / base) / math.log(factor)
        rows.append(_row(op, machine, n, setup, name, by))
    return sorted(rows, key=lambda r: -abs(r.value))


def _variants(
    op: Operation, machine: SmpMachine, factor: float
) -> Iterator[tuple[str, Operation, SmpMachine, float]]:
    """Each number, what has it moved, and by what: a share that may not grow so far shrinks."""
    for key, number in machine.numbers.items():
        if number.unit not in ("cpus", "Hz") and number.value > 0:
            by = 1 / factor if key in SHARES and number.value * factor > 1 else factor
            other = replace(number, value=number.value * by)
            yield key, op, replace(machine, numbers={**machine.numbers, key: other}), by
    for area in TABLES:
        for name, number in getattr(op, area).items():
            value = _grown(area, number, factor)
            other_op = with_number(op, area, name, replace(number, value=value))
            key = name if name == WORK else f"{area}.{name}"
            yield key, other_op, machine, value / number.value


def _grown(area: str, number: Quantity, factor: float) -> float:
    """The number times the factor; a count stays whole, and grows by one at least."""
    value = number.value * factor
    return max(float(round(value)), number.value + 1) if area in WHOLE else value


def _slowdown(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> float:
    """With the same work times whatever moved, and enough of them that chance stays below 1 %."""
    many, one = (simulate(op, machine, k, setup, OPERATIONS).cycles for k in (n, 1))
    return many / one


def _row(op: Operation, machine: SmpMachine, n: int, setup: Setup, name: str, value: float) -> Row:
    return Row(
        benchmark=f"smp_{op.operation}",
        args=args_of(n, setup, op),
        machine=machine.name,
        system=op.system,
        metric=f"slowdown hangs on {name}",
        unit="elasticity",
        better="smaller",
        value=value,
        machine_hash=f"{machine.digest}-{op.digest}",
    )
