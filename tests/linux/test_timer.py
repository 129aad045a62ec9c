"""Ticks strike all processes of a program alike, about once a turn; what a ring makes of them."""

from __future__ import annotations

from math import gcd

import pytest

from microbench.linux.kernel import Linux
from microbench.linux.timer import Timer, stride
from microbench.systems.native import Native
from microbench.workloads.lat_ctx import LatCtx

START, ROUNDS = 10, 120


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 10, 96])
def test_a_stride_visits_everybody(count: int) -> None:
    assert gcd(stride(count), count) == 1
    assert count < 7 or 0.25 < stride(count) / count < 0.45


def test_a_tick_waits_for_a_turn_and_for_its_process() -> None:
    linux = Linux(Native())
    for name in "abc":
        linux.spawn(name, lambda linux, process: iter(()))
    timer, scheduler = Timer(linux.scheduler, linux.processes), linux.scheduler
    a, b, _ = linux.processes
    timer.running(a)
    assert scheduler.ticks == 0
    scheduler.switches = 3
    timer.running(b)
    assert scheduler.ticks == 0
    timer.running(a)
    assert scheduler.ticks == 1
    scheduler.switches = 6
    timer.running(a)
    assert scheduler.ticks == 1
    timer.running(b)
    assert scheduler.ticks == 2


def switches_of(processes: int, ticks: float, rounds: int) -> int:
    linux = Linux(Native(), ticks=ticks)
    ring = next(part for part in LatCtx(0, processes).parts() if part.name == "ring")
    ring.build(rounds, linux)
    linux.run()
    return linux.scheduler.switches


def switches(processes: int, ticks: float = 1) -> float:
    """Switches of one trip around a ring that has been running."""
    both = [switches_of(processes, ticks, rounds) for rounds in (START, START + ROUNDS)]
    return (both[1] - both[0]) / ROUNDS


@pytest.mark.parametrize(("processes", "more"), [(2, 0.0), (3, 0.33), (5, 0.7), (10, 1.0)])
def test_a_ring_takes_a_switch_more_than_it_has_processes(processes: int, more: float) -> None:
    """Who was struck last is woken a level worse, is preempted when it wakes the next, and has
    to finish before the one that never sleeps. The shares are those of ticks at random."""
    assert switches(processes) == pytest.approx(processes + more, abs=0.12)


@pytest.mark.parametrize("processes", [3, 10])
def test_without_ticks_there_is_no_switch_more(processes: int) -> None:
    assert switches(processes, ticks=0) == pytest.approx(processes, abs=0.02)
