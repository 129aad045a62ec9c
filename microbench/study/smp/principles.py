"""What makes an OS scale, as switches: which operation loses its flat curve without which.

Knows: the principles described in the operation files. A principle taken out is a described
change of the operation, never a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import principles
from microbench.smp.runs import args_of
from microbench.study.smp.points import measured

COUNTS = (1, 2, 4, 6, 8, 12, 16)
FLAT = 1.25
"""A curve is flat while its slowdown stays at or below this."""
OPERATIONS = ("fault", "fstat", "thread")
ROWS = ("process", "none")


def principle_rows(
    system: str = "tornado",
    machine: str = "numachine",
    counts: Sequence[int] = COUNTS,
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """Slowdown at the most CPUs, and the first CPU count where the curve is no longer flat.

    Returns
    -------
    list of Row
        For every operation, row of the figure and principle (and none taken out): metrics
        "slowdown" at the largest count and "flat up to" [cpus].
    """
    where = load_machine(machine)
    rows: list[Row] = []
    for name in OPERATIONS:
        for without in ((), *((p,) for p in principles(name, system))):
            op = worked(name, system, where, without)
            for shared in ROWS:
                tick(f"{name} {shared} without {' '.join(without) or 'nothing'}")
                setup = Setup(shared=shared)
                cycles = [measured(op, where, n, setup).cycles for n in counts]
                slow = [c / cycles[0] for c in cycles]
                flat = max(n for n, s in zip(counts, slow, strict=True) if _flat(counts, slow, n))
                row = Row(
                    benchmark=f"smp_{name}",
                    args=args_of(counts[-1], setup, op),
                    machine=where.name,
                    system=system,
                    metric="slowdown",
                    unit="x",
                    better="smaller",
                    value=slow[-1],
                    machine_hash=f"{where.digest}-{op.digest}",
                )
                rows.append(row)
                rows.append(replace(row, metric="flat up to", unit="cpus", value=float(flat)))
    return rows


def _flat(counts: Sequence[int], slow: Sequence[float], n: int) -> bool:
    return all(s <= FLAT for c, s in zip(counts, slow, strict=True) if c <= n)


def changes(system: str = "tornado") -> str:
    """What each switch changes, in words."""
    return "\n".join(
        f"{name} --without {principle}: {why}"
        for name in OPERATIONS
        for principle, why in principles(name, system).items()
    )
