"""Put the published value, its source, the error and the role beside a result row.

Knows how a row is matched: benchmark, args, system, metric, unit and the machine the value
was measured on. Refuses to know how the row was modelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from microbench.errors import MismatchError
from microbench.reference.load import Published, packaged

RowT = TypeVar("RowT")
Key = tuple[str, str, str, str]


def annotate(rows: Iterable[RowT], published: Iterable[Published] | None = None) -> list[RowT]:
    """The same rows with `published`, `published_source`, `error` and `role` filled in.

    Parameters
    ----------
    rows : iterable of Row
        Rows without a published counterpart come back unchanged.
    published : iterable of Published, optional
        What to compare with; the packaged tables if not given.

    Raises
    ------
    MismatchError
        If a row has another unit than its published value.
    """
    index: dict[Key, list[Published]] = {}
    for value in packaged() if published is None else published:
        index.setdefault(_key(value), []).append(value)
    return [_annotated(row, index.get(_key(row), [])) for row in rows]


def about(machine: str, measured_on: str) -> bool:
    """Whether a row's machine is the measured one or a named variant of it (`NAME-...`)."""
    return machine == measured_on or machine.startswith(measured_on + "-")


def published_ratio(
    benchmark: str,
    args: str,
    metric: str,
    machine: str,
    published: Iterable[Published] | None = None,
) -> float | None:
    """The ratio printed in the table (above 1: l4 is faster), or None if none was printed."""
    for value in packaged() if published is None else published:
        same = (value.benchmark, value.args, value.metric) == (benchmark, args, metric)
        if same and about(machine, value.machine):
            return value.ratio
    return None


def _key(thing: Any) -> Key:
    return (thing.benchmark, thing.args, thing.system, thing.metric)


def _annotated(row: Any, candidates: list[Published]) -> Any:
    for value in sorted(candidates, key=lambda v: bool(v.machine != row.machine)):
        if about(row.machine, value.machine):
            if row.unit != value.unit:
                what = f"{row.benchmark} {row.args} on {row.system}"
                raise MismatchError(f"{what}: in {row.unit}, but published in {value.unit}")
            return replace(
                row,
                published=value.value,
                published_source=value.source,
                error=row.value / value.value - 1,
                role=value.role,
            )
    return row
