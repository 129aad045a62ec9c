"""Rows of one benchmark with arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from microbench.reference.compare import annotate
from microbench.row import NO_RESULT, Row
from microbench.run.ipc import outcomes, rows_at_levels
from microbench.run.runner import Outcome, run
from microbench.run.setup import Setup, prepare
from microbench.run.shares import Shares, all_shares, taken_off
from microbench.systems.registry import check_systems, talk, usual
from microbench.workloads.base import Metric, Workload, kind_of, on_system, own_systems
from microbench.workloads.registry import workloads

Run = tuple[Outcome, ...]
"""One workload on one system: as it is; where it is priced so, at both ends of its ranges."""


def on_systems(
    workload: Workload, systems: Iterable[str] | None, setup: Setup, beside: bool = False
) -> list[tuple[Workload, str]]:
    """The systems one workload runs on, and what it is called there.

    Parameters
    ----------
    systems : iterable of str or None
        Where none is given: those the workload names itself, else those of the talk.
    beside : bool
        Else those of the talk and what stands beside them.

    Raises
    ------
    UsageError
        For a system that does not exist or does not play such a workload.
    """
    kind, architecture = kind_of(workload), setup.spec.words.get("architecture", "")
    asked = check_systems(systems or (), kind)
    if asked:
        return [(on_system(workload, system, architecture), system) for system in asked]
    own = own_systems(workload, architecture)
    return [(workload, s) for s in own or (usual(kind) if beside else talk(kind))]


def runs_of(
    workload: Workload, systems: Iterable[str] | None, setup: Setup, beside: bool = False
) -> list[Run]:
    """One workload on each of the systems; see `on_systems`."""
    found = on_systems(workload, systems, setup, beside)
    if kind_of(workload) == "message":
        return [outcomes(w, system, setup) for w, system in found]
    return [(run(w, system, setup),) for w, system in found]


def rows_of(outcome: Outcome, setup: Setup) -> list[Row]:
    """The tidy rows of one outcome, not yet compared with anything."""
    made_of = all_shares(outcome.workload)
    return [
        Row(
            benchmark=outcome.workload.name,
            args=outcome.workload.args,
            machine=setup.machine,
            system=outcome.system,
            metric=metric.name,
            unit=metric.unit,
            better=metric.better,
            value=metric.value,
            cycles=round(metric.cycles),
            machine_hash=setup.spec.hash,
            note=NO_RESULT if no_result(outcome, metric, made_of[metric.name]) else "",
        )
        for metric in outcome.metrics
    ]


def no_result(outcome: Outcome, metric: Metric, made_of: Shares) -> bool:
    """Whether a value is no larger than what the overhead taken off varies by."""
    off = [name for name in taken_off(made_of) if name in outcome.parts]
    varies = sum(
        -float(made_of[name]) * outcome.parts[name].cycles * outcome.parts[name].spread
        for name in off
    )
    return bool(off) and metric.cycles <= varies


def rows_of_run(found: Run, setup: Setup) -> list[Row]:
    """The rows of one run, compared with what is published."""
    if len(found) > 1:
        return rows_at_levels(found, setup)
    return annotate(rows_of(found[0], setup))


def workload_rows(workload: Workload, systems: Iterable[str] | None, setup: Setup) -> list[Row]:
    """Rows of one workload, compared with what is published."""
    return [row for found in runs_of(workload, systems, setup) for row in rows_of_run(found, setup)]


def setup_rows(
    benchmark: str, args: Sequence[str], systems: Iterable[str] | None, setup: Setup
) -> list[Row]:
    """Rows of one benchmark on a machine that is ready, compared with what is published."""
    found = workloads(benchmark, list(args))
    return [row for workload in found for row in workload_rows(workload, systems, setup)]


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
    setup = prepare(machine, settings)
    return [
        row
        for workload in workloads(benchmark, args.split())
        for found in runs_of(workload, systems, setup, beside=True)
        for row in rows_of_run(found, setup)
    ]
