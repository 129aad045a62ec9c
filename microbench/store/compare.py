"""Two results, row by row: what differs, by how much, and whether that is allowed.

Knows that the model is deterministic: without a tolerance, equal means equal cycles. First
asks whether the two describe the same thing at all. Refuses to know files and colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from microbench.errors import MismatchError
from microbench.row import Row
from microbench.store.provenance import is_identity
from microbench.store.rows import Results

ROUNDING = 1e-12
"""Relative difference of floats that is arithmetic order, not a change."""


@dataclass(frozen=True)
class Match:
    """A row that stands in both results.

    Attributes
    ----------
    old, new : Row
    tolerance : float or None
        Allowed relative difference; None: equal cycles.
    """

    old: Row
    new: Row
    tolerance: float | None = None

    @property
    def machine(self) -> str:
        """The machine both rows are about."""
        return self.new.machine

    @property
    def change(self) -> float:
        """new / old - 1 of the value; infinite if only the old one is zero."""
        if self.new.value == self.old.value or not (self.new.has_value or self.old.has_value):
            return 0.0
        if not (self.new.has_value and self.old.has_value):
            return math.copysign(math.inf, 1.0 if self.new.better == "smaller" else -1.0)
        if self.old.value == 0:
            return math.copysign(math.inf, self.new.value)
        return (self.new.value - self.old.value) / abs(self.old.value)

    @property
    def differs(self) -> bool:
        """Whether the difference is more than the tolerance allows."""
        if self.tolerance is not None:
            return abs(self.change) > self.tolerance + ROUNDING
        same_cycles = self.old.cycles == self.new.cycles
        return not same_cycles or abs(self.change) > ROUNDING

    @property
    def verdict(self) -> str:
        """ "same", "within" (the tolerance), "better", "worse" or "cycles"."""
        if not self.differs:
            return "same" if abs(self.change) <= ROUNDING else "within"
        if abs(self.change) <= ROUNDING:
            return "cycles"
        return "worse" if (self.change > 0) == (self.new.better == "smaller") else "better"

    @property
    def speed(self) -> float | None:
        """Speed of the new relative to the old; None if there is none to speak of."""
        if not (self.old.value > 0 and self.new.value > 0):
            return None
        ratio = self.new.value / self.old.value
        if not 1e-300 < ratio < 1e300:
            return None
        return 1 / ratio if self.new.better == "smaller" else ratio


@dataclass(frozen=True)
class Comparison:
    """The rows of two results, sorted into matched, added and removed."""

    matched: tuple[Match, ...]
    added: tuple[Row, ...]
    removed: tuple[Row, ...]

    def failures(self, only_worse: bool = False) -> list[Match]:
        """Matched rows that differ by more than allowed; on request only the worse ones."""
        allowed = ("better",) if only_worse else ()
        return [m for m in self.matched if m.differs and m.verdict not in allowed]

    def failed(self, only_worse: bool = False) -> bool:
        """Whether a row differs by too much or is gone."""
        return bool(self.removed or self.failures(only_worse))

    def means(self) -> dict[str, tuple[float, int]]:
        """Geometric mean of the speed ratio by metric, and over how many rows."""
        logs: dict[str, list[float]] = {}
        for match in self.matched:
            if match.speed is not None:
                logs.setdefault(match.new.metric, []).append(math.log(match.speed))
        return {k: (math.exp(math.fsum(v) / len(v)), len(v)) for k, v in logs.items()}


def differences(old: Results, new: Results) -> list[str]:
    """Why the two do not describe the same thing, one phrase per key; empty if they do.

    Only keys both know are compared, except that a kernel or workload file the old result
    names must still be there if the new one names any of its family.
    """
    found = [
        f"{key}: {value or 'empty'} / {new.provenance[key] or 'empty'}"
        for key, value in old.provenance.items()
        if is_identity(key) and value != new.provenance.get(key, value)
    ]
    found += _gone(old.provenance, new.provenance)
    named = {key.partition(":")[0] for key in found}
    for left, right in _common(old.rows, new.rows):
        found += _row_differences(left, right, named)
    return found


def compare(
    old: Results, new: Results, tolerance: float | None = None, force: bool = False
) -> Comparison:
    """Compare two results.

    Parameters
    ----------
    old, new : Results
    tolerance : float, optional
        Relative; a row's own tolerance in `old` goes first. None: exact.
    force : bool
        Compare although they do not describe the same thing.

    Raises
    ------
    MismatchError
        If they do not and `force` is not given, if units differ, or if no row is common.
    """
    _refuse_units(old.rows, new.rows)
    different = differences(old, new)
    if different and not force:
        raise MismatchError(_said(different))
    before = {row.key: row for row in old.rows}
    after = {row.key: row for row in new.rows}
    matched = tuple(
        Match(row, after[key], old.tolerances.get(key, tolerance))
        for key, row in before.items()
        if key in after
    )
    if before and after and not matched:
        raise MismatchError("the two results have no row in common")
    added = tuple(row for key, row in after.items() if key not in before)
    return Comparison(matched, added, tuple(r for k, r in before.items() if k not in after))


def _said(different: list[str]) -> str:
    more = f" (and {len(different) - 1} more)" if len(different) > 1 else ""
    return f"not the same thing: {different[0]}{more}; --force compares all the same"


def _common(old: Iterable[Row], new: Iterable[Row]) -> list[tuple[Row, Row]]:
    after = {row.key: row for row in new}
    return [(row, after[row.key]) for row in old if row.key in after]


def _row_differences(old: Row, new: Row, named: set[str]) -> list[str]:
    """Keys of a row that tell what it is about; a machine is named once."""
    found = []
    pairs = (
        (f"machine.{old.machine}", old.machine_hash, new.machine_hash),
        ("model", old.model_version, new.model_version),
    )
    for key, left, right in pairs:
        if left != right and left and right and key not in named:
            named.add(key)
            found.append(f"{key}: {left} / {right}")
    return found


def _refuse_units(old: Iterable[Row], new: Iterable[Row]) -> None:
    for left, right in _common(old, new):
        if (left.unit, left.better) != (right.unit, right.better):
            what = f"{left.benchmark} {left.args} {left.system}"
            raise MismatchError(
                f"{what}: unit: {left.unit} ({left.better} is better) / "
                f"{right.unit} ({right.better} is better)"
            )


def _gone(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    families = {key.partition(".")[0] for key in new if "." in key} - {"machine"}
    return [
        f"{key}: {value} / gone"
        for key, value in old.items()
        if is_identity(key) and key not in new and key.partition(".")[0] in families
    ]
