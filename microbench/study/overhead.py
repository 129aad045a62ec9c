"""When IPC matters: what a server instead of a kernel costs, call by call.

A system call is two mode switches; a call to a server is two IPCs, each of two mode switches
and a space switch. The rows are those of the machine's own kernel of today where that was
recorded, else of the functional one. Knows how often a row traps and what an IPC costs on the
machine. Refuses to know the rest of a server: unpacking, copying, scheduling are in the system
l4, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from microbench.machine.bounds import at_level
from microbench.machine.spec import MachineSpec
from microbench.recording.kernels import RecordedKernel
from microbench.reference.load import row_name
from microbench.row import Row
from microbench.run.ipc import LEVELS, one_way_cycles, system_of
from microbench.run.recorded import kernel_of, priced, user_entries
from microbench.run.runner import record, run
from microbench.run.setup import Setup, prepare
from microbench.run.shares import main_shares, summed
from microbench.study.tables import Ask, Step
from microbench.trace import Trace, ops
from microbench.workloads.lat_ipc import LatIpc
from microbench.workloads.recorded import MAKERS, Recipe, recipes
from microbench.workloads.registry import BENCHMARKS, workloads

SHARES = (0.10, 0.05, 0.01)
FAMILY = (
    "lat_syscall",
    "lat_sig",
    "lat_pagefault",
    "lat_pipe",
    "lat_unix",
    "lat_select",
    "lat_proc",
)
"""Benchmarks of the table, of those there are."""
NO_CALL = ("procedure",)
IPCS = 2
"""To the server and back."""
TODAY_IPC = "sel4"
"""The microkernel beside a kernel of today."""


@dataclass(frozen=True)
class OverheadLine:
    """One row of the lmbench family on one machine.

    Attributes
    ----------
    name, machine, system : str
        Benchmark with arguments, machine, kernel whose IPC is meant.
    native_cycles, clock_hz : float
        Cost of the row on native Linux [cycles], core clock [Hz].
    calls : float
        Traps of the row.
    overhead_cycles, low, high : float
        Two IPCs a trap, less the trap and its return [cycles]; at the ends of all ranges.
    machine_hash : str
    """

    name: str
    machine: str
    system: str
    native_cycles: float
    clock_hz: float
    calls: float
    overhead_cycles: float
    low: float
    high: float
    machine_hash: str

    @property
    def ipcs(self) -> float:
        """IPCs instead of the traps."""
        return IPCS * self.calls

    @property
    def share(self) -> float:
        """Overhead relative to the native cost."""
        return self.overhead_cycles / self.native_cycles

    @property
    def native_us(self) -> float:
        """Native cost [us]."""
        return self.native_cycles / self.clock_hz * 1e6

    def service_us(self, share: float) -> float:
        """Native length at which the row's overhead is this share [us]; 0 if there is none."""
        return max(0.0, self.overhead_cycles) / share / self.clock_hz * 1e6


NATIVE = "native"
KINDS = tuple(kind for kind in ops.TRAPS if kind != "interrupt")


def trap_cycles(spec: MachineSpec, kind: str) -> float:
    """A trap and its return, with what isolation and other mitigations add to them [cycles]."""
    isolated = spec.words.get("kernel_isolation") == "yes"
    writes = 2 * spec.value("special.space_register_cycles") if isolated else 0.0
    back = spec.value("trap.return_cycles")
    if kind == "fault":
        back = spec.value("trap.fault_return_cycles", back)
    guards = spec.value("mitigation.entry_cycles") + spec.value("mitigation.exit_cycles")
    return spec.value(f"trap.{kind}_cycles") + back + writes + guards


def traps(trace: Trace, counted: int) -> dict[str, float]:
    """Traps of each kind in one of the last `counted` iterations."""
    first = trace.marks[-counted - 1] if len(trace.marks) > counted else 0
    rows = trace.operations[first : trace.marks[-1]]
    kinds = rows[rows[:, 0] == ops.TRAP, 1]
    return {
        name: float(np.count_nonzero(kinds == number)) / counted
        for number, name in enumerate(ops.TRAPS)
        if name in KINDS
    }


def family_calls(family: Iterable[str] = FAMILY) -> list[tuple[str, str]]:
    """Benchmark and arguments of every row that makes a system call."""
    there = [name for name in family if name in BENCHMARKS]
    return [
        (name, args) for name in there for args in BENCHMARKS[name].variants if args not in NO_CALL
    ]


def overhead_lines(
    machine: str = "pxa255",
    settings: Iterable[str] = (),
    tick: Callable[[str], None] = lambda text: None,
    family: Iterable[str] = FAMILY,
) -> list[OverheadLine]:
    """The table for one machine.

    Parameters
    ----------
    tick : callable
        Told each row before it is priced.
    family : iterable of str
        Benchmarks; those that do not exist are left out.

    Raises
    ------
    UsageError, InputError
        For a bad machine or setting, or an architecture without a counted IPC path.
    """
    setup = prepare(machine, settings)
    server = Server(setup)
    lines = []
    for name, make in server.lines(family):
        tick(row_name(name, f"on {setup.machine}"))
        lines.append(make())
    return lines


def _recipes(benchmark: str, kernel: RecordedKernel) -> list[Recipe]:
    """The variants of a benchmark on a recorded kernel; none where it has none.

    A difference of two others, lat_sig prot, is not a call.
    """
    found = recipes(benchmark, (), kernel.operations()) if benchmark in MAKERS else []
    return [recipe for recipe in found if recipe.args != "prot"]


def _recorded(recipe: Recipe, kernel: RecordedKernel, server: Server) -> OverheadLine:
    """A row of the machine's own kernel, replayed as recorded."""
    setup = server.setup
    found = user_entries(recipe, kernel, setup.spec)
    extra = server.extra(found)
    return OverheadLine(
        name=f"{recipe.name} {recipe.args}".strip(),
        machine=setup.machine,
        system=server.system,
        native_cycles=priced(recipe, kernel, setup.spec, "value").cycles,
        clock_hz=setup.spec.value("core.clock_hz"),
        calls=sum(found.values()),
        overhead_cycles=extra["value"],
        low=min(extra.values()),
        high=max(extra.values()),
        machine_hash=setup.spec.hash,
    )


class Server:
    """What a call to a server costs on a machine; priced when first asked for.

    Parameters
    ----------
    setup : Setup
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.recorded = kernel_of(setup.spec)
        self.kernel = "" if self.recorded is None else TODAY_IPC
        self.system = system_of(LatIpc(kernel=self.kernel), setup)

    @cached_property
    def one_way(self) -> dict[str, float]:
        """Cycles of one way of a message, by level."""
        return {level: one_way_cycles(self.setup, level, self.kernel) for level in LEVELS}

    def lines(self, family: Iterable[str]) -> list[tuple[str, Callable[[], OverheadLine]]]:
        """What makes each line, by name: of the machine's own kernel where one was recorded."""
        kernel = self.recorded
        if kernel is None:
            calls = family_calls(family)
            return [(row_name(*call), partial(line_of, *call, self)) for call in calls]
        found = [recipe for name in family for recipe in _recipes(name, kernel)]
        return [(row_name(r.name, r.args), partial(_recorded, r, kernel, self)) for r in found]

    def extra(self, found: Mapping[str, float]) -> dict[str, float]:
        """Two IPCs instead of each trap and its return [cycles], by level."""
        return {
            level: sum(
                n * (IPCS * way - trap_cycles(at_level(self.setup.spec, level), kind))
                for kind, n in found.items()
            )
            for level, way in self.one_way.items()
        }


def line_of(benchmark: str, args: str, server: Server) -> OverheadLine:
    """One line: the row as `run` prints it, and the traps in one of its operations."""
    workload, setup = workloads(benchmark, args.split())[0], server.setup
    native = run(workload, NATIVE, setup)
    counted = {
        part.name: traps(record(workload, part, NATIVE, setup), part.counted)
        for part in workload.parts()
    }
    made_of = main_shares(workload)
    found = {
        kind: summed(made_of, {part: counted[part][kind] for part in counted}) for kind in KINDS
    }
    extra = server.extra(found)
    return OverheadLine(
        name=row_name(benchmark, args),
        machine=setup.machine,
        system=server.system,
        native_cycles=native.metrics[0].cycles,
        clock_hz=setup.spec.value("core.clock_hz"),
        calls=sum(found.values()),
        overhead_cycles=extra["value"],
        low=min(extra.values()),
        high=max(extra.values()),
        machine_hash=setup.spec.hash,
    )


def steps(ask: Ask) -> list[Step]:
    """A step for each row of the table, on each machine of a list with commas."""
    found: list[Step] = []
    for machine in dict.fromkeys((ask.machine or "pxa255").split(",")):
        server = Server(prepare(machine.strip(), ask.settings, ask.calibration))
        for name, make in server.lines(FAMILY):
            found.append((f"{name} on {server.setup.machine}", partial(_line_rows, make)))
    return found


def _line_rows(make: Callable[[], OverheadLine]) -> list[Row]:
    return _rows(make())


def overhead_rows(lines: Iterable[OverheadLine]) -> list[Row]:
    """The table as tidy rows."""
    return [row for line in lines for row in _rows(line)]


def _rows(line: OverheadLine) -> list[Row]:
    cycles = {
        "native": line.native_cycles,
        "overhead": line.overhead_cycles,
        "overhead_low": line.low,
        "overhead_high": line.high,
    }
    numbers = [(name, "cycles", value) for name, value in cycles.items()]
    numbers += [("native_time", "us", line.native_us)]
    numbers += [("calls", "count", line.calls), ("ipcs", "count", line.ipcs)]
    numbers += [("share", "ratio", line.share)]
    numbers += [(f"service_{100 * s:g}_percent", "us", line.service_us(s)) for s in SHARES]
    return [
        Row(
            benchmark="overhead",
            args=line.name,
            machine=line.machine,
            system=line.system,
            metric=metric,
            unit=unit,
            better="smaller",
            value=value,
            cycles=round(value) if unit == "cycles" else None,
            machine_hash=line.machine_hash,
        )
        for metric, unit, value in numbers
    ]
