"""One benchmark, or all rows, over many variants of a machine.

A point is one choice for each varied key; points are priced in batches wherever there are
cores. What is finished goes into a journal beside the result, so that a sweep that was
killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from microbench.errors import MismatchError, UsageError
from microbench.machine.parameters import build
from microbench.machine.retiming import geometry
from microbench.row import Row
from microbench.run.calls import calls
from microbench.run.parallel import cluster, local
from microbench.run.rows import setup_rows
from microbench.run.runner import record_all
from microbench.run.setup import Setup
from microbench.store.provenance import provenance
from microbench.study.tables import published_tables, table_variants

MOST_POINTS = 1_000_000
BATCHES_PER_PROCESS = 10
MOST_IN_BATCH = 50
PLAIN = ("published", "published_source", "error", "role")
"""Columns a variant has no claim to: what is published is about the machine as it was."""

Point = tuple[tuple[str, str], ...]
Record = dict[str, object]


@dataclass(frozen=True)
class Sweep:
    """What is run at each point.

    Attributes
    ----------
    benchmark : str
        A benchmark, a table, or "all" for every row of the talk's tables.
    args : tuple of str
    systems : tuple of str
    setup : Setup
        The machine that is varied.
    keys : mapping of str to sequence of str
        Varied key to its values, as they would follow `--set key=`.
    """

    benchmark: str
    args: tuple[str, ...]
    systems: tuple[str, ...]
    setup: Setup
    keys: Mapping[str, Sequence[str]]

    def points(self) -> list[Point]:
        """All combinations, the last key varying fastest."""
        values = [[(key, text) for text in texts] for key, texts in self.keys.items()]
        return list(itertools.product(*values))

    @property
    def identity(self) -> str:
        """Names the sweep and everything that decides its integers."""
        about = [self.benchmark, self.args, self.systems, self.setup.spec.hash]
        scales = [sorted(self.setup.scales.items()), sorted(self.setup.workload.items())]
        keys = [[key, list(texts)] for key, texts in self.keys.items()]
        text = json.dumps([about, scales, keys, installation()])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Batch:
    """Some points of a sweep, to be priced by one worker."""

    sweep: Sweep
    points: tuple[Point, ...]
    installed: str


@cache
def installation() -> str:
    """Names the model and the data files of this installation."""
    found = provenance([])
    text = json.dumps({k: v for k, v in found.items() if k not in ("command", "seed")})
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def key_of(point: Point) -> str:
    """A point in words."""
    return " ".join(f"{key}={text}" for key, text in point)


def parse_vary(texts: Sequence[str]) -> dict[str, list[str]]:
    """`key=value,value` options as key to values.

    Raises
    ------
    UsageError
        For a malformed option, a key given twice, or too many points.
    """
    found: dict[str, list[str]] = {}
    points = 1
    for text in texts:
        key, equals, values = text.partition("=")
        chosen = [value.strip() for value in values.split(",") if value.strip()]
        if not equals or not chosen:
            raise UsageError(f"--vary {text}: write key=value,value,...")
        if key.strip() in found:
            raise UsageError(f"--vary {key.strip()}: given twice")
        found[key.strip()] = list(dict.fromkeys(chosen))
        points *= len(found[key.strip()])
    if points > MOST_POINTS:
        raise UsageError(f"--vary: {points} points, more than {MOST_POINTS}")
    return found


def setup_at(setup: Setup, point: Point) -> Setup:
    """The machine at a point.

    Raises
    ------
    InputError
        For an unknown key, a bad value, or a geometry that does not work out.
    """
    source = "--vary " + key_of(point)
    return replace(setup, spec=setup.spec.with_(dict(point), source))


def check_points(sweep: Sweep) -> None:
    """Refuse a point that cannot be priced before any is.

    Raises
    ------
    InputError
        Naming the key and value.
    """
    for point in sweep.points():
        setup_at(sweep.setup, point)


def variants(sweep: Sweep) -> list[tuple[str, list[str]]]:
    """Benchmarks and arguments that are run at each point."""
    if sweep.benchmark not in ("all", *published_tables()):
        return [(sweep.benchmark, list(sweep.args))]
    if sweep.args:
        raise UsageError(
            f"table {sweep.benchmark} takes no arguments, not {' '.join(sweep.args)!r}"
        )
    names = published_tables() if sweep.benchmark == "all" else (sweep.benchmark,)
    pairs = [pair for table in names for pair in table_variants(table)]
    return [(name, args.split()) for name, args in dict.fromkeys(pairs)]


def records_at(sweep: Sweep, point: Point) -> list[Record]:
    """The rows of one point, the varied keys first."""
    setup = setup_at(sweep.setup, point)
    found: list[Record] = []
    for name, args in variants(sweep):
        rows = setup_rows(name, args, sweep.systems, setup)
        found += [_record(point, row) for row in rows]
    return found


def _record_all(sweep: Sweep, point: Point) -> None:
    setup = setup_at(sweep.setup, point)
    for name, args in variants(sweep):
        for pairs in calls(name, args, sweep.systems, setup):
            for workload, system in pairs:
                record_all(workload, system, setup)


def _record(point: Point, row: Row) -> Record:
    plain = {k: v for k, v in row.as_dict().items() if k not in PLAIN}
    return {**dict(point), **plain}


def run_batch(batch: Batch) -> list[list[Record]]:
    """Price the points of a batch; what a worker does.

    Raises
    ------
    MismatchError
        If the worker's installation is not the one that asked.
    """
    if batch.installed != installation():
        raise MismatchError("a worker has another version of mkbench or other data files")
    return [records_at(batch.sweep, point) for point in batch.points]


def by_geometry(sweep: Sweep, points: Sequence[Point]) -> list[Point]:
    """The points in an order in which those follow one another that differ in costs only."""
    none = np.zeros((0, 6), np.int64)
    shapes = [geometry(build(setup_at(sweep.setup, p).spec, none)[0]) for p in points]
    return [points[i] for i in sorted(range(len(points)), key=lambda i: (shapes[i], i))]


def run_sweep(
    sweep: Sweep, wanted: Sequence[Point], processes: int = 1, scheduler: str | None = None
) -> Iterator[tuple[Point, list[Record]]]:
    """The rows of each wanted point, as they finish.

    Parameters
    ----------
    processes : int
        Processes of this machine; not used with a scheduler.
    scheduler : str, optional
        Address of a Dask scheduler that runs already.
    """
    if not wanted:
        return
    wanted = by_geometry(sweep, wanted)
    size = max(1, min(MOST_IN_BATCH, len(wanted) // (BATCHES_PER_PROCESS * processes)))
    batches = [
        Batch(sweep, tuple(wanted[i : i + size]), installation())
        for i in range(0, len(wanted), size)
    ]
    if scheduler is None:
        if processes > 1:
            _record_all(sweep, wanted[0])  # forked workers inherit its traces
        answers = local(run_batch, batches, processes)
    else:
        answers = cluster(run_batch, batches, scheduler)
    for number, answer in answers:
        yield from zip(batches[number].points, answer, strict=True)
