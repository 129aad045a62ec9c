"""A program's estimate as tidy rows: calls as they were counted, and what each structure adds."""

from __future__ import annotations

from collections.abc import Iterable

from microbench.measured.calls.counts import Counts
from microbench.row import Row
from microbench.study.app import SHARES, Program, extra, moves
from microbench.study.structures import Structure

ALL = ""
"""Arguments of rows about all calls together."""


def count_rows(counts: Counts, machine: str) -> list[Row]:
    """How often each call was made: measured, nothing modelled."""
    return [
        Row(
            benchmark="calls",
            args=call.name,
            machine=machine,
            system="measured",
            metric="calls",
            unit="count",
            better="smaller",
            value=float(call.calls),
            role="measured",
            note=counts.kind,
        )
        for call in counts.calls
    ]


def app_rows(
    program: Program, structures: Iterable[Structure], pollution: float = 1.0
) -> list[Row]:
    """What each structure adds: per call [cycles], in all [s], as shares of the program's times."""
    return [row for structure in structures for row in _rows(program, structure, pollution)]


def _rows(program: Program, structure: Structure, pollution: float) -> list[Row]:
    low, value, high = (
        extra(program, structure, level, pollution) for level in ("low", "value", "high")
    )
    a_call = (structure.value, structure.low, structure.high)
    rows = [
        _row(structure, ALL, "extra_a_call", "cycles", *a_call),
        _row(structure, ALL, "extra", "s", value.seconds, low.seconds, high.seconds),
    ]
    for name in ("cpu", "wall"):
        share = getattr(value, name)
        if share is not None:
            ends = (getattr(low, name), getattr(high, name))
            rows.append(_row(structure, ALL, f"extra_share_{name}", "ratio", share, *ends))
    for part in SHARES:
        name = f"service_{100 * part:g}_percent"
        rows.append(_row(structure, ALL, name, "us", structure.service_us(part)))
    for moved in moves(program, structure):
        rows.append(_row(structure, moved.name, "extra", "s", moved.extra_s * pollution))
    return rows


def _row(
    structure: Structure,
    args: str,
    metric: str,
    unit: str,
    value: float,
    low: float | None = None,
    high: float | None = None,
) -> Row:
    return Row(
        benchmark="app",
        args=args,
        machine=structure.machine,
        system=structure.name,
        metric=metric,
        unit=unit,
        better="smaller",
        value=value,
        low=low,
        high=high,
        machine_hash=structure.machine_hash,
    )
