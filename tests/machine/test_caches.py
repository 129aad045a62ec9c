"""Hits, misses, replacement, dirty halves and the levels behind, by hand."""

from __future__ import annotations

import pytest
from toy import FILL, READ, WRITE, Toy, causes, last, price, toy

from microbench.trace import ops

FREE = {"tlb__walk_cycles": 0.0}
MEMORY = 50


def loads(*offsets: int):
    return lambda t: t.load(*offsets)


def test_hit_after_fill() -> None:
    first, second = price(toy(**FREE), loads(0), loads(4, 28))
    assert causes(first) == {"d_refill": FILL}
    assert causes(second) == {}
    assert (first.count("d_misses"), second.count("d_hits")) == (1, 2)


def test_two_ways_hold_two_lines_and_not_three() -> None:
    assert causes(last(toy(**FREE), loads(0, 64), loads(0, 64))) == {}
    assert causes(last(toy(**FREE), loads(0, 64, 128), loads(0))) == {"d_refill": FILL}
    assert causes(last(toy(**FREE), loads(0, 64, 32), loads(0))) == {}, "32 is in the other set"


def test_round_robin_takes_the_oldest_filled_and_lru_the_least_used() -> None:
    steps = loads(0, 64, 0, 128)
    for offset, robin, lru in ((0, FILL, 0), (64, 0, FILL), (128, 0, 0)):
        for policy, cycles in (("round_robin", robin), ("lru", lru)):
            spec = toy(l1d__replacement=policy, **FREE)
            assert last(spec, steps, loads(offset)).cycles == cycles, (policy, offset)


def test_lru_also_counts_stores_as_use() -> None:
    spec = toy(l1d__replacement="lru", **FREE)
    steps = [loads(0, 64), lambda t: t.store(0), loads(128)]
    assert last(spec, *steps, loads(0)).count("d_hits") == 1
    assert last(spec, *steps, loads(64)).count("d_misses") == 1


def test_instructions_are_fetched_by_line() -> None:
    first, second = price(toy(**FREE), lambda t: t.fetch(0, n=8), lambda t: t.fetch(0, n=8))
    assert causes(first) == {"instructions": 8, "i_refill": FILL}
    assert causes(second) == {"instructions": 8}
    across = last(toy(**FREE), lambda t: t.fetch(28, n=2))
    assert causes(across) == {"instructions": 2, "i_refill": 2 * FILL}
    assert across.count("i_misses") == 2
    assert last(toy(**FREE), lambda t: t.fetch(24, n=2)).count("i_misses") == 1


def test_code_and_data_do_not_share_a_cache() -> None:
    steps = [lambda t: t.fetch(0), lambda t: t.load(0, region=t.text)]
    assert last(toy(**FREE), *steps).count("d_misses") == 1


@pytest.mark.parametrize(("stores", "halves"), [((0,), 1), ((0, 12), 1), ((16,), 1), ((0, 16), 2)])
def test_a_dirty_victim_writes_its_dirty_halves(stores: tuple[int, ...], halves: int) -> None:
    def evict(t: Toy) -> None:
        t.load(0, 64)
        t.store(*stores)
        t.load(128)

    spec = toy(**FREE)
    evicted, behind = price(spec, evict, loads(192))
    assert evicted.count("write_backs") == 1
    assert evicted.count("dirty_fills") == 1
    assert causes(behind) == {"d_refill": FILL, "write_stall": halves * WRITE}


def test_a_store_across_the_half_dirties_both() -> None:
    def evict(t: Toy) -> None:
        t.load(0, 64)
        t.refs([(ops.STORE, 12, 2, 1)], t.data)
        t.load(128)

    assert causes(last(toy(**FREE), evict, loads(192)))["write_stall"] == 2 * WRITE


def test_a_clean_victim_costs_nothing() -> None:
    assert causes(last(toy(**FREE), loads(0, 64, 128), loads(192))) == {"d_refill": FILL}


def test_time_between_hides_the_write_back() -> None:
    def evict(t: Toy) -> None:
        t.load(0, 64)
        t.store(0)
        t.load(128)
        t.emit(ops.COMPUTE, WRITE - 1)

    stalled = causes(last(toy(**FREE), evict, loads(192)))
    assert stalled == {"d_refill": FILL, "write_stall": 1}
    later = causes(last(toy(**FREE), evict, lambda t: t.emit(ops.COMPUTE, 1), loads(192)))
    assert later == {"d_refill": FILL}


def test_store_miss_allocates_only_where_the_machine_or_the_page_says_so() -> None:
    assert last(toy(**FREE), lambda t: t.store(0), loads(0)).count("d_misses") == 1
    allocating = toy(l1d__write_allocate="yes", **FREE)
    assert last(allocating, lambda t: t.store(0), loads(0)).count("d_hits") == 1

    def on_page(t: Toy) -> None:
        region = t.page(ops.WRITE_ALLOCATE)
        t.store(0, region=region)
        t.load(4, region=region)

    assert last(toy(**FREE), on_page).count("d_hits") == 1


def test_write_through_leaves_no_dirty_line() -> None:
    def evict(t: Toy) -> None:
        t.load(0, 64)
        t.store(0)
        t.load(128)

    through = last(toy(l1d__write_policy="write_through", **FREE), evict)
    assert through.count("write_backs") == 0
    assert through.count("store_hits") == 1
    assert through.count("bus_writes") == 1

    def on_page(t: Toy) -> None:
        region = t.page(ops.WRITE_THROUGH)
        t.load(0, 64, region=region)
        t.store(0, region=region)
        t.load(128, region=region)

    assert last(toy(**FREE), on_page).count("write_backs") == 0


def test_uncached_pages_read_a_word_each_time() -> None:
    def twice(t: Toy) -> None:
        t.load(0, 0, region=t.page(ops.UNCACHED))

    assert causes(last(toy(**FREE), twice)) == {"d_refill": 2 * READ}


def test_virtual_tags_do_not_share_a_physical_line_and_physical_tags_do() -> None:
    def aliases(t: Toy) -> None:
        t.load(0, region=t.page(0, frame=0x900))
        t.load(0, region=t.page(0, frame=0x900))

    assert last(toy(**FREE), aliases).count("d_misses") == 2
    assert last(toy(l1d__index="pipt", **FREE), aliases).count("d_misses") == 1


def outer(**changes: float | str) -> dict[str, float | str]:
    """A second level of 4 lines in 1 set behind the toy, at 9 cycles, memory at 50."""
    level = {"size_bytes": 128, "ways": 4, "line_bytes": 32, "latency_cycles": 9}
    numbers = {f"l2__{key}": float(value) for key, value in level.items()}
    return {**FREE, **numbers, "sdram__overhead_clocks": MEMORY - 10.0, **changes}


def test_second_level_serves_what_the_first_lost() -> None:
    spec = toy(**outer())
    first, second = price(spec, loads(0, 64, 128), loads(0))
    assert causes(first) == {"d_refill": 3 * MEMORY}
    assert causes(second) == {"d_refill": 9}
    assert (first.count("l2_misses"), second.count("l2_misses")) == (3, 0)
    assert causes(last(spec, loads(0, 64, 128, 192), loads(0))) == {"d_refill": 9}
    assert causes(last(spec, loads(0, 64, 128, 192, 256), loads(0))) == {"d_refill": MEMORY}


def test_third_level_serves_what_the_second_lost() -> None:
    third = {
        "l3__size_bytes": 256.0,
        "l3__ways": 8.0,
        "l3__line_bytes": 32.0,
        "l3__latency_cycles": 25.0,
    }
    steps = loads(0, 64, 128, 192, 256), loads(0)
    assert causes(last(toy(**outer(**third)), *steps)) == {"d_refill": 25}


def test_both_kinds_of_line_meet_in_the_second_level() -> None:
    steps = [lambda t: t.load(0, region=t.text), lambda t: t.fetch(0)]
    assert causes(last(toy(**outer()), *steps)) == {"instructions": 1, "i_refill": 9}
