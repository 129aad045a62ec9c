"""Where a curve bends, to be checked by hand: the shared object that fills first.

Knows: n* = (time of one operation) / (service at the busiest object). Refuses to simulate:
these are the demands of the closed queue, without any waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import system_names
from microbench.smp.queue import demand

OPERATIONS = ("fault", "fstat", "thread")
NEVER = "nothing shared"


def bend_rows(
    machine: str = "numachine", tick: Callable[[str], None] = lambda label: None
) -> list[Row]:
    """For each operation, system and sharing: service of the busiest object, and the bend.

    Returns
    -------
    list of Row
        Metrics "service at OBJECT" [cycles], "share of the operation" [ratio] and "bend"
        [cpus]; an operation that shares nothing has one row, "nothing shared".
    """
    where = load_machine(machine)
    most = where.count("topology.cpus")
    rows: list[Row] = []
    for name in OPERATIONS:
        for system in system_names(name):
            op = worked(name, system, where)
            for shared in ("process", "none"):
                tick(f"{name} {system} {shared}")
                d = demand(op, where, most, Setup(shared=shared))
                top = d.busiest
                total = d.think + sum(s.service for s in d.stations.values())
                facts: list[tuple[str, str, float]] = [(NEVER, "cycles", total)]
                if top is not None and top.clients > 1:
                    facts = [
                        (f"service at {top.name}", "cycles", top.service),
                        ("share of the operation", "ratio", top.service / total),
                        ("bend", "cpus", d.bend),
                    ]
                rows += [
                    Row(
                        benchmark=f"smp_{name}",
                        args=f"--shared {shared}",
                        machine=where.name,
                        system=system,
                        metric=metric,
                        unit=unit,
                        better="larger" if metric == "bend" else "smaller",
                        value=value,
                        machine_hash=f"{where.digest}-{op.digest}",
                    )
                    for metric, unit, value in facts
                ]
    return rows


def bends(rows: Sequence[Row]) -> str:
    """A line an operation: where it bends, which object that is and what it takes."""
    lines = [f"{'':40}{'bend':>6}  {'cycles':>7} {'share':>6}  object"]
    for i, row in enumerate(rows):
        key = f"{row.benchmark.removeprefix('smp_')} {row.system} {row.args.split()[-1]}"
        if row.metric == NEVER:
            lines.append(f"{key:40}{'none':>6}  {'':7} {'':6}  nothing shared")
        elif row.metric.startswith("service at "):
            share, bend = rows[i + 1].value, rows[i + 2].value
            name = row.metric.removeprefix("service at ")
            lines.append(f"{key:40}{bend:6.1f}  {row.value:7.0f} {share:6.0%}  {name}")
    return "\n".join(lines)
