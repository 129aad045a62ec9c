"""The rules of the scheduler: who is next, who preempts whom and when, what a switch is."""

from __future__ import annotations

import pytest

from microbench.linux.kernel import Linux
from microbench.linux.process import RUNNING, SLEEPING, Process, Program, WaitQueue
from microbench.linux.scheduler import Scheduler
from microbench.trace import ops
from tests.linux.stories import Story, read, write


def idle(linux: Linux, process: Process) -> Program:
    return None
    yield


def kernel(*priorities: int) -> tuple[Scheduler, list[Process]]:
    """A scheduler with processes of these priorities, runnable in this order."""
    linux = Linux(Story().linux.host)
    made = [linux.spawn(f"p{i}", idle, priority) for i, priority in enumerate(priorities)]
    return linux.scheduler, made


def asleep(process: Process, scheduler: Scheduler) -> Process:
    """Take a process off its queue and let it sleep."""
    scheduler.queues[process.priority].remove(process)
    process.state = SLEEPING
    return process


def switch_to_next(scheduler: Scheduler, process: Process) -> None:
    """Give up the CPU up to the point where the other one runs."""
    next(scheduler.schedule(process))  # type: ignore[call-overload]


def test_the_smaller_number_goes_first_whoever_came_first() -> None:
    scheduler, (late, early) = kernel(130, 110)
    assert scheduler.next() is early
    asleep(early, scheduler)
    assert scheduler.next() is late
    asleep(late, scheduler)
    assert scheduler.next() is None


def test_equals_run_in_the_order_in_which_they_became_runnable() -> None:
    scheduler, (a, b, c) = kernel(120, 120, 120)
    asleep(a, scheduler)
    scheduler.wake(a)
    assert list(scheduler.queues[120]) == [b, c, a]


def test_to_ask_who_is_next_takes_nobody_off() -> None:
    scheduler, (a, _) = kernel(120, 120)
    assert scheduler.next() is a
    assert scheduler.next() is a


def test_only_a_sleeper_can_be_woken() -> None:
    scheduler, (a, b) = kernel(120, 120)
    assert not scheduler.wake(a)
    assert list(scheduler.queues[120]) == [a, b]
    assert scheduler.wake(asleep(a, scheduler))
    assert a.state == RUNNING
    assert not scheduler.wake(a)
    assert list(scheduler.queues[120]) == [b, a]


@pytest.mark.parametrize(("woken", "asks"), [(119, True), (120, False), (121, False)])
def test_only_the_strictly_better_asks_for_the_cpu(woken: int, asks: bool) -> None:
    scheduler, (running, other) = kernel(120, woken)
    scheduler.current = asleep(running, scheduler)
    scheduler.wake(asleep(other, scheduler))
    assert scheduler.need_resched is asks


def test_on_an_idle_cpu_there_is_nobody_to_preempt() -> None:
    scheduler, (a,) = kernel(100)
    assert scheduler.current is None
    scheduler.wake(asleep(a, scheduler))
    assert scheduler.need_resched is False


def test_nobody_is_preempted_unasked() -> None:
    scheduler, (running, _) = kernel(120, 100)
    scheduler.current = asleep(running, scheduler)
    assert list(scheduler.preempt(running)) == []
    assert scheduler.switches == 0
    assert list(scheduler.queues[120]) == []


def test_who_was_preempted_is_first_of_his_equals() -> None:
    scheduler, (running, equal, better) = kernel(120, 120, 110)
    scheduler.current = asleep(running, scheduler)
    scheduler.wake(asleep(better, scheduler))
    next(scheduler.preempt(running))  # type: ignore[call-overload]
    assert scheduler.current is better
    assert list(scheduler.queues[120]) == [running, equal]
    assert scheduler.need_resched is False


def test_who_sleeps_stands_in_the_queue_until_he_runs_again() -> None:
    scheduler, (sleeper, other) = kernel(120, 120)
    scheduler.current = sleeper
    scheduler.queues[120].remove(sleeper)
    queue = WaitQueue()
    steps = scheduler.sleep(sleeper, queue)
    next(steps)
    assert sleeper.state == SLEEPING
    assert list(queue.sleepers) == [sleeper]
    assert scheduler.current is other
    scheduler.wake(sleeper)
    with pytest.raises(StopIteration):
        next(steps)
    assert list(queue.sleepers) == []


def test_a_switch_is_counted_and_answers_the_wish_for_one() -> None:
    scheduler, (running, other) = kernel(120, 120)
    scheduler.current = asleep(running, scheduler)
    scheduler.need_resched = True
    switch_to_next(scheduler, running)
    assert (scheduler.switches, scheduler.current) == (1, other)
    assert scheduler.need_resched is False
    assert list(scheduler.queues[120]) == []


def test_who_is_next_himself_goes_on_without_a_switch() -> None:
    scheduler, (only,) = kernel(120)
    scheduler.current = only
    before = len(scheduler.host.recorder.finish().operations)
    assert list(scheduler.schedule(only)) == []
    assert scheduler.switches == 0
    assert len(scheduler.host.recorder.finish().operations) == before
    assert scheduler.next() is None


def test_when_nobody_can_run_it_says_who_sleeps() -> None:
    scheduler, (only,) = kernel(120)
    asleep(only, scheduler)
    with pytest.raises(RuntimeError, match="deadlock: p0 sleeps"):
        list(scheduler.schedule(only))


def test_a_switch_is_out_space_across_and_in_on_return() -> None:
    """The other space is installed between the two halves; the last part is the new one's own."""
    story = Story()
    pipe = story.linux.pipe()
    story.cast("reader", read(pipe, 1))
    story.cast("writer", write(pipe, b"x"))
    story.run()
    trace = story.linux.host.recorder.finish()
    said = [
        "switch" if row[0] == ops.SWITCH else trace.names[int(row[1])]
        for row in trace.operations
        if row[0] == ops.SWITCH
        or (row[0] == ops.PATH and trace.names[int(row[1])].startswith("schedule"))
    ]
    places = {
        trace.places[int(row[4])]
        for row in trace.operations
        if row[0] == ops.PATH and trace.names[int(row[1])].startswith("schedule")
    }
    there = ["schedule_out", "switch", "schedule_across"]
    assert said == [*there, *there, "schedule_in"]
    assert places == {"schedule"}


def test_the_better_reader_runs_before_the_writer_is_back_in_user_mode() -> None:
    story = Story()
    pipe = story.linux.pipe()
    story.cast("reader", read(pipe, 3), priority=110)
    story.cast("writer", write(pipe, b"abc"))
    assert story.run() == [("reader", b"abc")]


def test_an_equal_waits_until_the_running_one_sleeps() -> None:
    story = Story()
    pipe, back = story.linux.pipe(), story.linux.pipe()
    story.cast("reader", read(pipe, 1), write(back, b"!"))
    story.cast("writer", write(pipe, b"a"), write(pipe, b"b"), read(back, 1))
    assert story.run() == [
        ("writer", 1), ("writer", 1), ("reader", b"a"), ("reader", 1),
    ]  # fmt: skip
