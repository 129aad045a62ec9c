"""The write queue, fills behind writes, and SDRAM rows, by hand."""

from __future__ import annotations

import pytest
from toy import FILL, WRITE, Toy, causes, last, price, toy

from microbench.trace import ops

FREE = {"tlb__walk_cycles": 0.0}
ROW = 7


def stores(count: int, step: int = 16):
    return lambda t: t.store(*range(0, count * step, step))


def test_two_entries_and_one_in_service_take_three_stores_and_not_four() -> None:
    assert causes(last(toy(**FREE), stores(3))) == {}
    assert causes(last(toy(**FREE), stores(4))) == {"write_stall": WRITE}
    assert causes(last(toy(**FREE), stores(6))) == {"write_stall": 3 * WRITE}


def test_stores_into_a_waiting_block_merge() -> None:
    merged = last(toy(**FREE), stores(8, step=4))
    assert causes(merged) == {}
    assert merged.count("coalesced") == 6
    apart = last(toy(write_queue__coalesces="no", **FREE), stores(8, step=4))
    assert apart.count("coalesced") == 0
    assert causes(apart) == {"write_stall": 5 * WRITE}


def test_a_block_on_its_way_no_longer_merges() -> None:
    def gone(t: Toy) -> None:
        t.store(0)
        t.emit(ops.COMPUTE, 1)
        t.store(4)

    assert last(toy(**FREE), gone).count("coalesced") == 0


def test_software_can_turn_merging_off_and_on() -> None:
    off = last(toy(**FREE), lambda t: t.emit(ops.COALESCING, 0), stores(8, step=4))
    assert off.count("coalesced") == 0

    def on(t: Toy) -> None:
        t.emit(ops.COALESCING, 0)
        t.emit(ops.COALESCING, 1)

    assert last(toy(**FREE), on, stores(8, step=4)).count("coalesced") == 6


def test_a_store_of_several_words_takes_a_place_per_block() -> None:
    def block(words: int, offset: int = 0):
        return lambda t: t.refs([(ops.STORE, offset, words, 1)], t.data)

    drained = lambda t: t.emit(ops.DRAIN)  # noqa: E731
    assert last(toy(**FREE), block(4), drained).cycles == WRITE
    assert last(toy(**FREE), block(5), drained).cycles == 2 * WRITE
    assert last(toy(**FREE), block(2, 12), drained).cycles == 2 * WRITE


def test_fills_wait_behind_writes() -> None:
    steps = [stores(2), lambda t: t.load(1024)]
    assert causes(last(toy(**FREE), *steps)) == {"write_stall": 2 * WRITE, "d_refill": FILL}
    later = [stores(2), lambda t: t.emit(ops.COMPUTE, 2 * WRITE), lambda t: t.load(1024)]
    assert causes(last(toy(**FREE), *later)) == {"d_refill": FILL}


def test_drain_waits_for_every_write_and_costs_itself() -> None:
    spec = toy(maintenance__drain_cycles=3.0, **FREE)
    assert causes(last(spec, stores(2), lambda t: t.emit(ops.DRAIN))) == {
        "write_stall": 2 * WRITE,
        "flush": 3,
    }
    assert causes(last(spec, lambda t: t.emit(ops.DRAIN))) == {"flush": 3}


def test_no_queue_no_wait() -> None:
    spec = toy(write_queue__entries=0.0, **FREE)
    assert causes(last(spec, stores(100), lambda t: t.emit(ops.DRAIN))) == {}


@pytest.mark.parametrize(("banks", "cycles"), [(1.0, FILL + ROW), (2.0, FILL)])
def test_a_row_stays_open_in_its_bank(banks: float, cycles: int) -> None:
    spec = toy(sdram__row_miss_clocks=float(ROW), sdram__banks=banks, **FREE)
    there, same, other, back = price(
        spec,
        lambda t: t.load(0),
        lambda t: t.load(32),
        lambda t: t.load(4096),
        lambda t: t.load(64),
    )
    assert there.cycles == FILL + ROW
    assert same.cycles == FILL
    assert other.cycles == FILL + ROW
    assert back.cycles == cycles


def test_writes_open_rows_too() -> None:
    spec = toy(sdram__row_miss_clocks=float(ROW), **FREE)
    steps = [lambda t: t.load(0), lambda t: t.store(4096), lambda t: t.load(32)]
    found = causes(last(spec, *steps))
    assert found == {"write_stall": WRITE + ROW, "d_refill": FILL + ROW}
