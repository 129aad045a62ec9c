"""Causes, places and events of one operation: each part by its share, ways apart, signs kept."""

from __future__ import annotations

from fractions import Fraction

import pytest

from microbench.row import NO_RESULT
from microbench.run.account import TICKS, by_cause, by_part, by_place, causes, events, whole
from microbench.run.rows import rows_of
from microbench.run.shares import all_shares, main_shares, part_names, summed, taken_off
from microbench.trace.recorder import TICK
from tests.run.made import SETUP, Made, ledger, outcome, user

RING = Made({"ring": Fraction(1, 4), "overhead": -1}, units={"ring": "hop"}, more=True)


def test_what_a_microkernel_path_executes_is_ipc_and_what_it_misses_is_not() -> None:
    inside = {"instructions": 5, "branches": 3, "control": 2, "i_refill": 7, "trap": 1}
    found = causes(ledger({"ipc": inside, "domain": inside, "map": inside, "pipe": inside}))
    assert found["IPC"] == 3 * 10
    assert (found["instructions"], found["branches"], found["control registers"]) == (5, 3, 2)
    assert (found["I-refill"], found["traps"]) == (4 * 7, 4)


def test_all_of_a_timer_tick_is_its_own_cause() -> None:
    found = causes(ledger({TICK: {"instructions": 5, "tlb": 4}, "user": {"tlb": 1}}))
    assert (found[TICKS], found["TLB"], found["instructions"]) == (9, 1, 0)


def test_shares_of_a_part_are_of_its_counted_iterations() -> None:
    two = Made({"call": 1}, counted=4)
    found = outcome(two, "native", {"call": user(trap=80, tlb=8)})
    assert by_cause(found)["traps"] == 20
    assert by_place(found) == {"user": 22}
    assert by_part(found) == {"call": 22}


def test_what_is_taken_off_is_below_nought_in_every_breakdown() -> None:
    parts = {"ring": user(trap=800), "overhead": ledger({"user": {"trap": 50}, "pipe": {"tlb": 9}})}
    found = outcome(RING, "native", parts)
    assert by_part(found) == {"hop": 200, "overhead": -59}
    assert by_cause(found)["traps"] == 150
    assert by_cause(found)["TLB"] == -9
    assert by_place(found) == {"user": 150, "pipe": -9}


def test_a_part_without_a_share_is_left_out() -> None:
    other = Made({"ring": 1, "idle": 0})
    found = outcome(other, "native", {"ring": user(trap=5), "idle": user(trap=7)})
    assert by_part(found) == {"ring": 5}


WAYS = Made({"call": Fraction(1, 2), "reply": Fraction(1, 2)}, ways=("call", "reply"), counted=2)
PLACES = {"call: kernel": {"trap": 40}, "call: user": {"tlb": 8}, "reply: kernel": {"trap": 20},
          "set-up": {"trap": 99}}  # fmt: skip


def test_ways_are_told_by_the_begin_of_their_places() -> None:
    found = outcome(WAYS, "l4", {"both": ledger(PLACES, i_misses=6, d_walks=2)})
    assert by_part(found) == {"call": 12, "reply": 5}
    assert by_cause(found)["traps"] == (40 + 20) / 2 / 2
    assert by_cause(found)["TLB"] == 2
    assert sum(by_place(found).values()) == 17
    assert by_place(found)["set-up"] == 0


def test_ways_share_the_counters_so_their_mean_is_told() -> None:
    found = events(outcome(WAYS, "l4", {"both": ledger(PLACES, i_misses=6, d_walks=2)}))
    assert (found["i misses"], found["d walks"]) == (1.5, 0.5)


def test_events_of_what_is_taken_off_are_taken_off() -> None:
    parts = {"ring": ledger({"user": {}}, i_misses=8, branch_misses=4),
             "overhead": ledger({"user": {}}, i_misses=1, flushed_dirty=3)}  # fmt: skip
    found = events(outcome(RING, "native", parts))
    assert found == {"i misses": 1, "d misses": 0, "i walks": 0, "d walks": 0,
                     "flushed dirty": -3, "branch misses": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"a": 0.5, "b": 0.5}, {"a": 1, "b": 0}),
        ({"a": 1.2, "b": 2.7, "c": 3.6}, {"a": 1, "b": 3, "c": 4}),
        ({"a": -1.5, "b": 0.25}, {"a": -1, "b": 0}),
        ({"a": 3.0}, {"a": 3}),
    ],
)
def test_rounding_keeps_the_sum(amounts: dict[str, float], expected: dict[str, int]) -> None:
    assert whole(amounts) == expected
    assert sum(expected.values()) == round(sum(amounts.values()))


def test_every_metric_has_its_shares_and_the_first_is_the_main_one() -> None:
    assert part_names(RING) == ["ring", "overhead"]
    assert part_names(WAYS) == ["call", "reply"]
    assert all_shares(RING) == {
        "latency": {"ring": Fraction(1, 4), "overhead": -1}, "overhead": {"ring": 0, "overhead": 1},
    }  # fmt: skip
    assert main_shares(RING) == all_shares(RING)["latency"]
    assert summed(main_shares(RING), {"ring": 8, "overhead": 0.5}) == 1.5
    assert taken_off(main_shares(RING)) == ["overhead"]
    assert taken_off({"a": Fraction(0), "b": Fraction(1)}) == []


@pytest.mark.parametrize(
    ("ring", "spread", "said"), [(484, 0.2, ""), (480, 0.2, NO_RESULT), (404, 0.0, ""),
                                 (400, 0.0, NO_RESULT), (360, 0.0, NO_RESULT)]
)  # fmt: skip
def test_a_value_within_what_the_overhead_varies_by_is_none(
    ring: int, spread: float, said: str
) -> None:
    """A hop of a quarter, an overhead of 100 that varies by 20: up to 20 is no result."""
    parts = {"ring": user(trap=ring), "overhead": user(trap=100)}
    found = rows_of(outcome(RING, "native", parts, {"overhead": spread, "ring": 9.0}), SETUP)
    latency, overhead = found
    assert latency.note == said
    assert latency.cycles == round(ring / 4 - 100)
    assert overhead.note == ""


def test_a_value_from_which_nothing_is_taken_is_one_even_at_nought() -> None:
    zero = outcome(Made({"call": 1}), "native", {"call": user()})
    assert [row.note for row in rows_of(zero, SETUP)] == [""]
