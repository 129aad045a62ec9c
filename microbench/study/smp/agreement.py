"""Engine and closed queue side by side, where both apply.

Knows: operations with one dominant station and no lock inside a lock. Refuses to judge where
waiting order or distance decides, such as queued locks that settle into an order by socket.
"""

from __future__ import annotations

from collections.abc import Callable

from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.queue import queue_cycles
from microbench.smp.simulate import simulate

CASES = (
    ("anonfault", "linux-5.8", "icelake128", "region", (1, 2, 4, 8, 16, 32, 64)),
    ("anonfault", "linux-6.15", "icelake128", "region", (1, 2, 4, 8, 16, 32, 64)),
    ("fstat", "linux-2.4", "numachine", "process", (1, 4, 8, 16)),
    ("fstat", "big-lock", "numachine", "none", (1, 4, 8, 16)),
    ("fault", "tornado", "numachine", "process", (1, 2, 4, 8, 16)),
    ("call", "remote-one", "numa4096", "none", (1, 2, 4, 8, 16, 64)),
    ("call", "remote-4", "numa4096", "none", (1, 2, 4, 8, 16, 64)),
)


def agreement_rows(tick: Callable[[str], None] = lambda label: None) -> list[Row]:
    """Time of one operation by the engine, with the closed queue's error beside it [cycles]."""
    rows = []
    for name, system, machine, shared, counts in CASES:
        where, setup = load_machine(machine), Setup(shared=shared)
        op = worked(name, system, where)
        for n in counts:
            tick(f"{name} {system} {n} CPUs")
            engine = simulate(op, where, n, setup).cycles
            queue = queue_cycles(op, where, n, setup)
            rows.append(
                Row(
                    benchmark=f"smp_{name}",
                    args=f"--cpus {n} --shared {shared}",
                    machine=machine,
                    system=system,
                    metric="closed queue",
                    unit="cycles",
                    better="smaller",
                    value=queue,
                    cycles=round(engine),
                    published=engine,
                    published_source="the engine, not a publication",
                    error=queue / engine - 1,
                    role="check",
                    machine_hash=f"{where.digest}-{op.digest}",
                )
            )
    return rows
