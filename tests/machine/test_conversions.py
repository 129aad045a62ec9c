"""From a sheet to the engine's numbers: each cost in ticks, memory's parts, room, kept events."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from toy import FILL, READ, WRITE, Toy, causes, last, toy

from microbench.errors import InputError
from microbench.machine import engine, retiming
from microbench.machine.clocks import clock_doubts
from microbench.machine.parameters import SCALARS, build, memory_ticks, ticks
from microbench.machine.pricing import Pricer
from microbench.machine.retiming import Known, geometry, keep, price
from microbench.machine.room import ROOM, check_room
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity
from microbench.trace import Trace, ops

NO_PAGES = np.zeros((0, 6), np.int64)


def vector(**changes: float | str) -> dict[int, int]:
    """The scalars of the toy machine with changes, by code."""
    parameters, _ = build(toy(**changes), NO_PAGES)
    return dict(enumerate(parameters[: engine.N_SCALARS].tolist()))


def moved(**changes: float | str) -> dict[int, int]:
    """The scalars that a change moves, as they are then."""
    before, after = vector(), vector(**changes)
    return {code: after[code] for code in after if after[code] != before[code]}


def test_scalars_stand_at_their_codes() -> None:
    assert [scalar.code for scalar in SCALARS] == list(range(engine.N_SCALARS))


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("core.word_cycles", (engine.P_WORD,)),
        ("core.multiple_cycles", (engine.P_MULTI,)),
        ("core.load_use_stall_cycles", (engine.P_LOADUSE,)),
        ("core.branch_miss_cycles", (engine.P_BRMISS,)),
        ("core.return_by_load_cycles", (engine.P_RETLOAD,)),
        ("core.return_by_register_cycles", (engine.P_RETREG,)),
        ("tlb.walk_cycles", (engine.P_WALK, engine.P_WALKL)),
        ("tlb.second_cycles", (engine.P_L2TLB,)),
        ("tlb.invalidate_cycles", (engine.P_TLBINV,)),
        ("switch.cycles", (engine.P_SPACEWRITE,)),
        ("trap.syscall_cycles", (engine.P_TRAP_SYSCALL,)),
        ("trap.fault_cycles", (engine.P_TRAP_FAULT,)),
        ("trap.interrupt_cycles", (engine.P_TRAP_INTERRUPT,)),
        ("trap.return_cycles", (engine.P_TRET,)),
        ("maintenance.clean_line_cycles", (engine.P_CLEANLINE,)),
        ("maintenance.range_line_cycles", (engine.P_RANGELINE,)),
        ("maintenance.area_line_cycles", (engine.P_AREALINE,)),
        ("maintenance.fixed_cycles", (engine.P_FLUSHFIX,)),
        ("maintenance.pte_write_cycles", (engine.P_PTE,)),
        ("maintenance.drain_cycles", (engine.P_DRAIN,)),
        *(
            (f"special.{name}_cycles", (engine.P_SPECIAL + i,))
            for i, name in enumerate(ops.SPECIALS)
        ),
    ],
)
def test_a_cost_is_ticks_of_a_hundredth_of_a_cycle(key: str, codes: tuple[int, ...]) -> None:
    assert moved(**{key.replace(".", "__"): 7.25}) == dict.fromkeys(codes, 725)


def test_ticks_are_rounded() -> None:
    assert [ticks(c) for c in (0, 1, 0.004, 0.006, 2.555)] == [0, 100, 0, 1, 256]


def test_a_result_costs_what_lies_beyond_its_instruction() -> None:
    assert moved(core__load_result_cycles=3.5) == {engine.P_DEP: 250}
    assert moved(core__load_result_cycles=0.5) == {}


@pytest.mark.parametrize(
    ("key", "word", "code", "value"),
    [
        ("write_queue.coalesces", "no", engine.P_COALESCE, 0),
        ("l1d.write_allocate", "yes", engine.P_WALLOC, 1),
        ("l1d.write_policy", "write_through", engine.P_WTHROUGH, 1),
        ("tlb.walk", "memory", engine.P_WALKMEM, 1),
        ("tlb.global_pages", "yes", engine.P_GLOBAL, 1),
        ("space_switch", "tagged", engine.P_SWFULL, 0),
        ("tlb.flush_filter", "yes", engine.P_FILTER, 1),
    ],
)
def test_a_word_is_a_switch(key: str, word: str, code: int, value: int) -> None:
    assert moved(**{key.replace(".", "__"): word}) == {code: value}


def test_tags_are_none_domains_or_others() -> None:
    assert moved(tlb__tag="domain") == {engine.P_TAGGED: 1, engine.P_DOMAIN: 1}
    assert moved(tlb__tag="asid") == {engine.P_TAGGED: 1}
    assert moved(l1d__index="vipt") == {engine.P_VD: 0}
    assert moved(l1i__index="pipt") == {engine.P_VI: 0}


def test_isolation_takes_global_pages_away_and_costs_the_register() -> None:
    both = {"tlb__global_pages": "yes", "special__space_register_cycles": 4.0}
    plain, isolated = vector(**both), vector(**both, kernel_isolation="yes")
    assert (plain[engine.P_GLOBAL], plain[engine.P_ISOLATION]) == (1, 0)
    assert (isolated[engine.P_GLOBAL], isolated[engine.P_ISOLATION]) == (0, 400)


def test_sizes_are_counts_and_rows_a_shift() -> None:
    assert moved(core__btb_entries=8.0) == {engine.P_BTB: 8}
    assert moved(write_queue__entries=5.0) == {engine.P_QN: 5}
    assert moved(sdram__banks=4.0) == {engine.P_BANKS: 4}
    assert moved(sdram__row_bytes=1024.0) == {engine.P_ROWSHIFT: 10}
    assert moved(l1d__dirty_bytes=32.0) == {engine.P_DIRTYSHIFT: 5}
    assert vector()[engine.P_HZ] == 100_000_000


def without(*keys: str, **changes: float) -> MachineSpec:
    spec = toy(**changes)
    return replace(spec, numbers={k: n for k, n in spec.numbers.items() if k not in keys})


def test_what_is_not_stated_is_a_row_of_a_kilobyte_one_bank_and_a_line_dirty_as_a_whole() -> None:
    spec = without("sdram.row_bytes", "sdram.banks", "l1d.dirty_bytes")
    parameters, _ = build(spec, NO_PAGES)
    assert parameters[engine.P_ROWSHIFT] == 10
    assert parameters[engine.P_BANKS] == 1
    assert parameters[engine.P_DIRTYSHIFT] == 5


def test_outer_caches_are_there_or_not() -> None:
    second = {"l2__size_bytes": 512.0, "l2__ways": 4.0, "l2__line_bytes": 32.0}
    third = {f"l3{k[2:]}": v for k, v in second.items()}
    assert moved(**second) == {engine.P_HASL2: 1}
    assert moved(**second, **third) == {engine.P_HASL2: 1, engine.P_HASL3: 1}


# memory


def test_memory_is_made_of_what_lies_ahead_the_command_and_the_beats() -> None:
    assert memory_ticks(toy()) == {
        "fill": FILL * 100, "read": READ * 100, "row": 0, "write": WRITE * 100, "part": WRITE * 100,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "cycles"),
    [
        ({"core__clock_hz": 200e6}, (40, 32, 0, 8)),
        ({"sdram__clock_hz": 50e6}, (40, 32, 0, 8)),
        ({"sdram__clock_hz": 50e6, "bus__clock_hz": 100e6}, (10 + 2 * 10, 10 + 2 * 6, 0, 8)),
        ({"sdram__second_burst_clocks": 3.0}, (23, 16, 0, 4)),
        ({"sdram__row_miss_clocks": 7.0}, (20, 16, 7, 4)),
        ({"sdram__cas_clocks": 6.0}, (21, 17, 0, 4)),
        ({"sdram__line_beats_clocks": 9.0}, (24, 16, 0, 4)),
        ({"sdram__overhead_clocks": 0.0}, (10, 6, 0, 4)),
        ({"sdram__write_clocks": 5.0}, (20, 16, 0, 5)),
    ],
)
def test_each_part_of_memory_moves_what_it_is_part_of(
    changes: dict[str, float], cycles: tuple[float, ...]
) -> None:
    found = memory_ticks(toy(**changes))
    names = ("fill", "read", "row", "write", "part")
    assert found == dict(zip(names, [round(100 * c) for c in (*cycles, cycles[3])], strict=True))


def test_a_latency_alone_is_that_of_fills_and_reads_and_writes_take_a_quarter() -> None:
    spec = without("sdram.clock_hz", memory__latency_ns=100.0)
    assert memory_ticks(spec) == {
        "fill": 1000, "read": 1000, "row": 0, "write": 250, "part": 250,
    }  # fmt: skip


def test_another_machine_s_memory_is_not_the_last_one_s() -> None:
    slow, fast = toy(sdram__cas_clocks=50.0), toy()
    for spec, fill in ((slow, 65), (fast, FILL), (slow, 65)):
        parameters, _ = build(spec, NO_PAGES)
        assert parameters[engine.P_FILL] == fill * 100


# room


def traced(*steps: Any) -> Trace:
    t = Toy()
    for step in steps:
        step(t)
    t.recorder.mark()
    return t.recorder.finish()


def work(**amounts: float) -> Any:
    """A trace that is so much work."""
    given = {"steps": 1.0, "flushes": 0.0, "counted": 0.0, "waits": 0.0, **amounts}
    return SimpleNamespace(work=SimpleNamespace(**given))


def bound(spec: MachineSpec, amounts: dict[str, float], scale: int = 1000) -> str:
    parameters, _ = build(spec, NO_PAGES)
    try:
        check_room(spec, work(**amounts), parameters, np.array([scale]))
    except InputError as error:
        return str(error)
    return ""


def test_waiting_has_room_up_to_two_to_the_62_ticks() -> None:
    """At 100 MHz a nanosecond is ten ticks."""
    assert ROOM == 2.0**62
    nanoseconds = ROOM / (100e6 / 1000)
    assert bound(toy(), {"waits": nanoseconds * 0.999}) == ""
    found = bound(toy(), {"waits": nanoseconds})
    assert "core.clock_hz = 100000000.0" in found
    assert "ns of waiting more than 2^62 ticks" in found


def test_steps_and_counted_instructions_are_bounded_by_all_costs_together() -> None:
    """Everything but memory is free here: a step may cost a fill, a read, a write and its like."""
    every = vector()
    codes = {s.key: s.code for s in SCALARS if s.key in ("fill", "read", "row", "write", "part")}
    costs = sum(every[code] for code in codes.values())
    costs += every[engine.P_INSTR] + every[engine.P_WALK]
    most = ROOM / costs / 16
    assert bound(toy(), {"steps": most * 0.999}) == ""
    assert "steps more than 2^62 ticks" in bound(toy(), {"steps": most * 1.001})
    counted = ROOM / costs / 1000
    assert bound(toy(), {"counted": counted * 0.999}) == ""
    assert "steps more than" in bound(toy(), {"counted": counted * 1.001})
    assert bound(toy(), {"counted": counted * 0.5}, 2500) != ""
    assert bound(toy(), {"counted": counted * 0.999}, 10) == "", "no factor is below one here"


def test_a_flush_walks_all_lines_of_the_first_caches() -> None:
    most = 1.0
    while not bound(toy(), {"steps": most}):
        most *= 2
    assert bound(toy(), {"flushes": most / 8}), "4 + 4 lines"
    assert bound(toy(), {"flushes": most / 16}) == "", "and no more"


def test_the_dearest_key_is_named_memory_s_parts_by_what_states_them() -> None:
    huge = {"steps": 1e18}
    assert "sdram.overhead_clocks = " in bound(toy(tlb__walk_cycles=0.0), huge)
    latency = without("sdram.clock_hz", memory__latency_ns=1000.0)
    assert "memory.latency_ns = 1000.0" in bound(latency, huge)
    trap = toy(trap__fault_cycles=1e6)
    assert bound(trap, huge).startswith("toy: trap.fault_cycles = 1000000.0: with 1e+18 steps")


def test_a_setting_is_named_as_the_file_of_its_number() -> None:
    number = Quantity(1e6, "cycles", "--set", "choice", 1e6, 1e6)
    spec = toy()
    changed = replace(spec, numbers={**spec.numbers, "trap.fault_cycles": number})
    assert bound(changed, {"steps": 1e18}).startswith("--set: trap.fault_cycles")


def test_latencies_of_caches_count_too() -> None:
    outer = {"l2__size_bytes": 512.0, "l2__ways": 4.0, "l2__line_bytes": 32.0}
    spec = toy(**outer)
    most = 1.0
    while not bound(spec, {"steps": most}):
        most *= 2
    assert bound(toy(**outer, l2__latency_cycles=1e6), {"steps": most / 1024})


# kept events


def test_a_machine_that_is_asked_again_is_replayed_until_its_events_are_kept() -> None:
    """Twice as usual, the third time kept, from then on retimed; another geometry begins anew."""
    trace = traced(lambda t: t.load(0, 32), lambda t: t.fetch(0))
    states: list[tuple[int, bool]] = []
    for machine in (toy(), toy(), toy(trap__fault_cycles=3.0), toy(), toy(l1d__ways=1.0), toy()):
        price(machine, trace)
        known = retiming._KNOWN[trace]
        states.append((known.seen, known.outline is not None))
    assert states == [(1, False), (2, False), (3, True), (3, True), (1, False), (1, False)]
    fresh = Known()
    assert (fresh.geometry, fresh.seen, fresh.outline) == ((), 0, None)


def test_a_geometry_is_sizes_kinds_and_decisive_words_and_no_cost() -> None:
    one = geometry(build(toy(), NO_PAGES)[0])
    assert len(one) == len(geometry(build(toy(trap__fault_cycles=9.0), NO_PAGES)[0]))
    for changes in ({"l1d__line_bytes": 16.0}, {"itlb__entries": 8.0},
                    {"tlb__second_entries": 8.0}, {"l1i__replacement": "lru"}):  # fmt: skip
        assert geometry(build(toy(**changes), NO_PAGES)[0]) != one
    l2 = {"l2__size_bytes": 512.0, "l2__ways": 4.0, "l2__line_bytes": 32.0}
    second = geometry(build(toy(**l2), NO_PAGES)[0])
    assert second == geometry(build(toy(**l2, l2__latency_cycles=9.0), NO_PAGES)[0])
    assert second != geometry(build(toy(**{**l2, "l2__ways": 2.0}), NO_PAGES)[0])


def test_events_need_four_words_each_and_only_what_was_used_is_kept() -> None:
    trace = traced(lambda t: t.load(0, 32, 64))
    for room in (1, 64, 4096):
        ledgers, outline = keep(toy(), trace, None, room)
        assert outline is not None
        assert outline.ends[-1] == len(outline.events)
        assert len(outline.events) % engine.EVENT_WORDS == 0
        assert len(outline.ends) == len(outline.counters) == len(ledgers) == len(trace.slices)


@pytest.mark.parametrize("limit", ["MOST_WORDS", "MOST_KEPT"])
def test_just_as_many_events_as_there_may_be_are_kept(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    trace = traced(lambda t: t.load(0, 32, 64))
    _, outline = keep(toy(), trace, None, 64)
    assert outline is not None
    size = len(outline.events)
    before = sum(len(k.outline.events) for k in retiming._KNOWN.values() if k.outline)
    already = before if limit == "MOST_KEPT" else 0
    monkeypatch.setattr(retiming, limit, size + already)
    assert keep(toy(), trace, None, 64)[1] is not None
    monkeypatch.setattr(retiming, limit, size + already - 1)
    assert keep(toy(), trace, None, 64)[1] is None


def test_room_for_events_is_a_quarter_of_the_references_and_never_more_than_may_be() -> None:
    small = traced(lambda t: t.load(0))
    large = traced(lambda t: t.recorder.loop(4000, 4, t.text, 1, source=t.data))
    paths = traced(*[lambda t: t.load(*range(0, 400, 4))] * 10)
    base = engine.EVENT_WORDS * (1024 + 4 * len(small.operations))
    assert retiming._room(small) == base
    assert retiming._room(large) == base + engine.EVENT_WORDS * 1000
    assert retiming._room(paths) == engine.EVENT_WORDS * (1024 + 4 * len(paths.operations) + 250)
    assert retiming.MOST_WORDS == 1 << 24


def test_templates_out_of_order_are_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = traced(lambda t: t.load(0), lambda t: t.load(0, 4))
    assert retiming._in_order(trace)
    table = trace.templates.copy()
    table[1, 0] += 1
    odd = replace(trace, templates=table)
    assert not retiming._in_order(odd)
    for _ in range(4):
        price(toy(), odd)
    assert odd not in retiming._KNOWN


# clocks


def board(core: float, bus: float, sdram: float, *pairs: tuple[float, float]) -> list[str]:
    numbers = {"core.clock_hz": core, "bus.clock_hz": bus, "sdram.clock_hz": sdram}
    made = {k: Quantity(v, "Hz", "T", "choice", v, v) for k, v in numbers.items()}
    spec = toy()
    return clock_doubts(replace(spec, numbers={**spec.numbers, **made}, legal_clocks=pairs))


@pytest.mark.parametrize(
    ("clocks", "doubts"),
    [
        ((200, 100, 100), 0), ((200, 100, 50), 0), ((200, 100, 100.1), 0),
        ((200, 100, 99.95), 0), ((200.1, 100, 100), 0),
        ((210, 100, 100), 1), ((200, 100, 25), 2), ((200, 50, 100), 1), ((100, 100, 200), 2),
    ],
)  # fmt: skip
def test_a_board_has_a_pair_of_its_part_and_memory_in_step_with_the_bus(
    clocks: tuple[float, ...], doubts: int
) -> None:
    pairs = ((200e6, 100e6), (200e6, 50e6))
    assert len(board(*(c * 1e6 for c in clocks), *pairs)) == doubts
    assert board(*(c * 1e6 for c in clocks)) == []


def test_a_ledger_of_the_toy_is_what_its_docstring_says() -> None:
    found = causes(last(toy(), lambda t: t.load(0)))
    assert found == {"tlb": 30, "d_refill": FILL}
    assert Pricer(toy(), traced(lambda t: t.load(0))).iterations()[0].cycles == 30 + FILL
