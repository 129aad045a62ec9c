"""Points that several studies ask for: an operation of a system with n CPUs, as rows and cycles."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from microbench.row import Row
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine
from microbench.smp.operation import Operation
from microbench.smp.runs import point_rows
from microbench.smp.simulate import Measured, simulate
from microbench.study.smp.seeds import SEEDS


def measured(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> Measured:
    """The run whose time is the median over `SEEDS`."""
    runs = [simulate(op, machine, n, replace(setup, seed=seed)) for seed in SEEDS]
    middle = statistics.median(run.cycles for run in runs)
    return next(run for run in runs if run.cycles == middle)


def curve(
    op: Operation, machine: SmpMachine, counts: Sequence[int], setup: Setup
) -> dict[int, Measured]:
    """One CPU and each count."""
    return {n: measured(op, machine, n, setup) for n in dict.fromkeys((1, *counts))}


def curve_rows(
    op: Operation, machine: SmpMachine, points: dict[int, Measured], setup: Setup
) -> list[Row]:
    """The rows of each point of a curve."""
    return [
        row for got in points.values() for row in point_rows(op, machine, setup, got, points[1])
    ]


def flat_to(points: dict[int, Measured], most: float) -> int:
    """CPUs up to which the slowdown stays at or below `most`, of those tried."""
    found = 1
    for n, got in sorted(points.items()):
        if got.cycles > most * points[1].cycles:
            break
        found = n
    return found
