"""What Linux became: the same operations of an old and of today's kernel on one machine.

The old recording is of another instruction set (ARM); on one machine the difference in cycles
is the path's, not the memory's. The causes are sub-paths whose instructions grew most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from microbench.errors import UsageError
from microbench.machine import core_engine as engine
from microbench.machine.core import Core, Counts
from microbench.machine.spec import MachineSpec
from microbench.recording.kernels import RecordedKernel, recorded_kernel
from microbench.recording.strings import FETCH, LOAD, STORE
from microbench.row import Row
from microbench.run.recorded import counts_of, kernel_of
from microbench.run.setup import Setup
from microbench.study.tables import Ask, Step

OLD, MACHINE = "linux-2.6.12", "skylake"
SAME = {"fstat64": "fstat", "stat64": "stat"}
"""Old name of an operation to today's, where they differ."""
SHOWN_CAUSES = 3


@dataclass(frozen=True)
class Path:
    """One operation of one kernel on the machine.

    Attributes
    ----------
    instructions, cycles : float
        Of one operation.
    code_lines, data_lines : int
        Distinct lines of 64 bytes.
    by_group : dict of str to float
        Instructions by sub-path.
    """

    instructions: float
    cycles: float
    code_lines: int
    data_lines: int
    by_group: dict[str, float]


@dataclass(frozen=True)
class KernelLine:
    """One operation then and now."""

    name: str
    machine: str
    then: Path
    now: Path
    system: str
    machine_hash: str

    @property
    def longer(self) -> float:
        """How many times the instructions of then."""
        return self.now.instructions / self.then.instructions

    @property
    def dearer(self) -> float:
        """How many times the cycles of then."""
        return self.now.cycles / self.then.cycles

    def causes(self) -> list[tuple[str, float]]:
        """Sub-paths that grew most: name and instructions more."""
        names = dict.fromkeys([*self.now.by_group, *self.then.by_group])
        more = {n: self.now.by_group.get(n, 0) - self.then.by_group.get(n, 0) for n in names}
        return sorted(more.items(), key=lambda item: -item[1])[:SHOWN_CAUSES]

    def grew_most(self) -> str:
        """The same in words."""
        return ", ".join(f"{name} {more:+,.0f}" for name, more in self.causes() if more > 0)


def kernel_lines(setup: Setup) -> list[KernelLine]:
    """Every operation both kernels were recorded in.

    Raises
    ------
    UsageError
        If no kernel of today was recorded for the machine.
    """
    now = kernel_of(setup.spec)
    if now is None:
        raise UsageError(f"no kernel of today was recorded for {setup.spec.name}")
    then = recorded_kernel(OLD)
    there = set(now.operations())
    pairs = [(name, SAME.get(name, name)) for name in then.operations()]
    return [
        KernelLine(
            new,
            setup.spec.name,
            _path(then, old, setup.spec),
            _path(now, new, setup.spec),
            now.name,
            setup.spec.hash,
        )
        for old, new in pairs
        if new in there
    ]


def _path(kernel: RecordedKernel, operation: str, spec: MachineSpec) -> Path:
    string = kernel.string(operation, spec.words.get("kernel_variant", "plain"))
    counts: Counts = counts_of(operation, kernel, spec)
    executed = counts.counters[:, engine.C_INSTRUCTIONS]
    groups = {g: float(n) for g, n in zip(counts.groups, executed, strict=True) if n}
    return Path(
        float(executed.sum()),
        float(Core(spec).price(counts).sum()),
        string.lines((FETCH,)),
        string.lines((LOAD, STORE)),
        groups,
    )


def kernel_rows(lines: list[KernelLine]) -> list[Row]:
    """Instructions, lines and cycles of each kernel as tidy rows; what grew most is a note."""
    found = []
    for line in lines:
        for system, path in ((OLD, line.then), (line.system, line.now)):
            numbers = {
                "instructions": path.instructions,
                "cycles": path.cycles,
                "code_lines": path.code_lines,
                "data_lines": path.data_lines,
            }
            for metric, value in numbers.items():
                unit = metric if metric in ("instructions", "cycles") else "lines"
                row = _row(line, system, metric, unit, value)
                grew = path is line.now and metric == "instructions"
                found.append(replace(row, note=line.grew_most()) if grew else row)
    return found


def _row(line: KernelLine, system: str, metric: str, unit: str, value: float) -> Row:
    return Row(
        benchmark="lat_kernel",
        args=line.name,
        machine=line.machine,
        system=system,
        metric=metric,
        unit=unit,
        better="smaller",
        value=value,
        cycles=round(value) if unit == "cycles" else None,
        machine_hash=line.machine_hash,
    )


def steps(ask: Ask) -> list[Step]:
    """One step: every operation of both kernels on a machine."""
    setup = ask.setup(MACHINE)
    return [(f"kernels on {setup.machine}", lambda: kernel_rows(kernel_lines(setup)))]
