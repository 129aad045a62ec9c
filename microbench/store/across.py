"""Results of different machines, systems or files side by side: rows of the same question.

What the sides differ in does not name a row: where each side has one machine, machines may
differ; where each has one system, systems may. Nothing is judged here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from microbench.errors import MismatchError
from microbench.row import Row

Key = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One question on several sides.

    Attributes
    ----------
    rows : tuple of Row or None
        One for each side, in their order.
    """

    rows: tuple[Row | None, ...]

    @property
    def first(self) -> Row:
        """A row there is, for what all share."""
        return next(row for row in self.rows if row is not None)

    @property
    def there(self) -> list[Row]:
        """The rows there are."""
        return [row for row in self.rows if row is not None]

    def change(self, side: int) -> float | None:
        """Value of a side / that of the first - 1; None where either is missing or zero."""
        base, other = self.rows[0], self.rows[side]
        if base is None or other is None or base.value <= 0:
            return None
        return other.value / base.value - 1

    def unclear(self, side: int) -> bool:
        """Whether both were measured and their intervals overlap."""
        base, other = self.rows[0], self.rows[side]
        if base is None or other is None or {base.role, other.role} != {"measured"}:
            return False
        if None in (base.low, base.high, other.low, other.high):
            return False
        assert base.low is not None
        assert base.high is not None
        assert other.low is not None
        assert other.high is not None
        return other.low <= base.high and base.low <= other.high


def across(sides: Sequence[Sequence[Row]], strict: bool = True) -> list[Line]:
    """Rows of several sides by what they have in common, in the order of the first side.

    Parameters
    ----------
    strict : bool
        Raise where nothing matches; else there is no line.

    Raises
    ------
    MismatchError
        If no row stands on two sides, or units differ.
    """
    named = _names(sides)
    by_side: list[dict[Key, Row]] = [{_key(row, named): row for row in side} for side in sides]
    keys = dict.fromkeys(key for side in by_side for key in side)
    lines = [Line(tuple(side.get(key) for side in by_side)) for key in keys]
    lines = [line for line in lines if sum(row is not None for row in line.rows) > 1]
    if not lines and strict:
        raise MismatchError("the results have no row in common: no benchmark on both sides")
    for line in lines:
        units = {row.unit for row in line.rows if row is not None}
        if len(units) > 1:
            row = line.first
            name = f"{row.benchmark} {row.args}".strip()
            raise MismatchError(f"{name}: unit: {' / '.join(sorted(units))}")
    return lines


def _names(sides: Sequence[Sequence[Row]]) -> tuple[str, ...]:
    """Which of machine and system name a row: those of which a side has several."""
    found = []
    for field in ("machine", "system"):
        if any(len({getattr(row, field) for row in side}) > 1 for side in sides):
            found.append(field)
    return tuple(found)


def _key(row: Row, named: Iterable[str]) -> Key:
    return (row.benchmark, row.args, row.metric, *(getattr(row, field) for field in named))


def means(lines: Iterable[Line], sides: int) -> list[float | None]:
    """Geometric mean of each side's time over that of the first; of a rate, the inverse."""
    logs: list[list[float]] = [[] for _ in range(sides)]
    for line in lines:
        for side in range(sides):
            change = line.change(side)
            if change is not None and change > -1:
                sign = 1 if line.first.better == "smaller" else -1
                logs[side].append(sign * math.log1p(change))
    return [math.exp(math.fsum(x) / len(x)) if x else None for x in logs]


def labels(sides: Mapping[str, Sequence[Row]]) -> list[str]:
    """What to call each side: its machine where they differ, else the name it was given by."""
    machines = [{row.machine for row in rows} for rows in sides.values()]
    if all(len(m) == 1 for m in machines):
        names = [next(iter(m)) for m in machines]
        if len(set(names)) == len(names):
            return names
    return list(sides)
