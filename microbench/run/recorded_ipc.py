"""IPC of a microkernel as it was executed and recorded: call and reply apart.

Knows which recorded operation a message is. What was not recorded (other lengths, other
kernels, machines without the numbers of today's cores) is left to the counted paths of
`microbench.run.ipc`.
"""

from __future__ import annotations

import numpy as np

from microbench.errors import UsageError
from microbench.machine.bounds import at_level
from microbench.machine.core import CAUSES, COUNTED, WARM, Core, Counts
from microbench.machine.pricing import Ledger
from microbench.machine.spec import MachineSpec
from microbench.recording.kernels import RecordedKernel, kernel_of_architecture
from microbench.run.recorded import ledger_of
from microbench.workloads.lat_ipc import LatIpc

LEGS = ("call", "reply")
FAMILY = "sel4"
LENGTHS = {0: "0", 4: "4", 10: "10"}
"""Message words that were recorded."""


def recorded_message(
    workload: LatIpc, system: str, spec: MachineSpec
) -> tuple[RecordedKernel, str] | None:
    """Kernel and operation of a message on a machine, if it was recorded."""
    kernel = kernel_of_architecture(spec.words.get("architecture", ""), FAMILY)
    if kernel is None or system != FAMILY or not spec.has("l1d.latency_cycles"):
        return None
    isolated = spec.words.get("kernel_isolation") == "yes"
    name = kernel.configurations.get("isolated" if isolated else "plain")
    words = LENGTHS.get(workload.words)
    if words is None or name is None:
        return None
    slow = "-slow" if workload.slow else ""
    operation = f"{name}{slow}/call{words}_{'same' if workload.same_space else 'other'}_as"
    return (kernel, operation) if operation in kernel.operations() else None


def recorded_leg(operation: str, leg: str, spec: MachineSpec, level: str) -> dict[str, float]:
    """Cause to cycles of one leg of any recorded operation, by the kernel the machine runs.

    Parameters
    ----------
    operation : str
        "fault_other_as", without its configuration.
    level : str
        "low", "value" or "high".

    Raises
    ------
    UsageError
        If that kernel, operation or leg was not recorded.
    """
    kernel = kernel_of_architecture(spec.words.get("architecture", ""), FAMILY)
    if kernel is None:
        raise UsageError(f"{FAMILY} was not recorded for {spec.name}")
    isolated = spec.words.get("kernel_isolation") == "yes"
    name = f"{kernel.configurations.get('isolated' if isolated else 'plain')}/{operation}"
    if name not in kernel.operations():
        raise UsageError(f"{FAMILY} {operation} was not recorded for {spec.name}")
    counts = _counts(kernel, name, spec)
    if leg not in counts.groups:
        raise UsageError(f"{FAMILY} {operation} has no leg {leg}")
    cycles = Core(at_level(spec, level)).price(counts)[counts.groups.index(leg)]
    return {cause: float(cycles[i]) for i, cause in enumerate(CAUSES)}


def recorded_ways(
    kernel: RecordedKernel, operation: str, spec: MachineSpec
) -> dict[str, dict[str, float]]:
    """Level to cycles of call and of reply, each from the thread's own code to its return."""
    return {
        level: {leg: float(cycles.sum()) for leg, cycles in legs.items()}
        for level, legs in _legs(kernel, operation, spec).items()
    }


def recorded_ledgers(
    kernel: RecordedKernel, operation: str, spec: MachineSpec
) -> dict[str, Ledger]:
    """Level to a ledger of both legs."""
    return {level: ledger_of(legs) for level, legs in _legs(kernel, operation, spec).items()}


def _legs(
    kernel: RecordedKernel, operation: str, spec: MachineSpec
) -> dict[str, dict[str, np.ndarray]]:
    """Level to cycles of each leg by cause."""
    counts = _counts(kernel, operation, spec)
    found = {}
    for level in ("value", "low", "high"):
        cycles = Core(at_level(spec, level)).price(counts)
        found[level] = {leg: cycles[counts.groups.index(leg)] for leg in LEGS}
    return found


def recorded_causes(kernel: RecordedKernel, operation: str, spec: MachineSpec) -> dict[str, float]:
    """Cycles of call and reply together by cause."""
    counts = _counts(kernel, operation, spec)
    legs = [counts.groups.index(leg) for leg in LEGS]
    cycles = Core(spec).price(counts)[legs].sum(axis=0)
    return {cause: float(cycles[i]) for i, cause in enumerate(CAUSES)}


def _counts(kernel: RecordedKernel, operation: str, spec: MachineSpec) -> Counts:
    string = kernel.string(operation)
    replays = [string.rows] * (WARM + COUNTED)
    return Core(spec).count(replays, COUNTED, kernel.costs, string.groups)
