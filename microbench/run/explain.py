"""Where the cycles of one operation went, system by system, and what makes the difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.run.ipc import explained
from microbench.run.runner import Measured, measure, record
from microbench.run.setup import Setup, prepare
from microbench.systems.registry import check_systems, usual
from microbench.workloads.base import Part, Workload
from microbench.workloads.lat_ipc import LatIpc
from microbench.workloads.registry import workloads

IPC_PLACES = ("ipc", "domain", "map")
NAMES = {
    "instructions": "instructions",
    "branches": "branches",
    "i_refill": "I-refill",
    "d_refill": "D-refill",
    "tlb": "TLB",
    "flush": "flush",
    "write_stall": "write stalls",
    "trap": "traps",
    "control": "control registers",
    "idle": "idle",
}


def causes(ledger: Ledger) -> dict[str, float]:
    """Cycles by cause; instructions and branches of the microkernel's paths count as IPC."""
    found = dict.fromkeys((*NAMES.values(), "IPC"), 0.0)
    for number, place in enumerate(ledger.places):
        for cause, name in enumerate(engine.CAUSES):
            cycles = float(ledger.ticks[number, cause]) / engine.TICKS
            inside = place in IPC_PLACES and name in ("instructions", "branches", "control")
            found["IPC" if inside else NAMES[name]] += cycles
    return found


def hops(workload: Workload, part: Part) -> int:
    """Into how many hops an iteration divides: the processes of a ring, two for a round trip."""
    if part.name == "ring":
        return int(getattr(workload, "processes", 1))
    return 2 if part.name == "round trip" else 1


def measured_parts(
    workload: Workload, systems: Iterable[str], setup: Setup
) -> dict[str, dict[str, Measured]]:
    """Part to system to what it cost; an IPC has one space or two instead of systems."""
    if isinstance(workload, LatIpc):
        return {workload.parts()[0].name: explained(workload, setup)}
    chosen = list(systems)
    return {
        part.name: {s: measure(record(workload, part, s, setup), part, setup) for s in chosen}
        for part in workload.parts()
    }


def breakdown(
    benchmark: str,
    args: str,
    machine: str = "pxa255",
    systems: Iterable[str] | None = None,
    settings: Iterable[str] = (),
) -> dict[str, dict[str, float]]:
    """Per system, cycles by cause of one hop of the benchmark's main part.

    Raises
    ------
    UsageError, InputError
        For unknown names, bad arguments, or a bad machine.
    """
    workload = workloads(benchmark, args.split())[0]
    setup = prepare(machine, settings)
    part = workload.parts()[0]
    chosen = check_systems(usual() if systems is None else systems)
    found = measured_parts(workload, chosen, setup)[part.name]
    return {system: per_hop(m, hops(workload, part)) for system, m in found.items()}


def per_hop(measured: Measured, count: int) -> dict[str, float]:
    """Cycles by cause of one hop."""
    share = 1 / (measured.counted * count)
    return {name: cycles * share for name, cycles in causes(measured.ledger).items()}


def places(measured: Measured, count: int) -> dict[str, float]:
    """Cycles by place in the software, of one hop."""
    share = 1 / (measured.counted * count)
    return {name: cycles * share for name, cycles in measured.ledger.by_place().items()}


def difference(first: Mapping[str, float], second: Mapping[str, float]) -> list[tuple[str, float]]:
    """What is dearer in the first, cause by cause, the largest first; zeros left out."""
    gaps = [(name, first[name] - second.get(name, 0.0)) for name in first]
    return sorted((g for g in gaps if abs(g[1]) >= 0.5), key=lambda g: -abs(g[1]))


def reason(workload: Workload, setup: Setup) -> str:
    """One sentence: what makes the difference between native and l4 in the main part."""
    part = workload.parts()[0]
    count = hops(workload, part)
    native, other = (
        per_hop(measure(record(workload, part, system, setup), part, setup), count)
        for system in ("native", "l4")
    )
    gap = sum(native.values()) - sum(other.values())
    if abs(gap) < 1:
        return ""
    dearer = "native" if gap > 0 else "l4"
    ranked = [(n, c) for n, c in difference(native, other) if (c > 0) == (gap > 0)]
    said = ", ".join(f"{name} {cycles / gap:.0%}" for name, cycles in ranked[:4])
    name = f"{workload.name} {workload.args}".strip()
    return f"{name}: {dearer} pays {abs(gap):.0f} cycles more: {said}"
