"""Three ways to say how a published series goes on: the engine, a closed queue, a fitted law.

Knows: that the engine is run with several seeds and its median taken, that the queue (the null
model) has the same operation and machine, that the law sees the first four published points.
Refuses to know: how they are judged.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace

from microbench.reference.series import Series
from microbench.run.many import worked
from microbench.smp.build import Setup, shoots
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation
from microbench.smp.queue import demand, queue_cycles
from microbench.smp.simulate import fitted, simulate
from microbench.smp.usl import usl_fit
from microbench.study.smp.seeds import SEEDS

LAW_POINTS = 4


@dataclass(frozen=True)
class Predicted:
    """What each model says of one series, in its unit.

    Attributes
    ----------
    engine, low, high : tuple of float
        Median over seeds, least and most.
    queue, law : tuple of float
        The closed queue; the law fitted to the first points.
    scale : float
        Published over modelled cycles of one CPU: what local work would have to be stretched
        by. Printed, and used only where it is asked for.
    shares : bool
        Whether CPUs meet at any object; if not, no curve can fail.
    """

    engine: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    queue: tuple[float, ...]
    law: tuple[float, ...]
    scale: float
    shares: bool


def one_cpu_cycles(series: Series, machine: SmpMachine) -> float:
    """The published cost of one operation on one CPU [cycles]."""
    return machine.clock_hz / series.values[0] if series.unit == "1/s" else series.values[0]


def predicted(series: Series, scaled: bool = False) -> Predicted:
    """The models' values at the series' CPU counts.

    Parameters
    ----------
    series : Series
    scaled : bool
        Stretch local work so that one CPU takes what was published.
    """
    machine = load_machine(series.machine)
    op = worked(series.operation, series.system, machine)
    setup = Setup(shared=series.shared, order=series.order, idle_states=series.idle_states)
    published = one_cpu_cycles(series, machine)
    scale = published / simulate(op, machine, 1, setup).cycles
    if scaled:
        setup = fitted(op, machine, setup, published)
    runs = [_engine(series, op, machine, replace(setup, seed=seed)) for seed in SEEDS]
    points = list(zip(*runs, strict=True))
    cycles = [queue_cycles(op, machine, n, setup) for n in series.cpus]
    law = usl_fit(series.cpus[:LAW_POINTS], series.rates()[:LAW_POINTS])
    top = demand(op, machine, series.cpus[-1], setup).busiest
    return Predicted(
        tuple(statistics.median(p) for p in points),
        tuple(min(p) for p in points),
        tuple(max(p) for p in points),
        tuple(in_unit(series, machine, n, c) for n, c in zip(series.cpus, cycles, strict=True)),
        tuple(_of_rate(series, n, law(n)) for n in series.cpus),
        scale,
        (top is not None and top.clients > 1) or shoots(op),
    )


def _engine(series: Series, op: Operation, machine: SmpMachine, setup: Setup) -> list[float]:
    return [
        in_unit(series, machine, n, simulate(op, machine, n, setup).cycles) for n in series.cpus
    ]


def in_unit(series: Series, machine: SmpMachine, n: int, cycles: float) -> float:
    """The time of an operation in the series' unit: cycles, or operations a second of all."""
    return n * machine.clock_hz / cycles if series.unit == "1/s" else cycles


def _of_rate(series: Series, n: int, rate: float) -> float:
    return rate if series.unit == "1/s" else n / rate
