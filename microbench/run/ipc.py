"""IPC on a machine: record it for the architecture, price it at low, middle and high.

All estimates and ranges, of the machine and of the paths, are taken at one end together, so
low and high enclose what the stated ranges allow.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from microbench.errors import UsageError
from microbench.ipc.kernels import IpcKernel, kernel_for, named_kernel
from microbench.ipc.queued import QueuedIpc
from microbench.ipc.synchronous import RawIpc
from microbench.machine.bounds import at_level
from microbench.machine.pricing import Pricer
from microbench.machine.spec import MachineSpec
from microbench.reference.compare import annotate
from microbench.row import Row
from microbench.run.runner import Measured
from microbench.run.setup import Setup
from microbench.trace import Trace
from microbench.workloads.lat_ipc import LatIpc

WAYS = ("call", "reply")
SPACES = {"one space": True, "two spaces": False}


def kernel_of(workload: LatIpc, spec: MachineSpec) -> IpcKernel:
    """The kernel a workload runs on.

    Raises
    ------
    UsageError
        If the machine does not say its architecture, or nobody counted a kernel for it.
    """
    if workload.kind == "queued":
        return named_kernel("mach")
    if "architecture" not in spec.words:
        raise UsageError(f"{spec.file}: architecture: missing; an IPC path is written for one")
    return kernel_for(spec.words["architecture"], workload.kernel)


def trace_of(workload: LatIpc, spec: MachineSpec, level: str = "value") -> Trace:
    """The trace of a workload for a machine's architecture."""
    isolated = spec.words.get("kernel_isolation") == "yes"
    kernel_of(workload, spec)
    return _trace(workload, isolated, level, spec.words.get("architecture", ""))


@cache
def _trace(workload: LatIpc, isolated: bool, level: str, architecture: str) -> Trace:
    if workload.kind == "queued":
        system = QueuedIpc(named_kernel("mach"), workload.same_space, isolated, level)
        return system.run(workload.words, workload.iterations)
    kernel = kernel_for(architecture, workload.kernel)
    raw = RawIpc(kernel, workload.same_space, workload.slow, isolated, level)
    return raw.run(workload.words, workload.iterations)


def measured(workload: LatIpc, setup: Setup, level: str = "value") -> Measured:
    """The counted round trips of a workload, summed."""
    spec = at_level(setup.spec, level)
    ledgers = Pricer(spec, trace_of(workload, spec, level), setup.scales).iterations()
    kept = ledgers[-workload.counted :]
    total = kept[0]
    for ledger in kept[1:]:
        total = total + ledger
    cycles = [ledger.cycles for ledger in kept]
    return Measured(total, len(kept), (max(cycles) - min(cycles)) * len(cycles) / sum(cycles))


def ways(found: Measured) -> dict[str, float]:
    """Cycles of the call and of the reply: kernel, copy and the user code that follows."""
    by_place = found.ledger.by_place()
    return {
        way: sum(c for place, c in by_place.items() if place.startswith(way)) / found.counted
        for way in WAYS
    }


def ipc_rows(workload: LatIpc, setup: Setup) -> list[Row]:
    """Latency, call and reply [cycles], each with `_low` and `_high` beside the middle."""
    system = kernel_of(workload, setup.spec).system
    clock = setup.spec.value("core.clock_hz")
    rows = []
    for level in ("value", "low", "high"):
        for metric in workload.metrics(ways(measured(workload, setup, level)), clock):
            rows.append(
                Row(
                    benchmark=workload.name,
                    args=workload.args,
                    machine=setup.spec.name,
                    system=system,
                    metric=metric.name if level == "value" else f"{metric.name}_{level}",
                    unit=metric.unit,
                    better=metric.better,
                    value=metric.value,
                    cycles=round(metric.cycles),
                    machine_hash=setup.spec.hash,
                )
            )
    return annotate(rows)


def one_way_cycles(setup: Setup, level: str = "value", kernel: str = "") -> float:
    """One way of an empty message between two spaces [cycles]."""
    both = ways(measured(LatIpc(kernel=kernel), setup, level))
    return sum(both.values()) / len(both)


def explained(workload: LatIpc, setup: Setup) -> dict[str, Measured]:
    """The workload within one space and between two, for `explain`; a hop is one way."""
    return {
        name: measured(replace(workload, same_space=same), setup) for name, same in SPACES.items()
    }
