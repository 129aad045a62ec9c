"""What a timer tick takes: its second run, what it displaces, and as many as strike busy time."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.machine.pricing import Ledger
from microbench.run.ticks import cost_of, interrupted
from microbench.systems.base_memory import arch
from microbench.trace.recorder import TICK
from tests.run.made import ledger


def of(user: float = 0, tick: float = 0, **more: float) -> Ledger:
    """So many cycles of instructions in user code and in the tick; more by cause, in the tick."""
    return ledger({"user": {"instructions": user}, TICK: {"instructions": tick, **more}})


def cost(kept: list[Ledger], *after: Ledger) -> float:
    return float(cost_of(kept, after).sum()) / 100


def test_of_two_ticks_the_second_counts_and_of_one_the_only_one() -> None:
    cold, warm, turn = of(tick=90), of(tick=30), of(user=100)
    assert cost([turn], cold, turn, warm) == 30
    assert cost([turn], cold) == 90
    assert cost([turn], cold, turn) == 100, "two slices: the last one is the tick"


@pytest.mark.parametrize(
    ("refill", "walk", "after", "expected"),
    [
        (20, 0, 100, 50),  # the next iteration takes no longer
        (20, 0, 90, 50),  # it takes less: a row that never repeats
        (20, 0, 101, 51),
        (20, 0, 120, 70),  # all that the tick refilled was taken from it
        (20, 0, 150, 70),  # more than that cannot be the tick's doing
        (5, 15, 150, 70),  # walks fill buffers as misses fill caches
        (0, 0, 150, 50),  # a tick that refilled nothing displaced nothing
    ],
)
def test_the_loss_of_the_next_iteration_is_the_tick_s_as_far_as_it_refilled(
    refill: float, walk: float, after: float, expected: float
) -> None:
    tick = of(tick=50 - refill - walk, i_refill=refill, tlb=walk)
    kept = [of(user=90), of(user=100), of(user=70)]
    assert cost(kept, tick, of(user=100), tick, of(user=after)) == expected, "beyond the slowest"


def test_the_loss_keeps_its_causes() -> None:
    tick = of(tick=30, d_refill=20)
    turn = ledger({"user": {"instructions": 100, "d_refill": 10}, TICK: {}})
    found = cost_of([of(user=100)], [tick, of(user=100), tick, turn])
    by_cause = {n: c for n, c in enumerate(found.tolist()) if c}
    assert sorted(by_cause.values()) == [3000, 3000]


def clock(period: int) -> float:
    return float(period * arch()["tick_hz"])


def test_as_many_ticks_as_periods_of_busy_time_and_ticks() -> None:
    """800 busy cycles, periods of 1,000, ticks of 200: each period has 800 to work."""
    found = interrupted([of(user=800)], [of(tick=200)], clock(1000))
    assert found.by_place() == {"user": 800, TICK: 200}
    half = interrupted([of(user=400)], [of(tick=200)], clock(1000))
    assert half.by_place()[TICK] == 100


def test_ticks_of_several_iterations_strike_all_of_them() -> None:
    found = interrupted([of(user=400)] * 4, [of(tick=200)], clock(1000))
    assert found.by_place()[TICK] == 400


def test_time_that_was_idle_is_not_struck_and_what_the_tick_has_already_stays() -> None:
    total = ledger({"user": {"instructions": 400, "idle": 9000}, TICK: {"instructions": 400}})
    found = interrupted([total], [of(tick=200)], clock(1000))
    assert found.by_place() == {"user": 9400, TICK: 600}
    assert total.by_place()[TICK] == 400


def test_ticks_that_take_the_whole_period_leave_nothing() -> None:
    with pytest.raises(UsageError, match=rf"at {clock(1000) / 1e6:g} MHz the timer's ticks"):
        interrupted([of(user=800)], [of(tick=1000)], clock(1000))
    found = interrupted([of(user=10)], [of(tick=999)], clock(1000))
    assert found.by_place()[TICK] == 9990
