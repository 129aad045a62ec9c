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


def compared_with(rows: Iterable[RowT], source: str) -> list[RowT]:
    """The rows beside what a source published, whatever machine it is about.

    A row whose machine it is not about has no role: it neither predicts the value nor misses it.
    """
    index = {_key(p): p for p in packaged() if p.source.startswith(source)}
    return [_beside(row, index.get(_key(row))) for row in rows]


def _beside(row: Any, value: Published | None) -> Any:
    if row.published is not None or value is None or value.unit != row.unit:
        return row
    source = f"{value.source}, about {value.machine}"
    error = row.value / value.value - 1 if row.is_result else None
    return replace(row, published=value.value, published_source=source, error=error)


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
                error=row.value / value.value - 1 if getattr(row, "is_result", True) else None,
                role=value.role,
            )
    return row
