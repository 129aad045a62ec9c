"""What one system call costs more under another structure: servers by IPC, isolated page tables.

A call that goes to a server needs two IPCs instead of a trap and its return. Knows the kernels
counted for a machine's architecture. Refuses to know the server: what it does is taken to be
what the kernel did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from microbench.errors import UsageError
from microbench.ipc.kernels import packaged_kernels
from microbench.machine.bounds import at_level
from microbench.machine.spec import MachineSpec
from microbench.run.account import causes
from microbench.run.ipc import measured, one_way_cycles, system_of
from microbench.run.recorded_ipc import recorded_causes, recorded_message
from microbench.run.setup import Setup, prepare
from microbench.study.overhead import IPCS, trap_cycles
from microbench.workloads.lat_ipc import LatIpc

LEVELS = ("low", "value", "high")
SHOWN_CYCLES = 0.5
SAME = {"entry and exit": "traps"}
"""One word for what the two engines call by two."""
TITLES = {
    "isolation": "page tables of its own for user mode",
    "l4": "server on L4 then (Pistachio)",
    "sel4": "server on seL4 now",
    "given": "server, cycles as given",
}
NO_ISOLATION = ("armv4", "armv5", "armv7", "i586", "ia64", "mips64", "ppc32", "riscv64")
"""Architectures for which nobody isolates the kernel's page tables."""


@dataclass(frozen=True)
class Structure:
    """One way to build the system, on one machine.

    Attributes
    ----------
    machine, machine_hash : str
    name, title : str
        "isolation", "l4", "sel4", each of the latter two also as "NAME-isolated".
    clock_hz : float
    low, value, high : float
        What a call costs more [cycles]; may be below 0 where an IPC is cheaper than a trap.
    causes : mapping of str to float
        Cycles of the two IPCs by cause; the trap they replace is not taken off.
    saved : float
        Cycles of the trap and return that fall away; 0 where cycles were given.
    """

    machine: str
    machine_hash: str
    name: str
    title: str
    clock_hz: float
    low: float
    value: float
    high: float
    causes: Mapping[str, float] = field(default_factory=dict)
    saved: float = 0.0

    def seconds(self, level: str = "value") -> float:
        """What a call costs more [s]."""
        return float(getattr(self, level)) / self.clock_hz

    def service_us(self, share: float) -> float:
        """Native length of a call of which the extra is this share [us]."""
        return max(0.0, self.value) / share / self.clock_hz * 1e6


def given(setup: Setup, ipc_cycles: float) -> Structure:
    """A server whose IPC costs what the user says; the trap is not taken off."""
    extra = IPCS * ipc_cycles
    spec = setup.spec
    clock = spec.value("core.clock_hz")
    return Structure(
        *(spec.name, spec.hash, "given", f"server, IPC of {ipc_cycles:g} cycles as given", clock),
        *(extra, extra, extra, {"IPC": extra}),
    )


def structures(machine: str, settings: Iterable[str] = ()) -> list[Structure]:
    """All structures that can be priced on a machine, the cheapest kind first.

    Raises
    ------
    UsageError, InputError
        For a bad machine or setting.
    """
    return structures_of(prepare(machine, settings))


def structures_of(setup: Setup) -> list[Structure]:
    """All structures that can be priced on a prepared machine, the cheapest kind first.

    Raises
    ------
    UsageError
        If no IPC kernel was counted for its architecture.
    """
    architecture = setup.spec.words.get("architecture", "")
    kernels = [k.name for k in packaged_kernels() if architecture in k.architectures]
    if not kernels:
        raise UsageError(f"{setup.spec.name}: no IPC kernel was counted for its architecture")
    found = []
    both = {isolated: _with_isolation(setup, isolated) for isolated in (False, True)}
    isolates = architecture not in NO_ISOLATION
    if isolates:
        found.append(_isolation(both[False], both[True]))
    for kernel in kernels:
        for isolated in (False, True) if isolates else (False,):
            found.append(_server(both[isolated], kernel, isolated))
    return found


def _with_isolation(setup: Setup, isolated: bool) -> Setup:
    words = {**setup.spec.words, "kernel_isolation": "yes" if isolated else "no"}
    return replace(setup, spec=replace(setup.spec, words=words))


def _isolation(plain: Setup, isolated: Setup) -> Structure:
    extra = {level: _trap(isolated.spec, level) - _trap(plain.spec, level) for level in LEVELS}
    return _structure(
        plain.spec,
        "isolation",
        TITLES["isolation"],
        extra,
        {"control registers": extra["value"]},
        0.0,
    )


def _trap(spec: MachineSpec, level: str) -> float:
    return trap_cycles(at_level(spec, level), "syscall")


def _server(setup: Setup, kernel: str, isolated: bool) -> Structure:
    workload = LatIpc(kernel=kernel)
    cycles = {level: IPCS * one_way_cycles(setup, level, kernel) for level in LEVELS}
    extra = {level: cycles[level] - _trap(setup.spec, level) for level in LEVELS}
    name = {"pistachio": "l4"}.get(kernel, kernel)
    title = TITLES.get(name, f"server on {kernel}") + (", isolated" if isolated else "")
    full = f"{name}-isolated" if isolated else name
    saved = _trap(setup.spec, "value")
    return _structure(setup.spec, full, title, extra, _ipc_causes(workload, setup), saved)


def _ipc_causes(workload: LatIpc, setup: Setup) -> dict[str, float]:
    """Cycles of two IPCs by cause: as executed where that was recorded, else as counted."""
    recorded = recorded_message(workload, system_of(workload, setup), setup.spec)
    if recorded is not None:
        found = recorded_causes(*recorded, setup.spec)
    else:
        both = measured(workload, setup)
        found = {cause: n / both.counted for cause, n in causes(both.ledger).items()}
    return {SAME.get(c, c): cycles for c, cycles in found.items() if cycles >= SHOWN_CYCLES}


def _structure(
    spec: MachineSpec,
    name: str,
    title: str,
    extra: Mapping[str, float],
    by_cause: Mapping[str, float],
    saved: float,
) -> Structure:
    low, high = min(extra.values()), max(extra.values())
    clock = spec.value("core.clock_hz")
    return Structure(
        spec.name, spec.hash, name, title, clock, low, extra["value"], high, by_cause, saved
    )


def dearest(group: Sequence[Structure]) -> Structure:
    """The dearest structure without page tables of the kernel's own; the one there is."""
    plain = [s for s in group if not s.name.endswith(("isolated", "isolation"))]
    return max(plain or group, key=lambda s: s.value)
