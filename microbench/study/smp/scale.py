"""Thousands of CPUs: who is flat, and for which sharing.

Knows: every system of the three operations on one large machine, threads of one process and
separate processes. "Flat" means at most `FLAT` times the time of one CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import system_names
from microbench.smp.runs import WAITERS_MEASURED, beyond
from microbench.smp.simulate import Measured
from microbench.study.smp.grid import filled
from microbench.study.smp.points import curve_rows, flat_to, measured
from microbench.study.smp.principles import FLAT

COUNTS = (1, 16, 128, 1024, 4096)
OPERATIONS = ("fault", "fstat", "thread")
SYSTEMS = ("tornado", "linux-2.2", "linux-2.6.10", "linux-5.8", "linux-6.4", "big-lock")
LEAST_SHARE = 0.05
SHARED = {"none": "processes", "process": "threads", "region": "one region"}


def scale_rows(
    machine: str = "numa4096",
    counts: Sequence[int] = COUNTS,
    tick: Callable[[str], None] = lambda label: None,
) -> tuple[list[Row], str]:
    """Rows of every curve, and a table of how far each is flat."""
    where = load_machine(machine)
    rows: list[Row] = []
    lines = [
        where.title,
        f"{'':26}{'flat to':>8}{'best':>6}{'at':>5}{f'at {counts[-1]}':>12}  time at {counts[-1]}",
    ]
    for operation in OPERATIONS:
        lines += ["", operation]
        for system in (s for s in SYSTEMS if s in system_names(operation)):
            for shared, words in SHARED.items():
                if shared == "region" and operation != "fault":
                    continue
                tick(f"{operation} {system} {shared}")
                op, setup = worked(operation, system, where), Setup(shared=shared)
                points = {n: measured(op, where, n, setup) for n in counts}
                rows += curve_rows(op, where, points, setup)
                lines.append(_line(system, words, points))
    return rows, "\n".join([*lines, "", filled(NOTE + FAR * any("below 1" in x for x in lines))])


NOTE = (
    f"flat to: most CPUs, of those tried, with at most {FLAT} times the time of one; best: most "
    "that all together do, against one, and with how many CPUs"
)
FAR = (
    "; below 1 CPU: all do less than one alone, how much less is no value: polled locks were "
    f"measured to {WAITERS_MEASURED} waiters"
)


def _line(system: str, words: str, points: dict[int, Measured]) -> str:
    last = max(points)
    name, share = next(iter(points[last].spent.items()), ("", 0.0))
    why = f"{name} {min(share, 1.0):.0%}" if share >= LEAST_SHARE else ""
    slow = points[last].cycles / points[1].cycles
    value = "below 1 CPU" if beyond(last, slow) else f"{slow:.1f}x"
    speed = {n: n * points[1].cycles / got.cycles for n, got in points.items()}
    best = max(speed, key=lambda n: speed[n])
    most = f"{speed[best]:.0f}" if speed[best] >= 100 else f"{speed[best]:.1f}"
    line = f"  {system:13}{words:11}{flat_to(points, FLAT):>8}{most:>6}{best:>5}{value:>12}  {why}"
    return line.rstrip()
