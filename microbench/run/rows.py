"""Rows of one benchmark with arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from microbench.reference.compare import annotate
from microbench.row import NO_RESULT, Row
from microbench.run.calls import Run, calls, run_on, runs_of
from microbench.run.ipc import rows_at_levels
from microbench.run.recorded import row_of
from microbench.run.runner import Outcome
from microbench.run.setup import Setup, prepare
from microbench.run.shares import Shares, all_shares, taken_off
from microbench.workloads.base import Metric, Workload, kind_of


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
    kind = kind_of(found[0].workload)
    if kind == "recorded":
        return [row_of(found, setup)]
    if kind == "message":
        return rows_at_levels(found, setup)
    return annotate(rows_of(found[0], setup))


def workload_rows(workload: Workload, systems: Iterable[str] | None, setup: Setup) -> list[Row]:
    """Rows of one workload, compared with what is published."""
    return [row for found in runs_of(workload, systems, setup) for row in rows_of_run(found, setup)]


def setup_rows(
    benchmark: str,
    args: Sequence[str],
    systems: Iterable[str] | None,
    setup: Setup,
    beside: bool = False,
) -> list[Row]:
    """Rows of one benchmark on a machine that is ready, compared with what is published.

    Raises
    ------
    UsageError
        For unknown names or bad arguments.
    """
    return [
        row
        for pairs in calls(benchmark, args, systems, setup, beside)
        for workload, system in pairs
        for row in rows_of_run(run_on(workload, system, setup), setup)
    ]


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
    return setup_rows(benchmark, args.split(), systems, prepare(machine, settings), beside=True)
