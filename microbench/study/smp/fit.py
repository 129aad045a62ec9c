"""Somebody's scaling data on a machine: what part of an operation is serial, and what that is.

Knows: rates over CPUs. The serial time per operation is the service of a closed queue that
fits them best; it is said in line transfers and in hand-overs of a queued lock, beside what the
described operation holds at its busiest object. The scalability law is fitted for comparison.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import numpy as np

from microbench.errors import UsageError
from microbench.reference.scaling import Scaling
from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.lockcosts import lock_costs
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation
from microbench.smp.queue import demand, repairman
from microbench.smp.simulate import simulate
from microbench.smp.usl import Usl, usl_fit

STEPS = 400
WIDTH = 80
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
    shares = [SERIAL_FROM ** (1 - k / STEPS) for k in range(STEPS)]
    wrong = [_wrong(data, share) for share in shares]
    best = shares[int(np.argmin(wrong))]
    errors = [abs(_queue(n, best) * data.rates[0] / r - 1) for n, r in data.points]
    return Fit(one, best * one, law, float(np.median(errors)))


def _queue(n: int, share: float) -> float:
    """Throughput of n clients over that of one, `share` of each operation at one station."""
    return repairman(n, 1 - share, share)


def _wrong(data: Scaling, share: float) -> float:
    return sum(math.log(_queue(n, share) * data.rates[0] / r) ** 2 for n, r in data.points)


def fit_rows(
    data: Scaling, machine: str, operation: str, system: str, shared: str
) -> tuple[list[Row], str]:
    """Data beside the described operation on the machine, and what the fit says in words."""
    where = load_machine(machine)
    op = worked(operation, system, where)
    found = fit(data, where)
    setup = Setup(shared=shared, order="spread")
    rows = [_row(data, where, op, shared, n, r, setup) for n, r in data.points]
    return rows, _text(data, where, op, found, setup, rows)


def _row(
    data: Scaling, where: SmpMachine, op: Operation, shared: str, n: int, rate: float, setup: Setup
) -> Row:
    value = simulate(op, where, n, setup).per_second
    return Row(
        benchmark=f"smp_{op.operation}",
        args=f"--cpus {n} --shared {shared}",
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
    best = f"{law.best:.0f} CPUs" if math.isfinite(law.best) else "no count"
    error = float(np.median([abs(r.error or 0) for r in rows]))
    said = [
        f"{data.name}: one CPU takes {found.one_cycles:.0f} cycles an operation; {serial:.0f} of "
        f"them ({serial * ns:.0f} ns, {serial / found.one_cycles:.1%}) are serial (closed queue, "
        f"median error {found.error:.0%}): {serial / inside:.1f} line transfers inside a socket, "
        f"{serial / moved:.1f} across, or a queued lock ({grant:.0f} cycles a hand-over) with a "
        f"hold of {max(0.0, serial - grant):.0f} cycles.",
        f"{op.system} {op.operation} as described: {held:.0f} cycles at {name}, so "
        f"{serial - held:+.0f} are not accounted for; it misses the data by {error:.0%} in the "
        "median.",
        f"USL: serial {law.serial:.4f}, crosstalk {law.crosstalk:.6f}, best with {best}.",
        *_said(data, found),
    ]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in said)


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
