"""Message queues and NUMA: what a call to a server costs, by whose CPU and through what queue.

Knows: the ways of `data/smp/operations/call.toml` up to 4,096 CPUs, the cost over a local
protected call, and the service length beyond which "local or remote OS?" no longer matters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from textwrap import wrap

from microbench.quantity import Quantity
from microbench.row import Row
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation, load_operation, system_names
from microbench.smp.queue import demand
from microbench.smp.simulate import Measured, simulate

COUNTS = (1, 4, 16, 64, 256, 1024, 4096)
LOCAL = "ppc"
SERVICES = tuple(m * 10**e for e in range(2, 6) for m in (1, 2, 3, 5, 7))
TENTH = 1.1
FILLERS = 64
COLUMNS = 79
MIDDLE = "middle busy"
BINDS = 0.9
TOGETHER = 3.0
"""Ways that cost this many times the cheapest are shared by too many."""


def lameter_rows(
    counts: Sequence[int] = COUNTS,
    machine: str = "numa4096",
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """Cost of one call [cycles] for each way and CPU count, then the break-even services.

    Returns
    -------
    list of Row
        Metric "call cost": cycles of the call without the client's own work; "over ppc":
        the same relative to the local call; "middle busy": share of the time that the links
        between the machine's halves are; "service for 10 %": the shortest service [cycles]
        of those tried with which a call without any queue takes at most a tenth longer than
        the local one; "clients to fill it": clients at which the busiest shared object or
        server is full.
    """
    where = load_machine(machine).steady()  # the client's thinking is taken off in core cycles
    setup = Setup(shared="none")
    rows: list[Row] = []
    for n in counts:
        local = _call_cycles(load_operation("call", LOCAL), where, n, setup)
        for way in system_names("call"):
            tick(f"call {way} {n} CPUs")
            op = load_operation("call", way)
            got = simulate(op, where, n, setup)
            cost = local if way == LOCAL else _of_call(got, op)
            base = _row(op, where, n, "call cost", "cycles", cost)
            rows += [base, replace(base, metric="over ppc", unit="x", value=cost / local)]
            rows.append(replace(base, metric=MIDDLE, unit="ratio", value=got.middle))
    for way in system_names("call"):
        if way != LOCAL:
            tick(f"call {way} service length")
            rows += _break_even(way, where, setup) + _filled(way, where, setup)
    return rows


def _row(op: Operation, machine: SmpMachine, n: int, metric: str, unit: str, value: float) -> Row:
    return Row(
        benchmark="smp_call",
        args=f"--cpus {n} --shared none",
        machine=machine.name,
        system=op.system,
        metric=metric,
        unit=unit,
        better="smaller",
        value=value,
        machine_hash=f"{machine.digest}-{op.digest}",
    )


def _call_cycles(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> float:
    """One call without the client's thinking [cycles]."""
    return _of_call(simulate(op, machine, n, setup), op)


def _of_call(got: Measured, op: Operation) -> float:
    return got.cycles - op.parts["think"].value


def _with_service(op: Operation, cycles: int) -> Operation:
    """The same way with another service, and thinking in proportion: equal load per server."""
    ratio = cycles / op.parts["serve"].value
    parts = dict(op.parts)
    for name in ("serve", "think"):
        parts[name] = _scaled(parts[name], ratio)
    return replace(op, parts=parts)


def _scaled(number: Quantity, ratio: float) -> Quantity:
    value = max(1.0, number.value * ratio)
    return replace(number, value=value, low=min(value, number.low), high=max(value, number.high))


def _break_even(way: str, machine: SmpMachine, setup: Setup) -> list[Row]:
    setup = replace(setup, spread="none")
    for service in SERVICES:
        far = _with_service(load_operation("call", way), service)
        near = _with_service(load_operation("call", LOCAL), service)
        if _call_cycles(far, machine, 1, setup) <= TENTH * _call_cycles(near, machine, 1, setup):
            return [_row(far, machine, 1, "service for 10 %", "cycles", float(service))]
    return []


def _filled(way: str, machine: SmpMachine, setup: Setup) -> list[Row]:
    op = load_operation("call", way)
    n = min(FILLERS, machine.count("topology.cpus"))
    bend = demand(op, machine, n, setup).bend
    return [_row(op, machine, n, "clients to fill it", "cpus", bend)]


def answer(rows: Sequence[Row]) -> str:
    """When "local or remote OS?" matters: two sentences with numbers, from the rows."""
    even = {r.system: r.value for r in rows if r.metric == "service for 10 %"}
    full = {r.system: r.value for r in rows if r.metric == "clients to fill it"}
    most = max(int(r.args.split()[1]) for r in rows if r.metric == "over ppc")
    over = {
        r.system: r.value
        for r in rows
        if r.metric == "over ppc" and r.args.startswith(f"--cpus {most} ") and r.system != LOCAL
    }
    shared = [way for way in over if over[way] > TOGETHER * min(over.values())]
    placed = [way for way in over if way not in shared]
    ends = [even.get(way, math.inf) for way in placed]
    said = (
        f"With {most} CPUs of {rows[0].machine} a call to an OS on another CPU costs "
        f"{_span(over, placed)} times a protected call on the caller's own, wherever its queue "
        f"lies; to a caller without rivals {_within(max(ends))}.\n"
        f"{_fills(over, full, shared)}.\n{_middle(rows)}"
    )
    return "\n".join(line for part in said.split("\n") for line in wrap(part, COLUMNS))


def _middle(rows: Sequence[Row]) -> str:
    """Whether the links between the machine's halves hold any of the ways back."""
    busiest = max((r for r in rows if r.metric == MIDDLE), key=lambda r: r.value)
    if busiest.value == 0:
        return "Links between the machine's halves are not described, or nothing crosses them."
    binds = "they bind" if busiest.value > BINDS else "they do not bind"
    return (
        f"The links between the machine's halves are busy {busiest.value:.2%} of the time at "
        f"most ({busiest.system}): {binds}."
    )


def _span(over: dict[str, float], ways: Sequence[str]) -> str:
    values = [over[way] for way in ways]
    return f"{min(values):.2f} to {max(values):.2f}"


def _within(service: float) -> str:
    """From which service on a tenth is not exceeded."""
    if math.isinf(service):
        return f"no service up to {SERVICES[-1]} cycles brings all of them within 10 % of it"
    return f"all are within 10 % of it from a service of {service:.0f} cycles on"


def _fills(over: dict[str, float], full: dict[str, float], shared: Sequence[str]) -> str:
    if not shared:
        return "None of the ways is shared by too many"
    return "Sharing decides: " + " and ".join(
        f"{way} costs {over[way]:.0f} times as much, being full with {full[way]:.0f} clients"
        for way in shared
    )
