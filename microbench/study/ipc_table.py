"""The IPC table: the talk's ten values, the modern cores, and queued beside synchronous.

Knows which machines stand in it and which values were published for them. The rows are
tidy; `IpcLine` puts low, middle and high of one of them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from microbench.machine.load import machine_names
from microbench.machine.naming import packaged_name
from microbench.reference.compare import about
from microbench.reference.load import packaged, row_name
from microbench.row import Row
from microbench.run.rows import workload_rows
from microbench.run.setup import Setup, prepare
from microbench.study.tables import Ask, Step
from microbench.workloads.lat_ipc import parse

BESIDE = ("pentium", "k8-filter", "sa1100")
"""Machines of the first block that the talk has no row for: other readings of its names."""
UNPUBLISHED = ("cortex-a72",)
CROSS, SAME = "--kernel sel4", "--same-space --kernel sel4"
QUEUED = ("pentium3", "k8", "itanium2", "r4700", "pxa255", "skylake", "skylake-pti", "cortex-a53")
BLOCKS = {
    "talk": "L4 IPC, one way, no message words: the talk's five architectures",
    "modern": "seL4 IPC, one way: modern cores beside seL4's own measurements",
    "queued": "Synchronous IPC beside queued IPC (ports, buffers, scheduler: all estimates)",
}


Wanted = tuple[str, str, str]
"""Machine, arguments, metric."""


@dataclass(frozen=True)
class Case:
    """One call of lat_ipc on one machine, and which of its metrics the table shows."""

    machine: str
    args: str
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class IpcLine:
    """One line: the middle as a row, and the ends of the range [cycles]."""

    row: Row
    low: float
    high: float

    @property
    def place(self) -> str:
        """Where the published value lies: inside the range, below or above it."""
        if self.row.published is None:
            return ""
        if self.row.published < self.low:
            return "below"
        return "above" if self.row.published > self.high else "inside"


def cases() -> list[Case]:
    """Everything the table shows, block by block, each call once."""
    talk = [(p.machine, p.args, p.metric) for p in packaged() if p.table == "ipc"]
    talk += [(m, args, "latency") for m in BESIDE for args in ("--same-space", "")]
    modern = [(p.machine, p.args, p.metric) for p in packaged() if p.table == "sel4"]
    modern += [(m, args, "call") for m in UNPUBLISHED for args in (CROSS, SAME)]
    queued = [(m, args, "latency") for m in QUEUED for args in ("", "--kind queued")]
    return _cases(_beside_variants(talk) + modern + queued)


def _beside_variants(found: list[Wanted]) -> list[Wanted]:
    """The same with the variants of a machine behind it."""
    machines = list(dict.fromkeys(machine for machine, _, _ in found))
    first = [next(i for i, other in enumerate(machines) if about(m, other)) for m in machines]
    return sorted(found, key=lambda wanted: first[machines.index(wanted[0])])


def _cases(wanted: Iterable[Wanted]) -> list[Case]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for machine, args, metric in wanted:
        found.setdefault((machine, args), {})[metric] = None
    return [Case(machine, args, tuple(metrics)) for (machine, args), metrics in found.items()]


def chosen_cases(machine: str) -> list[Case]:
    """The cases of one machine and its variants; all of them for the default machine."""
    every = [case for case in cases() if case.machine in machine_names()]
    if machine == "pxa255":
        return every
    return [case for case in every if about(case.machine, machine)] or _own(machine)


def _own(machine: str) -> list[Case]:
    """A machine that the table does not know: its own kernel, both ways."""
    return [Case(machine, args, ("latency",)) for args in ("--same-space", "")]


def steps(ask: Ask) -> list[Step]:
    """A step for each call: rows of its wanted values, each with low and high.

    Raises
    ------
    UsageError, InputError
        For a bad machine or setting.
    """
    return [
        (
            row_name("lat_ipc", case.args, f"on {case.machine}"),
            partial(_case_rows, case, prepare(case.machine, ask.settings)),
        )
        for case in chosen_cases(ask.machine or "pxa255")
    ]


def _case_rows(case: Case, setup: Setup) -> list[Row]:
    wanted = {f"{metric}{end}" for metric in case.metrics for end in ("", "_low", "_high")}
    (workload,) = parse(case.args.split())
    rows = workload_rows(workload, None, setup)
    return [row for row in rows if row.metric in wanted]


def ipc_lines(rows: Iterable[Row]) -> list[IpcLine]:
    """Middle, low and high of every value side by side."""
    by_key = {row.key: row for row in rows}
    lines = []
    for key, row in by_key.items():
        low, high = (by_key.get((*key[:4], f"{row.metric}_{end}")) for end in ("low", "high"))
        if low is not None and high is not None:
            lines.append(IpcLine(row, low.value, high.value))
    return lines


def blocks(rows: Iterable[Row]) -> dict[str, list[IpcLine]]:
    """Title to lines; the third block has those that were run synchronous and queued."""
    lines = ipc_lines(rows)
    modern = {case.machine for case in cases() if CROSS in case.args}
    every = {x.row.machine: packaged_name(x.row.machine) for x in lines}
    queued = {line.row.machine for line in lines if "queued" in line.row.args}
    found = {
        "talk": [
            x for x in lines if x.row.args in TALK_ARGS and every[x.row.machine] not in modern
        ],
        "modern": [x for x in lines if CROSS in x.row.args],
        "queued": [x for x in lines if x.row.args in QUEUED_ARGS and x.row.machine in queued],
    }
    by_machine = {name: _together(group) for name, group in found.items() if group}
    return {BLOCKS[name]: group for name, group in by_machine.items()}


TALK_ARGS = ("--same-space", "")
QUEUED_ARGS = ("", "--kind queued")


def _together(lines: list[IpcLine]) -> list[IpcLine]:
    """The lines of a machine behind one another."""
    machines = list(dict.fromkeys(line.row.machine for line in lines))
    return sorted(lines, key=lambda line: machines.index(line.row.machine))
