"""Which addresses of one iteration count: lines and pages, once each, of the last one only."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from microbench.run.occupancy import Occupancy, occupancy
from tests.machine.toy import Toy, toy

CACHE, LINE, ENTRIES = 128, 32, 4


def of(*turns: Callable[[Toy], None]) -> Occupancy:
    """Occupancy of the last turn on caches of four lines and buffers of four entries."""
    t = Toy()
    for number, turn in enumerate(turns):
        turn(t)
        t.recorder.mark(number)
    return occupancy(t.recorder.finish(), toy())


def lines(n: float) -> float:
    return n * LINE / CACHE


def test_code_is_fetched_and_data_is_loaded() -> None:
    def turn(t: Toy) -> None:
        t.fetch(0)
        t.load(0, 32)

    found = of(turn)
    assert (found.l1i, found.l1d) == (lines(1), lines(2))
    assert (found.itlb, found.dtlb) == (1 / ENTRIES, 1 / ENTRIES)


def test_a_line_or_page_counts_once_however_often_and_by_whom_it_is_used() -> None:
    def turn(t: Toy) -> None:
        t.load(0, 4, 28, 32)
        t.load(8)
        t.load(0)

    assert of(turn).l1d == lines(2)


def test_what_is_only_stored_takes_no_place() -> None:
    found = of(lambda t: t.store(0, 64))
    assert (found.l1d, found.dtlb, found.l1i, found.itlb) == (0, 0, 0, 0)


def test_the_same_path_in_other_memory_is_other_lines() -> None:
    def turn(t: Toy) -> None:
        t.load(0)
        t.load(0, region=t.kernel)
        t.load(0, region=t.page(0))

    found = of(turn)
    assert found.l1d == lines(3)
    assert found.dtlb == 3 / ENTRIES


def test_only_the_last_iteration_counts_and_the_first_if_it_is_alone() -> None:
    many, one = (lambda t: t.load(0, 32, 64, 96)), (lambda t: t.load(512))
    assert of(many).l1d == lines(4)
    assert of(many, one).l1d == lines(1)
    assert of(many, many, one).l1d == lines(1)
    assert of(one, many).l1d == lines(4)


def test_a_loop_loads_its_elements_and_its_code_is_a_line_of_somebody() -> None:
    def turn(t: Toy) -> None:
        t.recorder.loop(3, 32, t.text.at(0), 2, source=t.data)

    assert of(turn).l1d == lines(3)
    assert of(lambda t: t.recorder.loop(3, 8, t.text.at(0), 2, source=t.data)).l1d == lines(1)


def test_a_loop_that_loads_from_the_very_first_page_and_one_that_only_stores() -> None:
    def first(t: Toy) -> None:
        at = min((t.text, t.data, t.kernel), key=lambda r: r.base)
        assert at.base == 0
        t.recorder.loop(2, 4096, t.text.at(0), 2, source=at)

    assert of(first).dtlb == 2 / ENTRIES
    assert of(lambda t: t.recorder.loop(2, 4, t.text.at(0), 2, target=t.data)).l1d == 0


def test_an_iteration_that_uses_no_memory_takes_none() -> None:
    assert of(lambda t: t.recorder.compute(5)) == Occupancy(0, 0, 0, 0)


def test_each_structure_is_measured_by_its_own_size() -> None:
    t = Toy()
    t.fetch(0)
    t.load(0)
    t.recorder.mark(0)
    spec = toy(l1i__size_bytes=256, l1d__line_bytes=16, itlb__entries=8, dtlb__entries=2)
    assert occupancy(t.recorder.finish(), spec) == Occupancy(32 / 256, 16 / 128, 1 / 8, 1 / 2)


@pytest.mark.parametrize("name", ["l1i", "l1d", "itlb", "dtlb"])
def test_a_cliff_has_the_name_of_its_structure(name: str) -> None:
    shares = dict.fromkeys(("l1i", "l1d", "itlb", "dtlb"), 0.1) | {name: 1.0}
    assert Occupancy(**shares).on_cliff == [name]
