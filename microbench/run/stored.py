"""Record the traces of a benchmark for a file, and price what a file holds.

A priced file gives the integers of a direct run, as long as the kernel files it was recorded
from are those of this installation; `changed` says which are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from microbench.errors import UsageError
from microbench.linux.kernel import Linux
from microbench.reference.compare import annotate
from microbench.row import Row
from microbench.run.rows import rows_of
from microbench.run.runner import Outcome, measure, record
from microbench.run.setup import Setup
from microbench.store.provenance import provenance
from microbench.systems.registry import check_systems, usual
from microbench.trace.store import Recorded, Stored
from microbench.workloads.base import Part, Workload, kind_of
from microbench.workloads.registry import workloads

DECIDING = ("model", "kernel.", "workload.")
"""Hashes that decide a trace; those of the machine and the calibration do not."""


def hashes() -> dict[str, str]:
    """Versions and file hashes a trace depends on, of this installation."""
    return {k: v for k, v in provenance([]).items() if k.startswith((*DECIDING, "mkbench"))}


def record_runs(benchmark: str, args: Sequence[str], systems: Iterable[str] | None) -> Stored:
    """The traces of a benchmark, every part on every system; on the usual ones if none is given.

    Raises
    ------
    UsageError
        For an unknown benchmark or bad arguments.
    """
    runs = [
        Recorded(w.name, w.args, part.name, system, part.counted, record(w, part, system))
        for w in workloads(benchmark, list(args))
        for system in check_systems(systems or usual(kind_of(w)), kind_of(w))
        for part in w.parts()
    ]
    return Stored(runs, hashes())


def changed(stored: Stored) -> list[str]:
    """Files that differ from those the traces were recorded from, by key."""
    now = {k: v for k, v in hashes().items() if k.startswith(DECIDING)}
    then = {k: v for k, v in stored.hashes.items() if k.startswith(DECIDING)}
    return sorted(k for k in now | then if now.get(k) != then.get(k))


def price(stored: Stored, setup: Setup) -> list[Row]:
    """The rows of everything in a file on one machine, compared with what is published.

    Raises
    ------
    UsageError
        If the file holds a benchmark or arguments this version does not know, or not all
        parts of one.
    """
    groups: dict[tuple[str, str, str], list[Recorded]] = {}
    for run in stored.runs:
        groups.setdefault((run.benchmark, run.args, run.system), []).append(run)
    rows: list[Row] = []
    for (benchmark, args, system), runs in groups.items():
        workload = workload_of(benchmark, args)
        parts = {r.part: measure(r.trace, _part(r), setup) for r in runs}
        if set(parts) != {part.name for part in workload.parts()}:
            raise UsageError(f"the file does not hold all parts of {benchmark} {args}")
        cycles = {name: measured.cycles for name, measured in parts.items()}
        metrics = workload.metrics(cycles, setup.spec.value("core.clock_hz"))
        rows += rows_of(Outcome(workload, system, metrics, parts), setup)
    return annotate(rows)


def workload_of(benchmark: str, args: str) -> Workload:
    """The one workload a stored benchmark and its arguments name."""
    found = [w for w in workloads(benchmark, args.split()) if w.args == args]
    if len(found) != 1:
        raise UsageError(f"{benchmark} {args}: not one workload of this version")
    return found[0]


def _part(run: Recorded) -> Part:
    warm_up = len(run.trace.marks) - run.counted
    return Part(run.part, _recorded, warm_up=warm_up, counted=run.counted)


def _recorded(iterations: int, linux: Linux) -> None:
    """What was recorded is not built again."""
    raise AssertionError("a stored part is priced, not run")
