"""Low and high of a modelled value: what its guesses allow, 5 to 95 % of the draws.

A draw puts every guess of machine and paths somewhere in its stated range, the same for all
rows, and sets the calibrated numbers again where the machine has any; then a row's trace is
priced again. What a recorded path may differ from the board's is drawn per program
(`data/kernels/doubt.toml`): rows that are the same work under two names have the same range. A
position hangs on the guess's name and the number of the draw alone, so ranges are the same in any
order and for any selection of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from zlib import crc32

import numpy as np

from microbench.datafiles import data_dir
from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.quantity import Quantity, quantity, read_toml
from microbench.row import Row
from microbench.run.identity import identity
from microbench.run.runner import Measured, part_cycles, run
from microbench.run.setup import Setup, prepare
from microbench.study import rangestore
from microbench.study.calibrate import FILL_KEY, FLOAT_ROW, MACHINE, with_numbers
from microbench.study.uncertainty import machine_guesses, recalibrated, shape_guesses, within
from microbench.trace.recorder import LOOP, USER, of_user
from microbench.workloads.base import Workload, kind_of
from microbench.workloads.registry import BENCHMARKS, workloads

DRAWS = 12
ENDS = (0.05, 0.95)
GLUE = "l4linux"
PATH_CAUSES = engine.INSTRUCTIONS, engine.BRANCHES
LINE_CAUSES = (engine.I_REFILL, engine.D_REFILL, engine.WALK)


@cache
def positions(name: str) -> tuple[float, ...]:
    """Where in its range a guess lies in each draw, 0 to 1; each twelfth of it once.

    A Latin hypercube (McKay, Beckman and Conover, Technometrics 21, 1979): with so few draws, ends
    drawn freely would hang on the luck of the draw.
    """
    random = np.random.default_rng(crc32(name.encode()))
    found = (random.permutation(DRAWS) + random.random(DRAWS)) / DRAWS
    return tuple(found.tolist())


def position(name: str, draw: int) -> float:
    """Where in its range a guess lies in one draw, 0 to 1."""
    return positions(name)[draw]


@cache
def factors() -> Mapping[str, Quantity]:
    """How far a path may be from the recorded one: "instructions", "lines", "loops", "idle"."""
    path = data_dir() / "kernels" / "doubt.toml"
    tables = read_toml(path)["factor"]
    return {
        name: quantity(table, path, f"factor.{name}", {"ratio"}) for name, table in tables.items()
    }


def at_draw(setup: Setup, draw: int) -> Setup:
    """The setup with each guess where one draw puts it; nothing calibrated again."""
    guesses = machine_guesses(setup)
    numbers = {key: within(q, position(key, draw)) for key, q in guesses.items()}
    scales = {
        name: low + position(name, draw) * (high - low)
        for name, (low, high) in shape_guesses().items()
    }
    changed = with_numbers(setup, numbers, "estimate")
    return replace(changed, scales={**setup.scales, **scales})


@cache
def pinned(draw: int) -> tuple[float, float]:
    """Fill and glue of one draw, set again on their rows."""
    found = recalibrated(at_draw(prepare(MACHINE), draw))
    return found.spec.value(FILL_KEY), found.scales[GLUE]


def drawn(setup: Setup, draw: int) -> Setup:
    """One draw of a setup; a calibrated machine keeps to the rows it was calibrated on."""
    changed = at_draw(setup, draw)
    if not calibrated(setup):
        return changed
    fill, glue = pinned(draw)
    changed = with_numbers(changed, {FILL_KEY: fill})
    return replace(changed, scales={**changed.scales, GLUE: glue})


def calibrated(setup: Setup) -> bool:
    """Whether the machine's fill is the calibrated one, not set by hand."""
    spec = setup.spec
    return spec.name == MACHINE and spec.numbers[FILL_KEY].certainty == "calibrated"


def doubted(ledger: Ledger, program: str, draw: int) -> Ledger:
    """The ledger with the kernel's paths as long as one draw has them for one program."""
    factor = {
        name: q.low * (q.high / q.low) ** position(f"{program}/{name}", draw)
        for name, q in factors().items()
    }
    by_cause = np.ones(ledger.ticks.shape)
    kernel = np.array([not of_user(place) for place in ledger.places])
    by_cause[np.ix_(kernel, np.array(PATH_CAUSES))] = factor["instructions"]
    by_cause[np.ix_(kernel, np.array(LINE_CAUSES))] = factor["lines"]
    for place in np.flatnonzero([name == LOOP for name in ledger.places]):
        took = ledger.ticks[place]
        if took[engine.INSTRUCTIONS] > took[engine.WRITE]:  # else memory sets its pace
            by_cause[place, engine.INSTRUCTIONS] = factor["loops"]
    by_cause[:, engine.IDLE] = factor["idle"]
    return replace(ledger, ticks=np.rint(ledger.ticks * by_cause).astype(np.int64))


def values_of(workload: Workload, system: str, setup: Setup, draw: int) -> dict[str, float]:
    """The values of one workload in one draw, by metric."""
    parts = _parts(workload, system, drawn(setup, draw), draw)
    if workload.name == FLOAT_ROW.benchmark and calibrated(setup):
        parts = {name: _user(part, _float_factor(draw)) for name, part in parts.items()}
    clock = setup.spec.value("core.clock_hz")
    metrics = workload.metrics(part_cycles(workload, parts), clock)
    return {metric.name: metric.value for metric in metrics}


def _parts(workload: Workload, system: str, setup: Setup, draw: int) -> dict[str, Measured]:
    program = identity(workload.parts())
    found = run(workload, system, setup).parts
    return {
        name: replace(part, ledger=doubted(part.ledger, program, draw))
        for name, part in found.items()
    }


def _user(part: Measured, factor: float) -> Measured:
    ticks = part.ledger.ticks.copy()
    user = np.array([place == USER for place in part.ledger.places])
    ticks[user] = np.rint(ticks[user] * factor).astype(np.int64)
    return replace(part, ledger=replace(part.ledger, ticks=ticks))


@cache
def _float_factor(draw: int) -> float:
    """What user work must be multiplied by to keep the row that calibrates it."""
    home = prepare(MACHINE)
    workload = workloads(FLOAT_ROW.benchmark, FLOAT_ROW.args.split())[0]
    (wanted,) = run(workload, FLOAT_ROW.system, home).parts.values()
    (part,) = _parts(workload, FLOAT_ROW.system, drawn(home, draw), draw).values()
    user = part.ledger.by_place()[USER]
    return (wanted.ledger.cycles - (part.ledger.cycles - user)) / user


def low_high(workload: Workload, system: str, setup: Setup) -> dict[str, tuple[float, float]]:
    """The range of each value of a workload on a system [its unit]."""
    draws = [values_of(workload, system, setup, draw) for draw in range(DRAWS)]
    found = {}
    for name in draws[0]:
        low, high = np.quantile([values[name] for values in draws], ENDS)
        found[name] = float(low), float(high)
    return found


def ranged(rows: Sequence[Row], setup: Setup) -> list[Row]:
    """The rows with low and high, where a modelled row has none yet; kept between runs."""
    known = rangestore.load(setup, DRAWS)
    before = len(known)
    found = [_ranged(row, setup, known) for row in rows]
    if len(known) > before:
        rangestore.keep(setup, DRAWS, known)
    return found


def _ranged(row: Row, setup: Setup, known: rangestore.Ranges) -> Row:
    if row.low is not None or row.role == "measured" or row.benchmark not in BENCHMARKS:
        return row
    if row.machine != setup.machine:
        return row
    workload = workloads(row.benchmark, row.args.split())[0]
    if kind_of(workload) != "linux":
        return row
    key = f"{row.benchmark} {row.args} {row.system}"
    if key not in known:
        known[key] = low_high(workload, row.system, setup)
    if row.metric not in known[key]:
        return row
    low, high = known[key][row.metric]
    return replace(row, low=min(low, row.value), high=max(high, row.value))
