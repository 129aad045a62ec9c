"""A big kernel lock with user work between calls: up to how many cores does a workload scale?

Knows: one operation of a big-lock system, user work as a knob. Refuses to say what a workload
does in user mode: that is the reader's number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.settings import with_work
from microbench.smp.simulate import Measured
from microbench.study.smp.grid import filled
from microbench.study.smp.points import curve, curve_rows

COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
WORKS = (0, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
SYSTEM, OPERATION = "big-lock", "fstat"
GOOD = 0.8


def users_rows(
    machine: str = "icelake128",
    counts: Sequence[int] = COUNTS,
    tick: Callable[[str], None] = lambda label: None,
) -> tuple[list[Row], str]:
    """For each amount of user work a curve, and cores up to which it pays."""
    where, setup = load_machine(machine), Setup(shared="none")
    rows: list[Row] = []
    kernel = 0.0
    lines = [
        f"{SYSTEM}, {OPERATION} on {where.name}: separate processes, one kernel lock",
        f"{'user work':>10}{'in kernel':>11}{f'cores to {GOOD:.0%}':>15}{'most':>9}"
        f"{'at cores':>10}",
    ]
    for work in WORKS:
        tick(f"work {work}")
        op = with_work(worked(OPERATION, SYSTEM, where), work)
        points = curve(op, where, counts, setup)
        rows += curve_rows(op, where, points, setup)
        kernel = kernel or points[1].cycles
        lines.append(_line(work, kernel, points, counts[-1] < where.count("topology.cpus")))
    return rows, "\n".join([*lines, *NOTE, filled(_tried(counts))])


NOTE = (
    "user work: cycles between two calls; in kernel: share of one core's time;",
    "cores to 80 %: most cores that each do 80 % of what one alone does;",
    "most: best speed-up over one core.",
)


def _tried(counts: Sequence[int]) -> str:
    return f"Tried were {', '.join(map(str, counts))}; +: the most of them."


def _line(work: int, kernel: float, points: dict[int, Measured], more: bool) -> str:
    """One amount of work; a call without any takes `kernel` cycles, all of them in the kernel.

    Parameters
    ----------
    more : bool
        Whether the machine has more CPUs than were tried.
    """
    one = points[1].cycles
    speed = {n: n * one / got.cycles for n, got in points.items()}
    good = max(n for n in speed if all(speed[k] >= GOOD * k for k in speed if k <= n))
    best = max(speed, key=lambda n: speed[n])
    ends = [f"{n}+" if more and n == max(speed) else f"{n}" for n in (good, best)]
    return f"{work:>10,}{kernel / one:>11.0%}{ends[0]:>15}{speed[best]:>8.1f}x{ends[1]:>10}"
