"""Whether the classification hangs on estimates: every number at both ends of its range.

Knows: the stated low and high of a machine's numbers. Refuses to vary operations and numbers
without a range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.simulate import simulate

OPERATIONS = ("fault", "fstat", "thread")
SHARINGS = ("process", "none")
SYSTEMS = ("tornado", "unix-1999", "linux-2.2", "big-lock")


def range_rows(
    machine: str = "numachine",
    systems: Sequence[str] = SYSTEMS,
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """Slowdown with all CPUs: as described, and least and most over the ranges.

    Each number with a range is set to its low and its high end, one at a time.
    """
    base = load_machine(machine)
    ends = [
        f"{key}={end:.12g}"
        for key, number in base.numbers.items()
        if number.low < number.high
        for end in (number.low, number.high)
    ]
    variants = [load_machine(machine, [setting]) for setting in ends]
    rows: list[Row] = []
    for name in OPERATIONS:
        for shared in SHARINGS:
            for system in systems:
                tick(f"{name} {shared} {system}")
                rows += _rows(name, shared, system, base, variants)
    return rows


def _rows(
    name: str, shared: str, system: str, base: SmpMachine, variants: Sequence[SmpMachine]
) -> list[Row]:
    op = worked(name, system, base)
    n = base.count("topology.cpus")
    setup = Setup(shared=shared)

    def slowdown(machine: SmpMachine) -> float:
        return simulate(op, machine, n, setup).cycles / simulate(op, machine, 1, setup).cycles

    found = [slowdown(machine) for machine in variants]
    own = slowdown(base)
    values = {
        "slowdown": own,
        "least over ranges": min([own, *found]),
        "most over ranges": max([own, *found]),
    }
    return [
        Row(
            benchmark=f"smp_{name}",
            args=f"--cpus {n} --shared {shared}",
            machine=base.name,
            system=system,
            metric=metric,
            unit="x",
            better="smaller",
            value=value,
            machine_hash=f"{base.digest}-{op.digest}",
        )
        for metric, value in values.items()
    ]
