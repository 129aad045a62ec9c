"""Branches, traps, devices, loops and scales, by hand."""

from __future__ import annotations

import pytest
from toy import FILL, Toy, causes, last, price, toy

from microbench.machine.pricing import Ledger
from microbench.trace import ops

FREE = {"tlb__walk_cycles": 0.0}
MISS = 4


def branches(entries: float, *offsets: int) -> list[float]:
    """Branch cycles of a jump away from each offset in turn."""
    spec = toy(core__btb_entries=entries, core__branch_miss_cycles=float(MISS), **FREE)

    def jump(offset: int):
        def step(t: Toy) -> None:
            t.fetch(offset)
            t.fetch(8192, how=ops.BRANCH)

        return step

    return [x.by_cause()["branches"] for x in price(spec, *map(jump, offsets))]


def test_a_known_branch_is_free() -> None:
    assert branches(2, 0, 0) == [MISS, 0]


def test_two_sites_that_share_an_entry_evict_each_other() -> None:
    assert branches(2, 0, 4, 0) == [MISS, MISS, 0]
    assert branches(2, 0, 8, 0) == [MISS, MISS, MISS]


def test_without_a_target_buffer_every_branch_pays() -> None:
    assert branches(0, 0, 0) == [MISS, MISS]


def test_falling_through_is_free_and_returns_have_costs_of_their_own() -> None:
    spec = toy(core__return_by_load_cycles=7.0, core__return_by_register_cycles=5.0, **FREE)
    for how, cycles in (
        (ops.FALL_THROUGH, 0),
        (ops.RETURN_LOAD, 7),
        (ops.RETURN_REGISTER, 5),
        (ops.EXCEPTION, 0),
    ):
        ledger = last(spec, lambda t, how=how: t.fetch(0, how=how))
        assert ledger.by_cause()["branches"] == cycles


def test_traps() -> None:
    costs = {"syscall": 8.0, "fault": 9.0, "interrupt": 10.0, "return": 3.0}
    spec = toy(**{f"trap__{name}_cycles": cycles for name, cycles in costs.items()})
    for number, name in enumerate(ops.TRAPS):
        trap = last(spec, lambda t, n=number: t.emit(ops.TRAP, n))
        assert causes(trap) == {"trap": costs[name]}
    assert causes(last(spec, lambda t: t.emit(ops.TRAP_RETURN))) == {"trap": 3}


def test_special_registers_as_operations_and_in_paths() -> None:
    number = ops.SPECIALS.index("serialise")
    spec = toy(special__serialise_cycles=6.0)
    assert causes(last(spec, lambda t: t.emit(ops.SPECIAL, number, 2))) == {"control": 12}
    path = last(spec, lambda t: t.refs([(ops.COPROCESSOR, 0, number, 3)], t.text))
    assert causes(path) == {"control": 18}


@pytest.mark.parametrize(("compute", "idle"), [(0, 10), (4, 6), (10, 0), (25, 0)])
def test_a_device_is_waited_for_no_longer_than_it_takes(compute: int, idle: int) -> None:
    def start(t: Toy) -> None:
        t.emit(ops.DEVICE_START, 3, 100)
        t.emit(ops.COMPUTE, compute)

    wait = last(toy(), start, lambda t: t.emit(ops.DEVICE_WAIT, 3))
    assert causes(wait) == ({"idle": idle} if idle else {})


def test_devices_do_not_know_each_other() -> None:
    def start(t: Toy) -> None:
        t.emit(ops.DEVICE_START, 1, 100)
        t.emit(ops.DEVICE_START, 2, 1000)

    assert last(toy(), start, lambda t: t.emit(ops.DEVICE_WAIT, 1)).cycles == 10
    assert last(toy(), start, lambda t: t.emit(ops.DEVICE_WAIT, 2)).cycles == 100
    assert last(toy(), start, lambda t: t.emit(ops.DEVICE_WAIT, 5)).cycles == 0


def test_idle_time_is_real_time() -> None:
    idle = lambda t: t.emit(ops.IDLE, 1_000_000)  # noqa: E731
    assert causes(last(toy(), idle)) == {"idle": 100_000}
    assert causes(last(toy(core__clock_hz=400e6), idle)) == {"idle": 400_000}


def test_idle_time_empties_the_write_queue() -> None:
    steps = [lambda t: t.store(0, 16), lambda t: t.emit(ops.IDLE, 1000), lambda t: t.load(64)]
    assert causes(last(toy(**FREE), *steps)) == {"d_refill": FILL}


def loop(count: int, **more: int):
    def step(t: Toy) -> None:
        t.recorder.loop(count, 4, t.text, 3, source=t.data, **more)

    return step


def looped(spec_changes: dict[str, float], count: int, **more: int) -> Ledger:
    return last(toy(**FREE, **spec_changes), loop(count, **more))


def test_a_loop_pays_its_instructions_and_a_fill_per_line() -> None:
    ledger = looped({}, 16)
    assert causes(ledger) == {"instructions": 48, "i_refill": FILL, "d_refill": 2 * FILL}
    assert ledger.count("references") == 16
    assert (ledger.count("d_misses"), ledger.count("d_hits")) == (2, 14)


def test_dependent_loads_wait_for_their_word() -> None:
    waiting = {"core__load_result_cycles": 3.0}
    assert looped(waiting, 8).by_cause()["instructions"] == 24
    assert looped(waiting, 8, dependent=1).by_cause()["instructions"] == 24 + 8 * 2


def test_wide_transfers_pay_by_word() -> None:
    wide = {"core__word_cycles": 1.0, "core__multiple_cycles": 2.0}
    assert looped(wide, 2, load_words=4).by_cause()["instructions"] == 2 * (3 + 2 + 3)


def test_a_long_body_is_fetched_line_by_line_and_wraps() -> None:
    ledger = looped({}, 8, element_bytes=16, body_bytes=64)
    assert ledger.count("i_misses") == 2
    assert ledger.count("i_hits") == 2
    assert looped({}, 8).count("i_hits") == 0


def test_a_copy_loads_and_stores() -> None:
    def copy(t: Toy) -> None:
        t.recorder.loop(8, 4, t.text, 2, source=t.data, target=t.data.at(4096))

    first, drain = price(toy(**FREE), copy, lambda t: t.emit(ops.DRAIN))
    assert first.count("store_misses") == 8
    # A store every 2 cycles, a write takes 4: stores 2, 5 and 6 find their block still waiting
    # and merge; the last store is at 14 and the bus is busy until 20.
    assert first.count("coalesced") == 3
    assert drain.by_cause()["write_stall"] == 6


def test_short_user_work_is_not_rounded_away() -> None:
    work = last(toy(), *[lambda t: t.emit(ops.COMPUTE, 1)] * 3)
    assert causes(work) == {"instructions": 1}


def test_scales_multiply_the_instructions_of_their_class() -> None:
    path = lambda t: t.refs([(ops.FETCH, 0, 8, 0)], t.text, "l4/slow")  # noqa: E731
    for scales, cycles in (
        ({}, 8),
        ({"l4": 2.0}, 16),
        ({"l4/slow": 3.0}, 24),
        ({"l4": 2.0, "l4/slow": 3.0}, 48),
        ({"linux": 5.0}, 8),
    ):
        (ledger,) = price(toy(**FREE), path, scales=scales)
        assert ledger.by_cause()["instructions"] == cycles


def test_words_of_one_instruction() -> None:
    spec = toy(
        core__load_use_stall_cycles=1.0,
        core__multiple_cycles=2.0,
        core__word_cycles=3.0,
        **FREE,
    )
    for kind, aux, words, cycles in (
        (ops.LOAD, 0, 1, 1),
        (ops.LOAD, 0, 3, 1 + 2 + 6),
        (ops.LOAD, 1, 3, 9),
        (ops.STORE, 0, 1, 0),
        (ops.STORE, 0, 3, 2 + 6),
        (ops.STORE, 1, 3, 9),
    ):
        step = lambda t, r=(kind, 0, words, aux): t.refs([r], t.data)  # noqa: E731
        assert last(spec, step).by_cause()["instructions"] == cycles
