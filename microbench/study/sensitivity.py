"""How much each row hangs on each number: elasticities, from traces priced again.

The elasticity of a row to a number is the share by which the row changes when the number
changes by one per cent of itself, divided by one per cent: 1 is proportional, 0 is not at
all. Costs are moved up and down by a step; sizes and counts, which must stay powers of two
or whole, are doubled and halved. Numbers are those of the machine, and the instructions of
every kernel path that ran: recorded ones as a class, counted shapes one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from microbench.errors import InputError, UsageError
from microbench.reference.load import row_name
from microbench.run.runner import record, run
from microbench.run.setup import Setup
from microbench.study.calibrate import with_numbers
from microbench.workloads.base import Workload

STEP = 0.1
DOUBLED = ("bytes", "count")
PATHS = "instructions:"
"""Prefix of numbers that are a kernel path's instructions and not the machine's."""


@dataclass(frozen=True)
class Elasticity:
    """One row and one number.

    Attributes
    ----------
    benchmark, args, system, metric : str
        The row.
    number : str
        A key of the machine, or "instructions:" and a path.
    base : float
        The number's value [its unit; 1 for instructions].
    value : float
        d log(row) / d log(number).
    """

    benchmark: str
    args: str
    system: str
    metric: str
    number: str
    base: float
    value: float

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names the row and its metric."""
        return self.benchmark, self.args, self.system, self.metric

    @property
    def row(self) -> str:
        """Benchmark, arguments and system."""
        return row_name(self.benchmark, self.args, self.system)


@dataclass(frozen=True)
class Move:
    """A number, and the machine with it moved down and up.

    Attributes
    ----------
    span : float
        log(up) - log(down).
    """

    number: str
    base: float
    down: Setup
    up: Setup
    span: float


@dataclass(frozen=True)
class Job:
    """What one worker does: some workloads on some systems, one number moved."""

    rows: tuple[tuple[Workload, str], ...]
    move: Move


def moves(setup: Setup, rows: Iterable[tuple[Workload, str]], step: float = STEP) -> list[Move]:
    """Every number that can be moved and what it is moved to.

    Raises
    ------
    UsageError
        For a step outside 0 to 1.
    """
    if not 0 < step < 1:
        raise UsageError(f"--step {step}: between 0 and 1")
    found = [m for key in setup.spec.numbers for m in _machine_move(setup, key, step)]
    return found + [_path_move(setup, name, step) for name in path_names(rows, setup)]


def _machine_move(setup: Setup, key: str, step: float) -> list[Move]:
    number = setup.spec.numbers[key]
    if number.value == 0:
        return []
    doubled = number.unit in DOUBLED
    factors = (0.5, 2.0) if doubled else (1 - step, 1 + step)
    down, up = (_scaled(setup, key, factor) for factor in factors)
    if down is None or up is None:
        return []
    return [Move(key, number.value, down, up, math.log(factors[1] / factors[0]))]


def _scaled(setup: Setup, key: str, factor: float) -> Setup | None:
    """The machine with a number scaled; None where it would not be a machine."""
    number = setup.spec.numbers[key]
    value = number.value * factor
    if number.unit in DOUBLED and value != int(value):
        return None
    try:
        return with_numbers(setup, {key: value}, number.certainty)
    except InputError:
        return None


def path_names(rows: Iterable[tuple[Workload, str]], setup: Setup) -> list[str]:
    """Scale names of the paths that ran: classes of recorded ones, shapes one by one."""
    found: dict[str, None] = {}
    for workload, system in rows:
        for part in workload.parts():
            found |= dict.fromkeys(record(workload, part, system, setup).scales)
    return sorted(name for name in found if name)


def _path_move(setup: Setup, name: str, step: float) -> Move:
    base = setup.scales.get(name, 1.0)
    down, up = (
        replace(setup, scales={**setup.scales, name: base * factor})
        for factor in (1 - step, 1 + step)
    )
    return Move(PATHS + name, base, down, up, math.log((1 + step) / (1 - step)))


def elasticities(job: Job) -> list[Elasticity]:
    """Elasticity of each row of a job to its number; what a worker does."""
    move, found = job.move, []
    for workload, system in job.rows:
        down = run(workload, system, move.down).metrics
        up = run(workload, system, move.up).metrics
        for low, high in zip(down, up, strict=True):
            if low.value > 0 and high.value > 0:
                slope = math.log(high.value / low.value) / move.span
                name = (workload.name, workload.args, system, high.name)
                found.append(Elasticity(*name, move.number, move.base, slope))
    return found


def jobs(rows: Sequence[tuple[Workload, str]], setup: Setup, step: float = STEP) -> list[Job]:
    """One job per number."""
    return [Job(tuple(rows), move) for move in moves(setup, rows, step)]


def strongest(found: Sequence[Elasticity], count: int) -> list[str]:
    """The numbers with the largest elasticity on any row, largest first."""
    most: dict[str, float] = {}
    for one in found:
        most[one.number] = max(most.get(one.number, 0.0), abs(one.value))
    ranked = sorted(most, key=lambda number: (-most[number], number))
    return [number for number in ranked if most[number] >= 0.005][:count]
