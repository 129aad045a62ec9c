"""Credit in the scheduler: who slept, who waited for the processor, who ran, and for how long."""

from __future__ import annotations

import pytest

from microbench.linux import credit
from microbench.linux.credit import FULL, QUEUED, SLICE, TICK
from microbench.linux.process import MIDDLE, SLEEPING, Process, WaitQueue
from microbench.linux.scheduler import Scheduler
from tests.linux.test_scheduler_rules import asleep, kernel


def process(held: int) -> Process:
    made = Process(1, "p")
    made.credit = held
    return made


@pytest.mark.parametrize(("share", "ticks"), [((1, 1), 8), ((1, 2), 4), ((3, 4), 6), ((0, 1), 0)])
def test_a_share_of_a_sleep_counts(share: tuple[int, int], ticks: int) -> None:
    one = process(9 * SLICE)
    credit.slept(one, 8, share)
    assert one.credit == 9 * SLICE + ticks * TICK


def test_of_a_wait_for_the_processor_thirty_percent_count_as_the_kernel_rounds_it() -> None:
    one = process(9 * SLICE)
    credit.slept(one, 4, QUEUED)
    assert one.credit == 9 * SLICE + 4 * TICK * 38 // 128


@pytest.mark.parametrize(
    ("ticks", "held"),
    [(79, 100 * TICK), (80, 90 * TICK), (200, 90 * TICK), (10, 100 * TICK), (9, 90 * TICK)],
)
def test_a_sleep_longer_than_an_interactive_one_gives_a_set_credit(ticks: int, held: int) -> None:
    """From nothing, a tick of sleep counts ten; beyond 79 ticks it is an idle program."""
    one = process(0)
    credit.slept(one, ticks)
    assert one.credit == held


def test_at_the_highest_level_a_tick_of_sleep_still_counts_one() -> None:
    one = process(100 * TICK - 3 * TICK)
    credit.slept(one, 2)
    assert one.credit == 99 * TICK


@pytest.mark.parametrize(
    ("held", "paid"), [(6 * TICK, 5), (SLICE, 5), (2 * SLICE, 2.5), (5 * SLICE, 1)]
)
def test_a_run_costs_a_level_s_part(held: int, paid: float) -> None:
    one = process(held)
    before = one.credit
    credit.ran(one, 5)
    assert before - one.credit == paid * TICK


def runs(scheduler: Scheduler, process: Process) -> None:
    """Give up the CPU up to where the other one runs."""
    next(scheduler.schedule(process))  # type: ignore[call-overload]


def test_a_sleeper_is_credited_when_it_is_woken_and_for_its_wait_when_it_runs() -> None:
    scheduler, (running, sleeper) = kernel(120, 120)
    scheduler.current = asleep(running, scheduler)
    running.state = "running"
    asleep(sleeper, scheduler)
    for one in (running, sleeper):
        one.credit, one.since = 9 * SLICE, 0
    scheduler.ticks = 3
    assert scheduler.wake(sleeper)
    assert sleeper.credit == 9 * SLICE + 3 * TICK
    assert (sleeper.woken, sleeper.since) == (True, 3)
    scheduler.ticks = 7
    runs(scheduler, running)
    assert sleeper.credit == 9 * SLICE + 3 * TICK + 4 * TICK * 38 // 128
    assert sleeper.woken is False
    assert running.credit == 9 * SLICE - 7 * TICK // 9
    assert running.since == sleeper.since == 7


def test_who_was_not_woken_is_not_credited_for_waiting() -> None:
    scheduler, (running, other) = kernel(120, 120)
    scheduler.current = asleep(running, scheduler)
    other.credit, other.since = 5 * SLICE, 0
    scheduler.ticks = 9
    runs(scheduler, running)
    assert other.credit == 5 * SLICE
    assert other.since == 9


def test_who_goes_on_himself_has_paid_for_what_he_ran() -> None:
    scheduler, (only,) = kernel(120)
    scheduler.current = only
    only.credit, only.since, scheduler.ticks = 2 * SLICE, 1, 5
    assert list(scheduler.schedule(only)) == []
    assert (only.credit, only.since) == (2 * SLICE - 4 * TICK // 2, 5)


def test_a_priority_changes_when_one_is_woken_and_decides_at_once() -> None:
    scheduler, (running, sleeper) = kernel(120, 120)
    scheduler.current = asleep(running, scheduler)
    asleep(sleeper, scheduler)
    sleeper.credit, sleeper.since, scheduler.ticks = MIDDLE, 0, 20
    scheduler.wake(sleeper)
    assert sleeper.priority == credit.priority(sleeper) < 120
    assert scheduler.need_resched
    assert list(scheduler.queues[sleeper.priority]) == [sleeper]


def test_a_wait_queue_holds_who_sleeps_whatever_his_credit() -> None:
    scheduler, (first, second) = kernel(120, 120)
    scheduler.current = asleep(first, scheduler)
    queue = WaitQueue()
    next(scheduler.sleep(first, queue))  # type: ignore[call-overload]
    assert list(queue.sleepers) == [first]
    assert (first.state, scheduler.current) == (SLEEPING, second)


def test_a_process_without_a_past_has_half_the_credit_and_its_static_priority() -> None:
    assert MIDDLE * 2 == FULL
    _, (one,) = kernel(118)
    assert (one.credit, credit.priority(one)) == (MIDDLE, 118)


def test_a_wish_for_the_processor_is_gone_when_nobody_better_is_left() -> None:
    scheduler, (running, other) = kernel(110, 120)
    scheduler.current = asleep(running, scheduler)
    scheduler.need_resched = True
    assert list(scheduler.preempt(running)) == []
    assert (scheduler.need_resched, scheduler.current, scheduler.switches) == (False, running, 0)
    assert list(scheduler.queues[110]) == []
    assert list(scheduler.queues[120]) == [other]
