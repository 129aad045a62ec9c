"""Rows of a whole published table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from microbench.errors import UsageError
from microbench.reference.compare import annotate
from microbench.reference.load import packaged
from microbench.row import Row
from microbench.run.rows import setup_rows
from microbench.run.setup import Calibration, Setup, prepare
from microbench.study.containment import containment_rows
from microbench.study.fs_table import fs_rows
from microbench.study.ipc_table import ipc_table
from microbench.study.overhead import overhead_lines, overhead_rows
from microbench.study.values import Value
from microbench.systems.registry import check_systems

TABLES = ("context", "lmbench", "reaim")
OWN_TABLES = ("ipc", "overhead")
FILE_TABLES = ("fs", "containment")
"""Tables with machines, columns and printing of their own; not part of "all"."""


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
        names = dict.fromkeys(name.strip() for name in machine.split(","))
        return [r for one in names for r in overhead_rows(overhead_lines(one, settings))]
    if name in FILE_TABLES:
        return fs_rows() if name == "fs" else containment_rows(prepare(machine, settings))
    chosen = check_systems(systems or ())
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
