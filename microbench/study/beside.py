"""Measured beside modelled, row by row, and why the largest differences are there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from microbench.errors import MkbenchError
from microbench.row import Row
from microbench.run.modelled import modelled_rows
from microbench.run.setup import Setup

LARGEST_SIZE = 64 << 20
"""Loads in larger buffers are not priced: minutes, and memory all the same."""


@dataclass(frozen=True)
class Beside:
    """A measured row and what the model says of it.

    Attributes
    ----------
    measured : Row
    modelled : Row or None
        None where nothing is modelled, and `why` says so.
    """

    measured: Row
    modelled: Row | None
    why: str = ""

    @property
    def machine(self) -> str:
        """The machine that is modelled."""
        return "" if self.modelled is None else self.modelled.machine

    @property
    def error(self) -> float | None:
        """modelled / measured - 1."""
        if self.modelled is None or self.measured.value <= 0:
            return None
        return self.modelled.value / self.measured.value - 1

    @property
    def distance(self) -> float:
        """How far apart the two are, as a logarithm; 0 where one is missing."""
        error = self.error
        return 0.0 if error is None or error <= -1 else abs(math.log1p(error))

    @property
    def place(self) -> str:
        """Where the measured value lies: "inside" the model's range, "below" or "above" it."""
        row = self.modelled
        if row is None or row.low is None or row.high is None:
            return ""
        if self.measured.value < row.low:
            return "below"
        return "above" if self.measured.value > row.high else "inside"


def beside(
    rows: Iterable[Row],
    setup: Setup,
    systems: Sequence[str] | None = None,
    tick: Callable[[str], None] = lambda text: None,
) -> list[Beside]:
    """Each measured row with the modelled row of the same benchmark, arguments and metric.

    Parameters
    ----------
    rows : iterable of Row
    setup : Setup
        The machine to model.
    systems : sequence of str, optional
        The first one counts; native Linux if not given.
    tick : callable
        Told each benchmark before it is priced.
    """
    found = []
    known: dict[tuple[str, str], list[Row] | str] = {}
    for row in rows:
        call = _call(row)
        if call not in known:
            tick(f"{call[0]} {call[1]}".strip())
            known[call] = _modelled(call, setup, systems)
        answer = known[call]
        if isinstance(answer, str):
            found.append(Beside(row, None, answer))
        else:
            found.append(_matched(row, answer))
    return found


def calls(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """The different calls the rows need."""
    return list(dict.fromkeys(_call(row) for row in rows))


def _call(row: Row) -> tuple[str, str]:
    """How mkbench is called for a measured row; a size stands in the metric of a load."""
    if row.benchmark == "lat_mem_rd" and row.metric.startswith("latency at "):
        flags, _, stride = row.args.rpartition(" ")
        size = min(int(row.metric.split()[2]), LARGEST_SIZE)
        mib = max(1, 1 << max(0, (size - 1) >> 20).bit_length())
        return row.benchmark, f"{flags} {mib} {stride}".strip()
    return row.benchmark, row.args


def _modelled(
    call: tuple[str, str], setup: Setup, systems: Sequence[str] | None
) -> list[Row] | str:
    try:
        return modelled_rows(call[0], call[1].split(), setup, systems)
    except MkbenchError as error:
        return str(error)


def _matched(row: Row, answers: Sequence[Row]) -> Beside:
    of_metric = [a for a in answers if a.metric == row.metric and (row.args or not a.args)]
    if not of_metric:
        return Beside(row, None, f"no {row.metric} is modelled")
    if of_metric[0].unit != row.unit:
        return Beside(row, None, f"modelled in {of_metric[0].unit}, measured in {row.unit}")
    return Beside(row, of_metric[0])


def largest(found: Iterable[Beside], most: int = 3, at_least: float = 0.10) -> list[Beside]:
    """The rows that differ most, those within `at_least` left out."""
    ranked = sorted(found, key=lambda b: -b.distance)
    return [b for b in ranked if b.error is not None and abs(b.error) >= at_least][:most]
