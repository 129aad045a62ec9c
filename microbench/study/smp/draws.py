"""The validation with every number of machine and operation drawn within its stated range.

Knows: that a number is drawn between its ends so that half of the draws lie below its value,
in the logarithm where it has one, and that one draw holds for all series of a machine or an
operation. Of the numbers that hold for all machines `RULES` are drawn. Refuses to set anything.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from microbench.quantity import Quantity
from microbench.reference.series import Series, load_series
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.lockcosts import RULES, lock_costs
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation
from microbench.smp.settings import TABLES, with_number
from microbench.smp.simulate import simulate
from microbench.study.smp.predict import in_unit
from microbench.study.smp.validate import promises_kept

SEED = 1
ENDS = (0.05, 0.5, 0.95)
WHOLE = ("cpus", "lines", "operations", "times", "moves")
SHAPE = "topology."


@dataclass(frozen=True)
class Drawn:
    """What the draws gave for one series.

    Attributes
    ----------
    series : Series
    values : numpy.ndarray
        (draws, points) [unit of the series].
    """

    series: Series
    values: np.ndarray

    @property
    def ends(self) -> np.ndarray:
        """(3, points): 5th, 50th and 95th percentile."""
        return np.quantile(self.values, ENDS, axis=0)

    @property
    def inside(self) -> int:
        """Published points between the outer two."""
        low, _, high = self.ends
        published = np.array(self.series.values)
        return int(((low <= published) & (published <= high)).sum())


def draw_all(
    count: int, seed: int = SEED, tick: Callable[[str], None] = lambda label: None
) -> list[Drawn]:
    """Every series with `count` draws."""
    return [_drawn(series, count, seed, tick) for series in load_series()]


def _drawn(series: Series, count: int, seed: int, tick: Callable[[str], None]) -> Drawn:
    machine = load_machine(series.machine)
    op = worked(series.operation, series.system, machine)
    setup = Setup(shared=series.shared, order=series.order, idle_states=series.idle_states)
    values = []
    for k in range(count):
        tick(f"{series.name} {k + 1}")
        where = machine_drawn(machine, _draws(seed, k, machine.name))
        what = operation_drawn(op, _draws(seed, k, f"{op.operation} {op.system}"))
        cycles = (simulate(what, where, n, setup).cycles for n in series.cpus)
        values.append(
            [in_unit(series, where, n, c) for n, c in zip(series.cpus, cycles, strict=True)]
        )
    return Drawn(series, np.array(values))


def _draws(seed: int, k: int, name: str) -> Iterator[float]:
    source = np.random.default_rng([seed, k, zlib.crc32(name.encode())])
    while True:
        yield float(source.random())


def machine_drawn(machine: SmpMachine, at: Iterator[float]) -> SmpMachine:
    """The machine with each number that has a range somewhere within it; its shape stays."""
    known = lock_costs()
    rules = {key: known[rule] for key, rule in RULES.items() if key not in machine.numbers}
    numbers = {**machine.numbers, **rules}
    return replace(
        machine,
        numbers={
            key: number if key.startswith(SHAPE) and "smt" not in key else drawn(number, next(at))
            for key, number in sorted(numbers.items())
        },
    )


def operation_drawn(op: Operation, at: Iterator[float]) -> Operation:
    """The operation with each part and count that has a range somewhere within it."""
    for area in TABLES:
        for name, number in sorted(getattr(op, area).items()):
            op = with_number(op, area, name, drawn(number, next(at)))
    return op


def drawn(number: Quantity, at: float) -> Quantity:
    """The number at a share of its range: below its value for less than a half of them."""
    if not number.low < number.high:
        return number
    low, high = (number.low, number.value) if at < 0.5 else (number.value, number.high)
    part = 2 * at if at < 0.5 else 2 * at - 1
    value = low * (high / low) ** part if low > 0 else low + part * (high - low)
    if number.unit in WHOLE:
        value = float(max(1, round(value)))
    return replace(number, value=min(max(value, number.low), number.high))


def said(found: Sequence[Drawn], seed: int) -> str:
    """A line a series, what all points come to, and how many promises the draws keep."""
    draws = len(found[0].values)
    lines = [f"{draws} draws of every range, seed {seed}: 5, 50 and 95 % at the most CPUs", ""]
    lines.append(f"{'':20}{'published':>12}{'5 %':>12}{'50 %':>12}{'95 %':>12}{'inside':>10}")
    for one in found:
        last = "".join(f"{value:12.4g}" for value in one.ends[:, -1])
        points = len(one.series.cpus)
        lines.append(
            f"{one.series.name:20}{one.series.values[-1]:12.4g}{last}"
            f"{f'{one.inside} of {points}':>10}"
        )
    inside, points = sum(x.inside for x in found), sum(len(x.series.cpus) for x in found)
    kept = [sum(promises_kept(x.series, list(x.values[k])) for x in found) for k in range(draws)]
    low, middle, high = np.quantile(kept, ENDS)
    return "\n".join(
        [
            *lines,
            "",
            f"{inside} of {points} published points ({inside / points:.0%}) inside; of the curves' "
            "promises",
            f"the draws keep {low:.0f}, {middle:.0f} and {high:.0f} (5, 50, 95 %).",
        ]
    )
