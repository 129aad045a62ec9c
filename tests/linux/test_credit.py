"""Dynamic priority by the kernel's rules, and where they lead two partners and a ring."""

from __future__ import annotations

from functools import partial

import pytest

from microbench.linux import credit
from microbench.linux.credit import FULL, SLICE, TICK
from microbench.linux.kernel import Linux
from microbench.linux.process import MIDDLE, Process, Program
from microbench.linux.unix import SocketPair
from microbench.systems.base_memory import arch
from microbench.systems.native import Native
from microbench.workloads.base import RESTED, SPENT


def process(held: int, static: int = 120) -> Process:
    made = Process(1, "p", static)
    made.credit = held
    made.priority = credit.priority(made)
    return made


def test_a_tick_is_the_kernels() -> None:
    assert TICK * arch()["tick_hz"] == 10**9


@pytest.mark.parametrize(
    ("held", "priority"),
    [(0, 125), (SLICE - 1, 125), (SLICE, 124), (MIDDLE, 120), (FULL - 1, 116), (FULL, 115)],
)
def test_a_hundred_milliseconds_of_credit_are_a_level(held: int, priority: int) -> None:
    assert credit.priority(process(held)) == priority


def test_a_static_priority_shifts_all_levels() -> None:
    assert credit.priority(process(FULL, 130)) == 125


def test_a_sleep_gives_more_to_those_who_have_little() -> None:
    poor, rich = process(0), process(8 * SLICE)
    for one in (poor, rich):
        credit.slept(one, 3)
    assert (poor.credit, rich.credit) == (30 * TICK, 8 * SLICE + 6 * TICK)
    assert poor.priority == 122


def test_credit_has_an_end_and_a_long_sleep_gives_less_than_all() -> None:
    almost, idle = process(FULL - 1), process(0)
    credit.slept(almost, 1)
    credit.slept(idle, 80)
    assert (almost.credit, idle.credit) == (FULL, FULL - SLICE)


def test_what_no_tick_fell_into_took_no_time() -> None:
    one = process(MIDDLE)
    credit.slept(one, 0)
    credit.ran(one, 0)
    assert one.credit == MIDDLE


def test_a_run_costs_those_less_who_have_much_and_priority_stays() -> None:
    poor, rich = process(5 * TICK), process(FULL)
    for one in (poor, rich):
        credit.ran(one, 2)
    assert (poor.credit, rich.credit) == (3 * TICK, FULL - 2 * TICK // 10)
    assert rich.priority == 115
    assert credit.priority(rich) == 116


def test_credit_does_not_fall_below_nothing() -> None:
    one = process(TICK)
    credit.ran(one, 500)
    assert one.credit == 0


def test_a_child_starts_a_level_lower_at_its_parents_priority() -> None:
    parent, child = process(FULL - 1), process(MIDDLE)
    credit.forked(parent, child)
    assert (parent.credit, child.credit) == (9 * SLICE, 8 * SLICE)
    assert child.priority == parent.priority == 116


def test_a_child_that_computed_costs_its_parent_a_quarter_of_the_difference() -> None:
    parent, child = process(8 * SLICE), process(4 * SLICE)
    credit.exited(child, parent)
    assert parent.credit == 7 * SLICE
    credit.exited(process(FULL), parent)
    assert parent.credit == 7 * SLICE


def client(pair: SocketPair, rounds: int, linux: Linux, me: Process) -> Program:
    for _ in range(rounds):
        yield from linux.send(me, pair, 0, me.user("user_data"), b".")
        yield from linux.receive(me, pair, 0, me.user("user_data"), 1)
        me.output.append(linux.scheduler.switches)


def server(pair: SocketPair, linux: Linux, me: Process) -> Program:
    while True:
        yield from linux.receive(me, pair, 1, me.user("user_data"), 1)
        yield from linux.send(me, pair, 1, me.user("user_data"), b".")


def partners(rounds: int, timed: int, forked: int) -> tuple[list[int], list[Process]]:
    """Switches up to the end of each round trip of two partners, and both."""
    linux = Linux(Native())
    pair = linux.socket_pair()
    first = linux.spawn("client", partial(client, pair, rounds), credit=timed)
    linux.spawn("server", partial(server, pair), credit=forked)
    linux.strike_in_turn()
    linux.run()
    return first.output, linux.processes


@pytest.mark.parametrize("level", [0, 1, 5, 9, 10])
def test_two_partners_end_apart_wherever_the_fork_left_them(level: int) -> None:
    """Four switches a round trip: the worse one finds its answer waiting and never sleeps."""
    timed, forked = process(level * SLICE), process(0)
    credit.forked(timed, forked)
    switches, both = partners(1000, timed.credit, forked.credit)
    assert switches[-1] - switches[-101] == 400
    assert min(one.credit for one in both) <= SLICE
    assert max(one.credit for one in both) >= FULL - 2 * TICK


def test_the_state_that_programs_are_recorded_in_stays() -> None:
    switches, (timed, forked) = partners(100, SPENT, RESTED)
    assert switches[-1] - switches[0] == 4 * 99
    assert timed.credit == SPENT
    assert forked.credit >= RESTED - 2 * TICK
