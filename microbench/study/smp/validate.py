"""How far to trust the multiprocessor model: each published series beside the prediction.

Knows: onset, peak, plateau and direction of a curve. Refuses to set anything: the only
published value that reaches the model is a series' value at one CPU.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from microbench.reference.series import Series, Statement, load_series, load_statements
from microbench.row import Row
from microbench.smp.background import loss_source
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import load_operation
from microbench.smp.simulate import fitted, simulate

SAME = 0.95
FALLS = 0.75
GROWS = 1 / 3
HALF = 0.5
WITHIN_CPUS = 1.5
WITHIN_PLATEAU = 0.30


@dataclass(frozen=True)
class Shape:
    """What a curve does.

    Attributes
    ----------
    onset : float
        CPUs at which a CPU first does only half of what it does alone, interpolated.
    peak : float
        Fewest CPUs whose rate is within 5 % of the highest.
    end : float
        Rate with most CPUs.
    direction : str
        "scales" (ends with at least a third of linear), "saturates" or "falls" (ends a
        quarter or more below the highest).
    """

    onset: float
    peak: float
    end: float
    direction: str


def shape(cpus: tuple[int, ...], rates: list[float]) -> Shape:
    """Onset, peak, end and direction of rates over CPU counts."""
    top = max(rates)
    peak = next(n for n, rate in zip(cpus, rates, strict=True) if rate >= SAME * top)
    if rates[-1] >= GROWS * rates[0] * cpus[-1]:
        direction = "scales"
    else:
        direction = "falls" if rates[-1] < FALLS * top else "saturates"
    return Shape(_onset(cpus, rates), float(peak), rates[-1], direction)


def _onset(cpus: tuple[int, ...], rates: list[float]) -> float:
    each = [rate / n / rates[0] for n, rate in zip(cpus, rates, strict=True)]
    for i in range(1, len(cpus)):
        if each[i] < HALF <= each[i - 1]:
            part = (each[i - 1] - HALF) / (each[i - 1] - each[i])
            return cpus[i - 1] + part * (cpus[i] - cpus[i - 1])
    return float(cpus[-1])


def predicted(series: Series, seed: int = 1) -> list[float]:
    """The model's values at the series' CPU counts [series.unit]."""
    machine = load_machine(series.machine)
    op = load_operation(series.operation, series.system)
    setup = Setup(shared=series.shared, order=series.order, seed=seed)
    one = series.values[0]
    setup = fitted(op, machine, setup, machine.clock_hz / one if series.unit == "1/s" else one)
    points = [simulate(op, machine, n, setup) for n in series.cpus]
    return [p.per_second if series.unit == "1/s" else p.cycles for p in points]


def validate_rows(tick: Callable[[str], None] = lambda label: None) -> list[Row]:
    """Every point of every series, then its onset, peak, plateau and direction, then statements.

    "onset", "peak" and "plateau" have value, published and error; "direction" has 1 where the
    model's direction is the published one, else 0, and published 1.
    """
    rows: list[Row] = []
    for series in load_series():
        tick(series.name)
        rows += _series_rows(series)
    for statement in load_statements():
        tick(statement.name)
        rows.append(_statement_row(statement))
    return rows


def _series_rows(series: Series) -> list[Row]:
    values = predicted(series)
    better = "larger" if series.unit == "1/s" else "smaller"
    rows = [
        _row(series, f"--cpus {n}", "rate" if series.unit == "1/s" else "latency", series.unit,
             better, v, p, "calibrate" if n == 1 else "predict")
        for n, v, p in zip(series.cpus, values, series.values, strict=True)
    ]  # fmt: skip
    ours = shape(series.cpus, series.rates(values))
    theirs = shape(series.cpus, series.rates())
    same = float(ours.direction == theirs.direction)
    rows.append(_row(series, "", f"direction ({theirs.direction})", "right", "larger", same, 1.0))
    if theirs.direction != "scales":
        rows.append(_row(series, "", "onset", "cpus", "larger", ours.onset, theirs.onset))
        rows.append(_row(series, "", "peak", "cpus", "larger", ours.peak, theirs.peak))
    unit = "1/s" if series.unit == "1/s" else "1/cycle"
    kind = "level after the fall" if theirs.direction == "falls" else "plateau"
    rows.append(_row(series, "", kind, unit, "larger", ours.end, theirs.end))
    return rows


def _row(
    series: Series,
    args: str,
    metric: str,
    unit: str,
    better: str,
    value: float,
    published: float,
    role: str = "predict",
) -> Row:
    machine = load_machine(series.machine)
    published = float(f"{published:.4g}") if not args else published
    return Row(
        benchmark=f"smp_{series.operation}",
        args=f"{series.name} --shared {series.shared} {args}".strip(),
        machine=series.machine,
        system=series.system,
        metric=metric,
        unit=unit,
        better=better,
        value=value,
        published=published,
        published_source=series.source,
        error=value / published - 1,
        role=role,
        machine_hash=machine.digest,
    )


def _statement_row(statement: Statement) -> Row:
    value = _statement_value(statement)
    return Row(
        benchmark=f"smp_{statement.operation}".replace(" ", "_"),
        args=f"{statement.name} --shared {statement.shared}",
        machine=statement.machine,
        system=statement.system,
        metric=statement.what,
        unit=statement.value.unit,
        better="larger",
        value=value,
        published=statement.value.value,
        published_source=statement.value.source,
        error=value / statement.value.value - 1,
        role="predict",
    )


def _statement_value(statement: Statement) -> float:
    if statement.what == "loss_per_cpu":
        return loss_source().value
    machine = load_machine(statement.machine)
    if statement.what == "worst_slowdown_at_16":
        return _worst_panel(statement.system, machine)
    op = load_operation(statement.operation, statement.system)
    setup = Setup(shared=statement.shared, order="fill")
    if statement.what == "peak_cpus":
        counts = [1, 2, 4, 8, 16, 32]
        rates = [simulate(op, machine, n, setup).per_second for n in counts]
        return float(counts[rates.index(max(rates))])
    if statement.what == "speedup_at_48":
        one = simulate(op, machine, 1, setup).per_second
        return simulate(op, machine, 48, setup).per_second / one
    if statement.what.startswith("loss_to_own_line_at_"):
        return _layout_loss(statement, machine, int(statement.what.rpartition("_")[2]))
    one_cycles = simulate(op, machine, 1, setup).cycles
    return 1.0 - one_cycles / simulate(op, machine, 8, setup).cycles


def _layout_loss(statement: Statement, machine: SmpMachine, n: int) -> float:
    """Throughput lost by a lock that shares its line, against one with a line of its own.

    Local work is fitted to one CPU of the published series on the same machine.
    """
    series = next(s for s in load_series() if s.machine == statement.machine)
    ops = [
        load_operation(statement.operation, system)
        for system in (statement.system.removesuffix("-inline"), statement.system)
    ]
    setup = Setup(shared=statement.shared, order=series.order)
    setup = fitted(ops[0], machine, setup, machine.clock_hz / series.values[0])
    own, inside = (simulate(op, machine, n, setup).per_second for op in ops)
    return 1.0 - inside / own


def _worst_panel(system: str, machine: SmpMachine) -> float:
    worst = 0.0
    for name in ("fault", "fstat", "thread"):
        op = load_operation(name, system)
        for shared in ("process", "none"):
            setup = Setup(shared=shared)
            one = simulate(op, machine, 1, setup).cycles
            worst = max(worst, simulate(op, machine, 16, setup).cycles / one)
    return worst


def within(row: Row) -> bool | None:
    """Whether a row meets its promise; None for a single point, which has none.

    Onset and peak within 1.5 times, plateau within 30 %, level after a fall within twice,
    direction right; statements within 1.5 times, "above" at least the value.
    """
    if row.published is None or row.error is None or row.metric in ("rate", "latency"):
        return None
    ratio = row.value / row.published if row.published else 0.0
    if row.metric.startswith("direction"):
        return ratio == 1.0
    if row.metric == "plateau":
        return abs(row.error) <= WITHIN_PLATEAU
    if row.metric.endswith("above"):
        return ratio >= 1.0
    limit = 2.0 if row.metric in ("level after the fall", "loss_per_cpu") else WITHIN_CPUS
    limit = 1.25 if row.metric == "worst_slowdown_at_16" else limit
    return 1 / limit <= ratio <= limit


def summary(rows: list[Row]) -> dict[str, float]:
    """Promises kept, of how many, and the median error of predicted points."""
    judged = [w for w in map(within, rows) if w is not None]
    points = [
        abs(r.error)
        for r in rows
        if r.role == "predict" and r.metric in ("rate", "latency") and r.error is not None
    ]
    return {
        "promises_kept": float(sum(judged)),
        "promises": float(len(judged)),
        "point_median_error": statistics.median(points) if points else 0.0,
    }


def misses(rows: list[Row]) -> list[str]:
    """One line per promise that was not kept."""
    return [
        f"miss: {r.args} {r.metric}: model {r.value:.4g}, published {r.published:.4g} {r.unit}"
        for r in rows
        if within(r) is False
    ]
