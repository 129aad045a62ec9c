"""Rows of some systems side by side: what a published table shows per line.

The first system is the base of ratios: native wherever it ran. Knows which way a ratio goes
(above 1: the other system is faster). Refuses to know how it is printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from microbench.reference.compare import published_ratio
from microbench.row import Row, speed_ratio

BASE = "native"
PRINCIPAL = ("latency", "bandwidth", "jobs_per_minute_per_child")
"""What a benchmark is run for. A name without a metric means one of these."""


def row_name(benchmark: str, args: str, metric: str) -> str:
    """Benchmark and arguments, as typed, with the metric in brackets if it is a side result."""
    name = f"{benchmark} {args}".strip()
    return name if metric in PRINCIPAL else f"{name} ({metric.replace('_', ' ')})"


@dataclass(frozen=True)
class Pair:
    """One line of a table: the same benchmark on some systems.

    Attributes
    ----------
    benchmark, args, machine, metric, unit, better : str
        What the rows share.
    rows : dict of str to Row
        System name to its row.
    """

    benchmark: str
    args: str
    machine: str
    metric: str
    unit: str
    better: str
    rows: dict[str, Row]

    @property
    def name(self) -> str:
        """Benchmark and arguments, as they are typed; see `row_name`."""
        return row_name(self.benchmark, self.args, self.metric)

    @property
    def base(self) -> str:
        """The system ratios are relative to."""
        return BASE if BASE in self.rows else next(iter(self.rows))

    @property
    def others(self) -> tuple[str, ...]:
        """The other systems."""
        return tuple(system for system in self.rows if system != self.base)

    def value(self, system: str) -> float | None:
        """The modelled value of a system [unit], None if it was not run or is no result."""
        return self.rows[system].result if system in self.rows else None

    def published(self, system: str) -> float | None:
        """The published value of a system [unit], None if there is none."""
        return self.rows[system].published if system in self.rows else None

    def error(self, system: str) -> float | None:
        """Relative error of a system's row."""
        return self.rows[system].error if system in self.rows else None

    def role(self, system: str) -> str:
        """Role of a system's published value, "" if there is none."""
        return self.rows[system].role if system in self.rows else ""

    def ratio(self, system: str = "l4") -> float | None:
        """Modelled speed of `system` relative to the base; None for the base itself."""
        if system == self.base:
            return None
        return speed_ratio(self.value(self.base), self.value(system), self.better)

    @property
    def published_ratio(self) -> float | None:
        """The ratio as printed beside the published values, None if none was printed."""
        if self.published("native") is None or self.published("l4") is None:
            return None
        return published_ratio(self.benchmark, self.args, self.metric, self.machine)


def pair_rows(rows: Iterable[Row]) -> list[Pair]:
    """Group rows by everything but the system, in order of first appearance."""
    found: dict[tuple[str, ...], Pair] = {}
    for row in rows:
        what = (row.benchmark, row.args, row.machine, row.metric, row.unit, row.better)
        found.setdefault(what, Pair(*what, rows={})).rows[row.system] = row
    return list(found.values())
