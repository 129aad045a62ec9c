"""Modelled rows for a question from outside: one benchmark on one machine, with its range.

On a machine for which a kernel of today was recorded that kernel is meant, elsewhere the
functional Linux; a user's own choice of systems goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from microbench.machine.bounds import at_level
from microbench.row import Row
from microbench.run import account
from microbench.run.calls import calls, own_kernel
from microbench.run.explain import columns
from microbench.run.rows import setup_rows
from microbench.run.setup import Setup

NATIVE = ["native"]
ENDS = ("low", "high")


def meant(
    benchmark: str, args: Sequence[str], setup: Setup, systems: Iterable[str] | None = None
) -> list[str] | None:
    """The systems a question is about; None where the benchmark names them itself."""
    own = None if systems else own_kernel(benchmark, args, setup)
    return None if benchmark == "lat_ipc" else list(systems or own or NATIVE)


def middle_rows(
    benchmark: str, args: Sequence[str], setup: Setup, systems: Iterable[str] | None = None
) -> list[Row]:
    """Rows of a benchmark; a range only where it costs nothing.

    Raises
    ------
    UsageError, InputError
        For a benchmark or arguments that are not modelled.
    """
    return setup_rows(benchmark, args, meant(benchmark, args, setup, systems), setup)


def modelled_rows(
    benchmark: str, args: Sequence[str], setup: Setup, systems: Iterable[str] | None = None
) -> list[Row]:
    """Rows with `low` and `high`: all ranges of the machine at one end together.

    Raises
    ------
    UsageError, InputError
        For a benchmark or arguments that are not modelled.
    """
    middle = middle_rows(benchmark, args, setup, systems)
    if benchmark == "lat_ipc":
        return _with_ends(middle)
    if all(row.low is not None for row in middle):
        return middle
    ends = [
        {row.key: row.value for row in middle_rows(benchmark, args, at_end(setup, level), systems)}
        for level in ENDS
    ]
    return [_ranged(row, [end.get(row.key, row.value) for end in ends]) for row in middle]


def at_end(setup: Setup, level: str) -> Setup:
    """The setup with its machine at one end."""
    return replace(setup, spec=at_level(setup.spec, level))


def _ranged(row: Row, ends: Sequence[float]) -> Row:
    if row.low is not None:
        return row
    return replace(row, low=min(row.value, *ends), high=max(row.value, *ends))


def _with_ends(rows: Sequence[Row]) -> list[Row]:
    """Rows of an IPC, whose ends stand beside them as metrics of their own."""
    by_metric = {row.metric: row.value for row in rows}
    found = []
    for row in rows:
        ends = [by_metric.get(f"{row.metric}_{end}") for end in ENDS]
        known = [end for end in ends if end is not None]
        if len(known) == len(ENDS):
            found.append(_ranged(row, known))
    return found or list(rows)


def by_cause(
    benchmark: str, args: Sequence[str], setup: Setup, systems: Sequence[str] | None = None
) -> dict[str, float]:
    """Cycles of one modelled operation by cause.

    Raises
    ------
    UsageError, InputError
        For a benchmark or arguments that are not modelled.
    """
    chosen = meant(benchmark, args, setup, systems)
    found = columns(calls(benchmark, args, chosen, setup, beside=True)[:1], setup)
    return account.by_cause(next(iter(found.values())))
