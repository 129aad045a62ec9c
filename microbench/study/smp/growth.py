"""How much work the engine does as the CPUs grow: counted steps, and seconds where asked.

Knows: one operation at doubling CPU counts, a fixed number of operations per CPU. Refuses to
know: whether that is fast enough; the reader sees steps, steps over n log n and seconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from microbench.errors import UsageError
from microbench.row import Row
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation
from microbench.smp.simulate import simulate

COUNTS = (64, 128, 256, 512, 1024, 2048, 4096)
PER_CPU = 12
SHORT = {"engine steps": "steps", "steps over n log n": "/ n log n", "wall time": "seconds"}
CASES = (("fault", "linux-2.2"), ("fault", "linux-6.4"), ("fault", "tornado"))


def growth_rows(
    counts: Sequence[int] = COUNTS,
    machine: str = "numa4096",
    seconds: bool = False,
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """Engine steps per CPU count, per n log2 n, and optionally seconds.

    Parameters
    ----------
    counts : sequence of int
    machine : str
    seconds : bool
        Also measure wall time, which differs from run to run.
    tick : callable

    Raises
    ------
    UsageError
        If there is only one count of CPUs.
    """
    where = load_machine(machine)
    if len(set(counts)) < 2:
        asked = ",".join(map(str, counts))
        raise UsageError(f"--cpus {asked}: growth wants two counts of CPUs at least")
    rows: list[Row] = []
    for name, system in CASES:
        op = load_operation(name, system)
        setup = Setup(shared="process")
        if seconds:
            simulate(op, where, 1, setup, PER_CPU)
        for n in counts:
            tick(f"{name} {system} {n} CPUs")
            started = time.perf_counter()
            got = simulate(op, where, n, setup, PER_CPU * n)
            took = time.perf_counter() - started
            base = Row(
                benchmark=f"smp_{name}",
                args=f"--cpus {n} --shared process",
                machine=where.name,
                system=system,
                metric="engine steps",
                unit="steps",
                better="smaller",
                value=float(got.steps),
                machine_hash=f"{where.digest}-{op.digest}",
            )
            over = got.steps / (n * math.log2(max(2, n)))
            rows += [base, replace(base, metric="steps over n log n", value=over)]
            if seconds:
                rows.append(replace(base, metric="wall time", unit="s", value=took))
    return rows


def exponent(rows: Sequence[Row], system: str) -> float:
    """Slope of log steps over log CPUs: 1 is linear growth."""
    points = [
        (math.log(int(r.args.split()[1])), math.log(r.value))
        for r in rows
        if r.system == system and r.metric == "engine steps"
    ]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    top = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return top / sum((x - mean_x) ** 2 for x, _ in points)
