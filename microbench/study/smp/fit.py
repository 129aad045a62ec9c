"""Somebody's scaling data on a machine: what part of an operation is serial, and what that is.

Knows: rates over CPUs. The serial time per operation is the service of a closed queue that
fits them best; it is said in line transfers and in hand-overs of a queued lock, beside what the
described operation holds at its busiest object. The scalability law is fitted for comparison.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from microbench.errors import UsageError
from microbench.reference.scaling import Scaling
from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.lockcosts import lock_costs
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation, system_names
from microbench.smp.queue import demand, repairman
from microbench.smp.runs import args_of, check_systems, operation_name
from microbench.smp.simulate import simulate
from microbench.smp.usl import Usl, usl_fit
from microbench.systems.registry import doing

STEPS, FINER = 200, 50
WIDTH = 80
TAKEN = {
    "fill": "a socket after the other",
    "spread": "CPUs from each socket in turn",
    "siblings": "both threads of a core first",
}
SUPERLINEAR = 1.1
WRONG = 0.3
"""Median error of the closed queue above which its serial part says little."""
SERIAL_FROM = 1e-4
"""Smallest serial share tried; below it the data say that nothing is serial."""


@dataclass(frozen=True)
class Fit:
    """What data say of a machine's operation.

    Attributes
    ----------
    one_cycles, serial_cycles : float
        One operation on one CPU, and its part that only one CPU at a time does [cycles].
    law : Usl
        The scalability law over all points.
    error : float
        Median relative error of the closed queue.
    """

    one_cycles: float
    serial_cycles: float
    law: Usl
    error: float


def fit(data: Scaling, machine: SmpMachine) -> Fit:
    """The serial time that fits the data best.

    Raises
    ------
    UsageError
        If there are fewer than three points, the first not of one CPU, or more CPUs than the
        machine has.
    """
    most = machine.count("topology.cpus")
    if data.cpus[-1] > most:
        raise UsageError(f"{data.name}: {data.cpus[-1]} CPUs; {machine.name} has 1 to {most}")
    law = usl_fit(data.cpus, data.rates)
    one = machine.clock_hz / data.rates[0]
    best = _share(data)
    errors = [abs(_queue(n, best) * data.rates[0] / r - 1) for n, r in data.points]
    return Fit(one, best * one, law, float(np.median(errors)))


def _share(data: Scaling) -> float:
    """The serial share that fits best, of a coarse row of shares, then of a fine one; 1 is all."""
    row = [SERIAL_FROM ** (1 - k / STEPS) for k in range(STEPS + 1)]
    at = int(np.argmin([_wrong(data, share) for share in row]))
    low, high = row[max(0, at - 1)], row[min(STEPS, at + 1)]
    fine = [*(low * (high / low) ** (k / FINER) for k in range(FINER)), high]
    return fine[int(np.argmin([_wrong(data, share) for share in fine]))]


def _queue(n: int, share: float) -> float:
    """Throughput of n clients over that of one, `share` of each operation at one station."""
    return repairman(n, 1 - share, share) if share < 1 else 1.0


def _wrong(data: Scaling, share: float) -> float:
    return sum(math.log(_queue(n, share) * data.rates[0] / r) ** 2 for n, r in data.points)


def fit_rows(
    data: Scaling, machine: str, operation: str, system: str, shared: str, order: str = "spread"
) -> tuple[list[Row], str]:
    """Data beside the described operation on the machine, and what the fit says in words."""
    where, name = load_machine(machine), operation_name(operation)
    check_systems(name, [system], doing(PurePath(name).stem) or system_names(name))
    op = worked(name, system, where)
    found = fit(data, where)
    setup = Setup(shared=shared, order=order)
    rows = [_row(data, where, op, shared, n, r, setup) for n, r in data.points]
    return rows, _text(data, where, op, found, setup, rows)


def _row(
    data: Scaling, where: SmpMachine, op: Operation, shared: str, n: int, rate: float, setup: Setup
) -> Row:
    value = simulate(op, where, n, setup).per_second
    return Row(
        benchmark=f"smp_{op.operation}",
        args=args_of(n, setup, op),
        machine=where.name,
        system=op.system,
        metric="throughput",
        unit="1/s",
        better="larger",
        value=value,
        published=rate,
        published_source=data.name,
        error=value / rate - 1,
        role="measured",
        machine_hash=f"{where.digest}-{op.digest}",
    )


def _text(
    data: Scaling, where: SmpMachine, op: Operation, found: Fit, setup: Setup, rows: list[Row]
) -> str:
    inside, moved = _transfers(where)
    grant = lock_costs()["queue_transfers"].value * inside
    serial = found.serial_cycles
    law, ns = found.law, 1e9 / where.clock_hz
    d = demand(op, where, data.cpus[-1], setup)
    top = d.busiest
    held = top.service if top is not None and top.clients > 1 else 0.0
    name = top.name if top is not None and top.clients > 1 else "no object"
    best = _cpus(law.best)
    error = float(np.median([abs(r.error or 0) for r in rows]))
    said = [
        f"{data.name}: one CPU takes {_cycles(found.one_cycles)} cycles an operation; "
        f"{_cycles(serial)} of them ({_cycles(serial * ns)} ns, {serial / found.one_cycles:.1%}) "
        f"are serial (closed queue, median error {found.error:.0%}): {serial / inside:.1f} line "
        f"transfers inside a socket, {serial / moved:.1f} across{_hold(serial - grant, grant)}.",
        f"{op.system} {op.operation} as described, shared {setup.shared}, {TAKEN[setup.order]}: "
        f"{held:.0f} cycles at {name}, {_apart(serial - held)}; it misses the data by {error:.0%} "
        "in the median.",
        f"USL: serial {law.serial:.4f}, crosstalk {law.crosstalk:.6f}, best with {best}.",
        *_said(data, found),
    ]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in said)


def _cpus(count: float) -> str:
    if not math.isfinite(count):
        return "no count"
    return "1 CPU" if count < 1.5 else f"{count:.0f} CPUs"


def _cycles(value: float) -> str:
    """Whole cycles, or three digits of what is less than ten."""
    return f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.3g}"


def _hold(cycles: float, grant: float) -> str:
    """The hold of a lock that would be as long, if any is."""
    if cycles <= 0:
        return f", less than a queued lock's hand-over ({grant:.0f} cycles)"
    return f", or a queued lock ({grant:.0f} cycles a hand-over) with a hold of {cycles:.0f} cycles"


def _apart(cycles: float) -> str:
    """What the described operation does not account for, or has too much."""
    if cycles < 0:
        return f"{-cycles:.0f} more than the data leave room for"
    return f"so {cycles:.0f} are not accounted for"


def _said(data: Scaling, found: Fit) -> list[str]:
    """What the reader should know of the data themselves."""
    said = []
    if data.repeated:
        said.append(f"The median of repeated measurements with {_listed(data.repeated)} CPUs.")
    if max(r / n for n, r in data.points) > SUPERLINEAR * data.rates[0]:
        said.append("Some CPUs do more each than one alone: no queue gives that.")
    if found.error > WRONG:
        said.append("A closed queue does not describe these data: trust the serial part little.")
    return said


def _listed(counts: tuple[int, ...]) -> str:
    return ", ".join(map(str, counts[:5])) + (" ..." if len(counts) > 5 else "")


def _transfers(where: SmpMachine) -> tuple[float, float]:
    return float(where.cost("line.socket")), float(where.cost("line.other"))
