"""Rows: of one benchmark with arguments, and of a whole published table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from microbench.bench.ipc import ipc_rows
from microbench.bench.ipc_table import ipc_table
from microbench.bench.overhead import overhead_lines, overhead_rows
from microbench.bench.results import Row
from microbench.bench.runner import Outcome, run
from microbench.bench.setup import Calibration, Setup, prepare
from microbench.bench.values import Value
from microbench.errors import UsageError
from microbench.reference.compare import annotate
from microbench.reference.load import packaged
from microbench.systems.registry import SYSTEMS, check_systems
from microbench.workloads.base import Workload
from microbench.workloads.lat_ipc import LatIpc
from microbench.workloads.registry import workloads

TALK_SYSTEMS = ("native", "l4")
TABLES = ("context", "lmbench", "reaim")
OWN_TABLES = ("ipc", "overhead")
"""Tables with machines, columns and printing of their own; not part of "all"."""


def rows_of(outcome: Outcome, setup: Setup) -> list[Row]:
    """The tidy rows of one outcome, not yet compared with anything."""
    return [
        Row(
            benchmark=outcome.workload.name,
            args=outcome.workload.args,
            machine=setup.spec.name,
            system=outcome.system,
            metric=metric.name,
            unit=metric.unit,
            better=metric.better,
            value=metric.value,
            cycles=round(metric.cycles),
            machine_hash=setup.spec.hash,
        )
        for metric in outcome.metrics
    ]


def setup_rows(
    benchmark: str, args: Sequence[str], systems: Iterable[str], setup: Setup
) -> list[Row]:
    """Rows of one benchmark on a machine that is ready, compared with what is published."""
    chosen = list(systems)
    found = workloads(benchmark, list(args))
    return [row for workload in found for row in workload_rows(workload, chosen, setup)]


def workload_rows(workload: Workload, systems: Iterable[str], setup: Setup) -> list[Row]:
    """Rows of one workload; an IPC has no Linux in it and so no choice of systems."""
    if isinstance(workload, LatIpc):
        return ipc_rows(workload, setup)
    rows = []
    for system in systems:
        rows += rows_of(run(workload, system, setup), setup)
    return annotate(rows)


def benchmark_rows(
    benchmark: str,
    args: str = "",
    machine: str = "pxa255",
    systems: Iterable[str] | None = None,
    settings: Iterable[str] = (),
) -> list[Row]:
    """Rows of one benchmark; all its variants where `args` is empty.

    Raises
    ------
    UsageError, InputError
        For unknown names, bad arguments, or a bad machine.
    """
    chosen = check_systems(SYSTEMS if systems is None else systems)
    return setup_rows(benchmark, args.split(), chosen, prepare(machine, settings))


def table_variants(name: str) -> list[tuple[str, str]]:
    """Benchmark and arguments of each row of a published table, in its order.

    Raises
    ------
    UsageError
        For an unknown table.
    """
    if name not in TABLES:
        there = ", ".join((*TABLES, *OWN_TABLES, "all"))
        raise UsageError(f"no table {name!r}; there are {there}")
    found = [(p.benchmark, p.args) for p in packaged() if p.table == name]
    return list(dict.fromkeys(found))


def table_rows(
    name: str,
    machine: str = "pxa255",
    systems: Iterable[str] | None = None,
    settings: Iterable[str] = (),
    calibration: Calibration | None = None,
) -> list[Row]:
    """Rows of a published table, or of all of them.

    Raises
    ------
    UsageError, InputError
        For an unknown table, or a bad machine or setting.
    """
    if name in OWN_TABLES:
        if name == "ipc":
            return ipc_table(machine, settings)
        return overhead_rows(overhead_lines(machine, settings))
    chosen = check_systems(TALK_SYSTEMS if systems is None else systems)
    setup = prepare(machine, settings, calibration)
    rows = []
    for table in TABLES if name == "all" else (name,):
        for benchmark, args in table_variants(table):
            rows += setup_rows(benchmark, args.split(), chosen, setup)
    return rows


def value_rows(values: Sequence[Value], setup: Setup) -> list[Row]:
    """The tidy rows of values that were evaluated for the scoreboard."""
    rows = [
        Row(
            benchmark=v.published.benchmark,
            args=v.published.args,
            machine=setup.spec.name,
            system=v.published.system,
            metric=v.published.metric,
            unit=v.published.unit,
            better=v.published.better,
            value=v.modelled,
            machine_hash=setup.spec.hash,
        )
        for v in values
    ]
    return annotate(rows)
