"""Rows of one benchmark with arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from microbench.reference.compare import annotate
from microbench.row import Row
from microbench.run.ipc import ipc_rows
from microbench.run.runner import Outcome, run
from microbench.run.setup import Setup, prepare
from microbench.systems.registry import SYSTEMS, check_systems
from microbench.workloads.base import Workload
from microbench.workloads.lat_ipc import LatIpc
from microbench.workloads.registry import workloads

TALK_SYSTEMS = ("native", "l4")


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
