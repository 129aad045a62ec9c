"""Ticks take the share of time that their path takes of a period, warm where nothing evicts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microbench.errors import UsageError
from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.run.account import TICKS, by_cause, by_place
from microbench.run.runner import Outcome, record, run
from microbench.run.setup import Setup, prepare
from microbench.run.ticks import cost_of, interrupted
from microbench.systems.base_memory import arch
from microbench.trace.recorder import TICK
from microbench.workloads.registry import workloads

SYSTEMS = ("native", "native-fass", "l4")
PLACES = ("user", TICK)


def ledger(cycles: int, cause: int = engine.INSTRUCTIONS) -> Ledger:
    ticks = np.zeros((len(PLACES), engine.N_CAUSES), np.int64)
    ticks[0, cause] = cycles * engine.TICKS
    return Ledger(ticks, np.zeros(len(engine.COUNTERS), np.int64), PLACES)


def clock(period: int) -> float:
    """The clock at which a period of the timer has so many cycles."""
    return float(period * arch()["tick_hz"])


def outcome(row: str, system: str, setup: Setup | None = None) -> Outcome:
    name, *args = row.split()
    return run(workloads(name, args)[0], system, setup or prepare("pxa255"))


def share(row: str, system: str) -> float:
    found = by_cause(outcome(row, system))
    return found[TICKS] / sum(found.values())


def test_a_tick_of_a_tenth_of_the_period_leaves_nine_tenths() -> None:
    found = interrupted([ledger(900)], [ledger(500), ledger(100)], clock(1000))
    assert found.by_place() == {"user": 900, TICK: 100}


def test_an_idle_processor_delays_nobody() -> None:
    found = interrupted([ledger(900, engine.IDLE)], [ledger(100)] * 2, clock(1000))
    assert found.by_place()[TICK] == 0


def test_a_tick_longer_than_its_period_is_refused() -> None:
    with pytest.raises(UsageError, match="all the time"):
        interrupted([ledger(900)], [ledger(1000)] * 2, clock(1000))


def test_what_the_next_iteration_loses_counts_up_to_what_the_tick_refilled() -> None:
    tick = ledger(30, engine.D_REFILL) + ledger(70)
    counted = [ledger(100), ledger(80)]
    cost = cost_of(counted, [tick, ledger(100), tick, ledger(110)])
    assert cost.sum() / engine.TICKS == 110
    cost = cost_of(counted, [tick, ledger(100), tick, ledger(500)])
    assert cost.sum() / engine.TICKS == 130
    cost = cost_of(counted, [tick, ledger(100), tick, ledger(90)])
    assert cost.sum() / engine.TICKS == 100


@pytest.mark.parametrize("system", SYSTEMS)
def test_ticks_stand_apart_and_add_up(system: str) -> None:
    found = outcome("lat_syscall null", system)
    assert by_place(found)[TICK] == pytest.approx(by_cause(found)[TICKS])
    assert sum(by_cause(found).values()) == pytest.approx(found.metrics[0].cycles)


def test_a_loop_keeps_the_tick_warm_and_a_flush_makes_it_cold() -> None:
    assert 0.001 < share("bw_mem 1024 rd", "native") < 0.002
    assert share("lat_pipe", "native") > 10 * share("bw_mem 1024 rd", "native")
    assert share("lat_pipe", "l4") < 0.2 * share("lat_pipe", "native")


def test_under_l4_a_tick_takes_an_interrupt_ipc_more() -> None:
    assert 1.2 < share("bw_mem 1024 rd", "l4") / share("bw_mem 1024 rd", "native") < 2


def test_without_ticks_nothing_follows_the_last_mark() -> None:
    setup = prepare("pxa255")
    off = replace(setup, workload={**setup.workload, "ticks": 0})
    assert by_cause(outcome("lat_pipe", "l4", off))[TICKS] == 0
    workload = workloads("lat_pipe", [])[0]
    trace = record(workload, workload.parts()[0], "l4", off)
    assert trace.marks[-1] == len(trace.operations)
    with_ticks = record(workload, workload.parts()[0], "l4", setup)
    assert np.array_equal(with_ticks.operations[: with_ticks.marks[-1]], trace.operations)
