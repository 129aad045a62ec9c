"""Today's kernels on today's machines beside what was measured on boards.

Every value is modelled at the clock of its board; memory stays as fast as it is. A row that a
number was calibrated on is never counted as predicted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from statistics import median

from microbench.errors import UsageError
from microbench.reference.today import MeasuredValue, measured_boards
from microbench.row import Row
from microbench.run.recorded import kernel_of, recorded_rows
from microbench.run.setup import Setup, prepare
from microbench.study.tables import Ask, Step

APART = 1.1
"""Two measured values stand in an order if one is a tenth larger than the other."""


def steps(ask: Ask) -> list[Step]:
    """A step for each measured value, of one machine or of all."""
    return value_steps(ask.machine or "", ask.settings)


def today_rows(
    machine: str = "", settings: Iterable[str] = (), path: Path | None = None
) -> list[Row]:
    """The rows of all steps; see `value_steps`."""
    return [row for _, make in value_steps(machine, settings, path) for row in make()]


def value_steps(
    machine: str = "", settings: Iterable[str] = (), path: Path | None = None
) -> list[Step]:
    """A step for each measured value.

    Parameters
    ----------
    machine : str
        A machine of the boards; all of them if empty.
    path : Path, optional
        Another file of measured boards.

    Raises
    ------
    UsageError, InputError
        For a machine no board has, a bad setting or file.
    """
    found = measured_boards(path)
    machines = list(dict.fromkeys(value.board.machine for value in found))
    if machine and machine not in machines:
        raise UsageError(f"no board of {machine!r} was measured; there are {', '.join(machines)}")
    setups = {name: prepare(name, settings) for name in machines if machine in ("", name)}
    return [
        (
            f"{value.benchmark} {value.args} on {value.board.name}",
            partial(_rows, value, setups[value.board.machine]),
        )
        for value in found
        if value.board.machine in setups
    ]


def _rows(value: MeasuredValue, setup: Setup) -> list[Row]:
    return [_row(value, setup)]


def at_clock(setup: Setup, clock_hz: float) -> Setup:
    """The machine at a board's clock."""
    number = setup.spec.numbers["core.clock_hz"]
    fixed = replace(number, value=clock_hz, low=clock_hz, high=clock_hz)
    numbers = {**setup.spec.numbers, "core.clock_hz": fixed}
    return replace(setup, spec=replace(setup.spec, numbers=numbers))


def _row(value: MeasuredValue, setup: Setup) -> Row:
    kernel = kernel_of(setup.spec)
    assert kernel is not None, f"{setup.spec.name} has no recorded kernel"
    at = at_clock(setup, value.board.clock_hz)
    (row,) = recorded_rows(value.benchmark, value.args.split(), kernel, at)
    where = f"{value.board.name}, Linux {value.board.kernel}"
    return replace(
        row,
        published=value.value,
        published_source=where,
        error=row.value / value.value - 1,
        role=value.role,
        note="; ".join(filter(None, [value.note, row.note])),
        machine_hash=setup.spec.hash,
    )


@dataclass(frozen=True)
class TodayLine:
    """One benchmark on one machine: the board in the middle, and how all of them lie.

    Attributes
    ----------
    row : Row
        Of the board whose measured value is the median of the machine's.
    boards : int
    error : float
        Median over the boards.
    role : str
        "calibrate" where any of the boards' values was calibrated on.
    """

    row: Row
    boards: int
    error: float
    role: str

    @property
    def machine(self) -> str:
        """As the tables ask for it."""
        return self.row.machine


def today_lines(rows: Iterable[Row]) -> list[TodayLine]:
    """The rows by machine and benchmark, in their order."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.machine, row.benchmark, row.args), []).append(row)
    return [_line(group) for group in groups.values()]


def _line(group: list[Row]) -> TodayLine:
    roles = {row.role for row in group}
    role = next(role for role in ("calibrate", "predict", "check") if role in roles)
    shown = [row for row in group if row.role != "check" or role == "check"]
    ordered = sorted(shown, key=lambda row: row.published or 0.0)
    errors = [row.error for row in shown if row.error is not None]
    return TodayLine(ordered[len(ordered) // 2], len(shown), median(errors), role)


@dataclass(frozen=True)
class Score:
    """How far to trust one machine, over its predicted values.

    Attributes
    ----------
    machine : str
        "all" for the sum.
    values : int
    median_error, inside, ordered : float
        Median of the absolute errors; shares of values inside their range, and of pairs of rows
        on a board that stand in the measured order.
    within_25 : float
    """

    machine: str
    values: int
    median_error: float
    within_25: float
    inside: float
    ordered: float


def scores(rows: Iterable[Row]) -> list[Score]:
    """One score a machine, and one over all."""
    predicted = [row for row in rows if row.role == "predict"]
    machines = list(dict.fromkeys(row.machine for row in predicted))
    found = [_score(m, [row for row in predicted if row.machine == m]) for m in machines]
    return [*found, _score("all", predicted)] if len(found) > 1 else found


def _score(name: str, rows: list[Row]) -> Score:
    errors = [abs(row.error or 0.0) for row in rows]
    inside = [_inside(row) for row in rows if row.low is not None]
    pairs = ordered_pairs(rows)
    return Score(
        name,
        len(rows),
        median(errors),
        sum(e <= 0.25 for e in errors) / len(errors),
        sum(inside) / max(len(inside), 1),
        sum(pairs) / max(len(pairs), 1),
    )


def _inside(row: Row) -> bool:
    if row.low is None or row.high is None or row.published is None:
        return False
    return row.low <= row.published <= row.high


def ordered_pairs(rows: Iterable[Row]) -> list[bool]:
    """Of each two rows of a board with one unit that differ: whether the model orders them so."""
    boards: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        boards.setdefault((row.machine, row.published_source, row.unit), []).append(row)
    found = []
    for group in boards.values():
        for a, b in combinations(group, 2):
            more, less = (a, b) if (a.published or 0) > (b.published or 0) else (b, a)
            if (more.published or 0.0) > APART * (less.published or 0.0):
                found.append(more.value > less.value)
    return found
