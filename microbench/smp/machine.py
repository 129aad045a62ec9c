"""A machine's part for many CPUs: topology and the engine's costs in cycles.

Knows: clock, topology, line-transfer costs by distance, sleep and interrupt costs. Refuses to
know: files, operations and systems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from microbench.machine import load, schema
from microbench.machine.naming import machine_name
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity

TOPOLOGIES = {name: i for i, name in enumerate(schema.SMP_WORDS["smp.topology.kind"])}
LINE_COSTS = schema.LINE_COSTS
NUMBERS = {key.removeprefix(schema.SMP): units for key, units in schema.SMP_NUMBERS.items()}
"""Every number of the part, without its `smp.`, with the units it may be written in."""
MEASURED = {
    key.removeprefix(schema.SMP): units
    for key, units in {**schema.SMP_MEASURED, **schema.TURBO_NUMBERS}.items()
}
"""Numbers only of machines on which they are known; a rule of all machines stands in."""


@dataclass(frozen=True)
class SmpMachine:
    """One multiprocessor.

    Attributes
    ----------
    name, title : str
        The name as `machine_name` says it: with what was changed.
    topology : str
        "flat" (any two nodes one hop apart), "ring", "cube" or "tree".
    memory : str
        "bus" (one memory path for all) or "node" (one per socket or node).
    numbers : dict of str to Quantity
        Keys of `NUMBERS`, and those of `MEASURED` that the sheet gives.
    idle : tuple of (Quantity, Quantity)
        Idle states: shortest stay and time to leave [us].
    socket_copies : bool
        Whether one CPU's clean copy serves the other CPUs of its socket.
    prefetch_owns : bool
        Whether a prefetch for writing takes the line; where not, it is left out.
    core : str
        Machine whose core prices recorded paths here; empty where none is described.
    digest : str
        Hash of the whole sheet.
    boost : float
        Clock that the cores run at over `core.clock_hz`, in whose cycles every time is.
    """

    name: str
    title: str
    topology: str
    memory: str
    numbers: dict[str, Quantity]
    idle: tuple[tuple[Quantity, Quantity], ...] = ()
    socket_copies: bool = True
    prefetch_owns: bool = True
    core: str = ""
    digest: str = field(default="", compare=False)
    boost: float = 1.0

    def count(self, key: str) -> int:
        """A whole number such as `topology.cpus`."""
        return int(self.numbers[key].value)

    @property
    def nodes(self) -> int:
        """Sockets, or nodes of memory."""
        return -(-self.count("topology.cpus") // self.count("topology.cpus_per_socket"))

    @property
    def clock_hz(self) -> float:
        """Core clock [Hz]."""
        return self.numbers["core.clock_hz"].value

    def exact(self, number: Quantity) -> float:
        """A time of this machine in cycles of `core.clock_hz`."""
        scale = {"cycles": 1.0 / self.boost, "ns": self.clock_hz * 1e-9, "us": self.clock_hz * 1e-6}
        return number.value * scale[number.unit]

    def cycles(self, number: Quantity) -> int:
        """A time of this machine in whole core cycles."""
        return round(self.exact(number))

    def cost(self, key: str) -> int:
        """The number `key` in whole core cycles."""
        return self.cycles(self.numbers[key])

    def seconds(self, cycles: float) -> float:
        """Core cycles as seconds."""
        return cycles / self.clock_hz

    def steady(self) -> SmpMachine:
        """The machine at its core clock, whatever is busy."""
        kept = {key: n for key, n in self.numbers.items() if not key.startswith("turbo.")}
        return replace(self, numbers=kept)

    def running(self, busy: int) -> SmpMachine:
        """The machine with `busy` cores at work in its busiest socket, at the clock they have."""
        ratio = 1.0
        for step in range(1, schema.MOST_TURBO_STEPS + 1):
            if f"turbo.{step}.ratio" not in self.numbers:
                break
            ratio = self.numbers[f"turbo.{step}.ratio"].value
            if busy <= self.numbers[f"turbo.{step}.cores"].value:
                break
        return replace(self, boost=ratio)


def machine_names() -> list[str]:
    """Names of the packaged multiprocessors."""
    return load.machine_names(many=True)


def load_machine(name: str, settings: Sequence[str] = ()) -> SmpMachine:
    """The part for many CPUs of a packaged machine, or of a TOML file by path.

    Parameters
    ----------
    name : str
    settings : sequence of str
        `key=value`, e.g. "line.other=500", in the unit the file gives the number in.

    Raises
    ------
    UsageError
        If there is no such machine.
    InputError
        If the description is wrong; names file, key and value.
    """
    spec = load.load_machine(name, settings, many=True)
    return replace(of_spec(spec), name=machine_name(spec, settings))


def of_spec(spec: MachineSpec) -> SmpMachine:
    """The part for many CPUs of a checked sheet."""
    idle = [
        (spec.numbers[f"smp.idle.{state}.stay"], spec.numbers[f"smp.idle.{state}.leave"])
        for state in range(1, schema.MOST_IDLE_STATES + 1)
        if spec.has(f"smp.idle.{state}.stay")
    ]
    return SmpMachine(
        spec.name,
        spec.title,
        spec.words["smp.topology.kind"],
        spec.words["smp.memory"],
        {
            **{k: spec.numbers[key] for k, key in zip(NUMBERS, schema.SMP_NUMBERS, strict=True)},
            **{k: spec.numbers[f"{schema.SMP}{k}"] for k in MEASURED if spec.has(schema.SMP + k)},
        },
        tuple(idle),
        spec.words.get("smp.socket_copies", "yes") == "yes",
        spec.words.get("smp.prefetch_owns", "yes") == "yes",
        spec.words.get("smp.core", ""),
        spec.hash,
    )
