"""A core of today, rule by rule: branches, levels, buffers, streams, windows, and each cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_core import COSTS, FETCH, FLUSH, LINE, LOAD, STORE, counted, row
from test_core import toy as toy_core

from microbench.machine import core_engine as engine
from microbench.machine.core import CAUSES, HALF_LINE_INSTRUCTIONS, Core, Counts, cause_of
from microbench.machine.core_engine import COUNTERS, STREAM_PLACES
from microbench.machine.spec import MachineSpec

COST = 3
THREE = {"l3__size_bytes": 4096.0, "l3__ways": 4.0, "l3__latency_cycles": 40.0}
BIG = 1 << 30


def taken(site: int, address: int = 0, page: int = 0) -> list[list[int]]:
    """A line whose last instruction is at a site, and the line a taken branch leads to."""
    return [
        [FETCH, address, 1, 0, page, site, 0],
        [FETCH, address + 64, 1, 1, page, 0, 0],
    ]


# where a branch leads


def test_a_taken_branch_is_known_by_the_place_it_stands_at() -> None:
    spec = toy_core(core__btb_entries=8.0)
    again = counted(spec, *taken(100), *taken(100))
    assert (again.count("taken"), again.count("target_misses")) == (2, 1)
    other = counted(spec, *taken(100), *taken(102))
    assert other.count("target_misses") == 2
    same = counted(spec, *taken(100), *taken(101))
    assert same.count("target_misses") == 1, "two bytes are the least an instruction has"


def test_a_branch_is_at_the_last_site_that_was_named() -> None:
    spec = toy_core(core__btb_entries=8.0)
    middle = [FETCH, 256, 1, 0, 0, 0, 0]
    found = counted(spec, *taken(100), taken(100)[0], middle, taken(100)[1])
    assert found.count("target_misses") == 1


def test_four_targets_share_a_set_and_the_oldest_goes() -> None:
    spec = toy_core(core__btb_entries=8.0)
    sites = [2 * (1 + 2 * n) for n in range(5)]
    four = [r for site in [*sites[:4], *sites[:4]] for r in taken(site)]
    assert counted(spec, *four).count("target_misses") == 4
    five = [r for site in [*sites, sites[0]] for r in taken(site)]
    assert counted(spec, *five).count("target_misses") == 6


def test_without_a_buffer_no_target_is_missed() -> None:
    found = counted(toy_core(), *taken(100), *taken(100))
    assert (found.count("taken"), found.count("target_misses")) == (2, 0)


# levels


def lines(kind: int, *numbers: int) -> list[list[int]]:
    return [row(kind, n * LINE, page=0) for n in numbers]


@pytest.mark.parametrize(("kind", "name"), [(LOAD, "load"), (STORE, "store"), (FETCH, "code")])
def test_a_line_is_found_at_the_first_level_that_has_it(kind: int, name: str) -> None:
    """Level one holds two lines of a set, level two four, level three as many as there are."""
    spec = toy_core(**THREE)
    found = counted(spec, *lines(kind, *range(0, 24, 4), 0, 20))
    assert found.count(f"{name}_memory") == 6
    assert found.count(f"{name}_l3") == 1, "line 0 left the second level"
    assert found.count(f"{name}_l2") == 0, "line 20 is at the first"
    more = counted(spec, *lines(kind, *range(0, 24, 4), 12))
    assert more.count(f"{name}_l2") == 1


def test_without_a_third_level_what_leaves_the_second_is_in_memory() -> None:
    found = counted(toy_core(), *lines(LOAD, *range(0, 24, 4), 0))
    assert (found.count("load_memory"), found.count("load_l3")) == (7, 0)


def test_the_next_line_of_code_was_already_asked_for() -> None:
    found = counted(toy_core(), *lines(FETCH, 10, 11, 12, 14, 13))
    assert found.count("code_next_memory") == 2
    assert found.count("code_memory") == 3


def test_addresses_of_the_kernel_are_below_nought_and_lines_all_the_same() -> None:
    found = counted(toy_core(), *lines(LOAD, -5, -3, -5, -3, -2))
    assert found.count("load_memory") == 3
    three = counted(toy_core(), *lines(LOAD, -5, -3, -7, -5))
    assert (three.count("load_memory"), three.count("load_l2")) == (3, 1)


def test_of_random_victims_any_may_go_but_empty_places_come_first() -> None:
    spec = toy_core(l1d__victim="random")
    two = [*lines(LOAD, 0, 2), *lines(LOAD, 0, 2) * 3]
    assert counted(spec, *two).count("load_l2") == 0
    many = lines(LOAD, *[n % 3 * 2 for n in range(60)])
    random, oldest = counted(spec, *many), counted(toy_core(), *many)
    assert oldest.count("load_l2") == 57, "the oldest of two is always the one needed next"
    assert 10 < random.count("load_l2") < 50


def test_the_oldest_is_what_was_used_longest_ago_not_what_came_first() -> None:
    found = counted(toy_core(), *lines(LOAD, 0, 2, 0, 4, 0, 2))
    assert found.count("load_l2") == 1


def test_a_line_is_written_back_once_from_the_last_level_that_it_leaves() -> None:
    """Level two holds four lines of a set; a line that was only read goes without a word."""
    spec = toy_core()
    written = counted(spec, row(STORE, 0, page=0), *lines(LOAD, *range(4, 24, 4)))
    assert written.count("write_backs") == 1
    assert counted(spec, *lines(LOAD, *range(0, 24, 4))).count("write_backs") == 0
    again = counted(spec, row(STORE, 0, page=0), *lines(LOAD, *range(4, 24, 4), *range(0, 24, 4)))
    assert again.count("write_backs") == 1
    third = counted(toy_core(**THREE), row(STORE, 0, page=0), *lines(LOAD, *range(4, 24, 4)))
    assert third.count("write_backs") == 0, "the third level has it"


# translations


def pages(kind: int, *numbers: int) -> list[list[int]]:
    return [row(kind, 0, page=n) for n in numbers]


@pytest.mark.parametrize(("kind", "side"), [(LOAD, "data"), (FETCH, "code")])
def test_a_page_is_translated_when_it_changes(kind: int, side: str) -> None:
    spec = toy_core()
    found = counted(spec, *pages(kind, 1, 1, 1, 2, 2, 1, 3, 1, 2))
    assert found.count(f"{side}_walks") == 4, "two entries: 2 was used longest ago when 3 came"
    assert found.count(f"{side}_second") == 0


@pytest.mark.parametrize(("kind", "side"), [(LOAD, "data"), (FETCH, "code")])
def test_a_second_buffer_spares_the_walk(kind: int, side: str) -> None:
    spec = toy_core(tlb__second_entries=8.0, tlb__second_ways=4.0)
    found = counted(spec, *pages(kind, 1, 2, 3, 1, 2))
    assert (found.count(f"{side}_walks"), found.count(f"{side}_second")) == (3, 2)


def test_code_and_data_have_buffers_of_their_own_before_the_second() -> None:
    spec = toy_core(tlb__second_entries=8.0, tlb__second_ways=4.0)
    found = counted(spec, *pages(LOAD, 1), *pages(FETCH, 1), *pages(LOAD, 1))
    assert (found.count("data_walks"), found.count("code_walks")) == (1, 0)
    assert found.count("code_second") == 1


def test_a_flush_empties_all_buffers_and_no_cache() -> None:
    spec = toy_core(tlb__tag="none", tlb__second_entries=8.0, tlb__second_ways=4.0)
    both = [*pages(LOAD, 1), *pages(FETCH, 1)]
    found = counted(spec, *both, row(FLUSH, 0), *both)
    assert found.count("data_walks") + found.count("code_walks") == 2
    assert found.count("data_second") + found.count("code_second") == 2
    assert found.count("load_memory") == 1
    kept = counted(
        toy_core(tlb__second_entries=8.0, tlb__second_ways=4.0), *both, row(FLUSH, 0), *both
    )
    assert kept.count("data_walks") + kept.count("code_walks") == 1


# streams and windows


def test_streams_run_up_and_down_and_so_many_at_once() -> None:
    spec = toy_core(pipeline__streams=2.0)
    up = counted(spec, *lines(LOAD, 100, 101, 102))
    down = counted(spec, *lines(LOAD, 102, 101, 100))
    assert up.count("stream_memory") == down.count("stream_memory") == 2
    two = counted(spec, *lines(LOAD, 100, 500, 101, 501))
    assert two.count("stream_memory") == 2
    three = counted(spec, *lines(LOAD, 100, 500, 900, 101, 501, 901))
    assert three.count("stream_memory") == 0, "each new one takes the place of the oldest"
    assert counted(spec, *lines(LOAD, 100, 102)).count("stream_memory") == 0
    assert counted(toy_core(), *lines(LOAD, 100, 101)).count("stream_memory") == 0


def test_there_are_no_more_streams_than_places() -> None:
    starts = [1000 * n for n in range(STREAM_PLACES + 1)]
    spec = toy_core(pipeline__streams=float(STREAM_PLACES + 9))
    found = counted(spec, *lines(LOAD, *starts, *(s + 1 for s in starts[1:])))
    assert found.count("stream_memory") == STREAM_PLACES


def test_stores_keep_streams_too_and_count_as_stores() -> None:
    spec = toy_core(pipeline__streams=4.0)
    found = counted(spec, *lines(STORE, 100), *lines(LOAD, 101), *lines(STORE, 102))
    assert (found.count("store_memory"), found.count("stream_memory")) == (2, 1)


def apart(*gaps: int) -> list[list[int]]:
    """Loads of far lines with so many instructions between them, out of one line of code."""
    rows = [row(LOAD, BIG, page=0)]
    for n, gap in enumerate(gaps, 1):
        rows += [row(FETCH, 0, gap, page=0), row(LOAD, BIG + n * 100 * LINE, page=0)]
    return rows


@pytest.mark.parametrize(
    ("gaps", "hidden"),
    [((63,), 1), ((64,), 0), ((10, 10), 2), ((10, 10, 10), 2), ((40, 40), 1), ((40, 40, 10), 2)],
)
def test_a_miss_is_hidden_within_the_window_of_the_first_and_so_many_together(
    gaps: tuple[int, ...], hidden: int
) -> None:
    spec = toy_core(pipeline__window_instructions=64.0, pipeline__parallel_misses=3.0)
    found = counted(spec, *apart(*gaps))
    assert found.count("load_hidden_memory") == hidden
    assert found.count("load_memory") == len(gaps) + 1 - hidden


def test_a_core_that_states_no_parallel_misses_has_one_at_a_time() -> None:
    spec = toy_core(pipeline__window_instructions=64.0)
    numbers = {k: n for k, n in spec.numbers.items() if k != "pipeline.parallel_misses"}
    for one in (replace(spec, numbers=numbers), toy_core(
        pipeline__window_instructions=64.0, pipeline__parallel_misses=0.0
    )):  # fmt: skip
        assert counted(one, *apart(1, 1)).count("load_hidden_memory") == 0


def test_string_instructions_count_no_loads_and_their_lines_apart() -> None:
    found = counted(toy_core(), row(LOAD, 0, 4, page=0), row(LOAD, 64, 4, flag=1, page=0),
                    row(STORE, 128, 2, page=0), row(STORE, 192, 2, flag=1, page=0))  # fmt: skip
    assert (found.count("loads"), found.count("stores")) == (4, 2)
    assert (found.count("load_memory"), found.count("store_memory")) == (1, 1)
    assert found.count("string_memory") == 2


def test_counts_are_of_the_last_replays_and_of_one_operation() -> None:
    string = np.array([row(FETCH, 0, 6, page=0)], np.int64)
    found = Core(toy_core()).count([string] * 5, 2, COSTS, ("a", "b"), iterations=3)
    assert found.count("instructions") == 2
    assert found.count("code_memory") == 0
    cold = Core(toy_core()).count([string] * 2, 2, COSTS, ("a", "b"))
    assert cold.count("code_memory") == 0.5
    moved = Core(toy_core()).count([string], 1, COSTS, ("a",), iterations=2, string_bytes=256)
    assert moved.string_lines == 2


def test_groups_are_counted_apart() -> None:
    string = np.array([[FETCH, 0, 6, 0, 0, 0, 1], [COST, 0, 0, 1, 0, 0, 0]], np.int64)
    found = Core(toy_core()).count([string], 1, COSTS, ("a", "b"))
    assert found.counters[:, COUNTERS.index("instructions")].tolist() == [0, 6]
    assert found.costs.tolist() == [[0, 1], [0, 0]]


# what each of it costs


SPEC = toy_core(
    core__instruction_cycles=0.5, core__load_use_stall_cycles=0.25, pipeline__taken_cycles=1.0,
    pipeline__mispredicted=0.1, core__branch_miss_cycles=20.0, pipeline__target_miss_cycles=8.0,
    memory__write_line_ns=7.0, tlb__second_cycles=9.0, tlb__walk_cycles=30.0,
    l1d__latency_cycles=4.0, pipeline__window_cycles=5.0, l2__latency_cycles=14.0,
    l3__latency_cycles=40.0, memory__latency_ns=100.0, core__clock_hz=2e9,
    l2__code_line_cycles=16.0, l3__code_line_cycles=44.0, l2__stream_line_cycles=3.0,
    l3__stream_line_cycles=10.0, memory__stream_line_ns=20.0, string__l2_line_cycles=2.0,
    string__l3_line_cycles=6.0,
)  # fmt: skip
EXPECTED = {
    "instructions": ("instructions", 0.5), "loads": ("instructions", 0.25),
    "taken": ("branches", 1 + 0.1 * 20), "target_misses": ("branches", 8),
    "code_l2": ("code lines", 16), "code_l3": ("code lines", 44),
    "code_memory": ("code lines", 200),
    "code_next_l2": ("code lines", 16 - 4), "code_next_l3": ("code lines", 44 - 4),
    "code_next_memory": ("code lines", 200 - 4),
    "load_l2": ("data lines", 14 - 9), "load_l3": ("data lines", 40 - 9),
    "load_memory": ("data lines", 200 - 9),
    "load_hidden_l2": ("data lines", 0), "load_hidden_l3": ("data lines", 10),
    "load_hidden_memory": ("data lines", 40),
    "stream_l2": ("data lines", 3), "stream_l3": ("data lines", 10),
    "stream_memory": ("data lines", 40),
    "store_l2": ("data lines", 3), "store_l3": ("data lines", 10),
    "store_memory": ("data lines", 40),
    "string_l2": ("data lines", 2), "string_l3": ("data lines", 6),
    "string_memory": ("data lines", 40),
    "write_backs": ("write-backs", 14), "stores": ("", 0),
    "code_second": ("translations", 9), "code_walks": ("translations", 30),
    "data_second": ("translations", 9), "data_walks": ("translations", 30),
}  # fmt: skip


def made(counters: dict[str, float], costs: dict[str, float] | None = None, **more: Any) -> Counts:
    table = np.zeros((1, len(COUNTERS)))
    for name, n in counters.items():
        table[0, COUNTERS.index(name)] = n
    given = costs or {}
    return Counts(table, np.array([list(given.values())]), tuple(given), ("all",),
                  more.get("string_lines", 0.0))  # fmt: skip


def priced(spec: MachineSpec, counts: Counts) -> dict[str, float]:
    found = Core(spec).price(counts)[0]
    return {cause: float(c) for cause, c in zip(CAUSES, found, strict=True) if c}


@pytest.mark.parametrize("name", COUNTERS)
def test_what_each_thing_that_is_counted_costs(name: str) -> None:
    cause, cost = EXPECTED[name]
    expected = {cause: pytest.approx(3 * cost)} if cost else {}
    assert priced(SPEC, made({name: 3})) == expected


def test_half_a_line_runs_while_the_next_is_on_its_way_and_no_cost_is_below_nought() -> None:
    assert HALF_LINE_INSTRUCTIONS * 8 == LINE, "four bytes an instruction, half of 16"
    slow = toy_core(core__instruction_cycles=50.0, l1d__latency_cycles=300.0)
    for name in ("code_next_l2", "load_memory", "load_l2"):
        assert priced(slow, made({name: 1})) == {}


def test_what_a_machine_does_not_state_is_its_plain_latency() -> None:
    plain = {k: n for k, n in SPEC.numbers.items()
             if not k.endswith(("code_line_cycles", "stream_line_cycles", "stream_line_ns"))
             and not k.startswith("string.")}  # fmt: skip
    spec = replace(SPEC, numbers=plain)
    plainly = {
        "code_l2": 14, "code_l3": 40, "stream_l2": 14, "stream_l3": 40, "stream_memory": 200,
        "string_l2": 14, "string_memory": 200,
    }  # fmt: skip
    for name, cycles in plainly.items():
        assert sum(priced(spec, made({name: 1})).values()) == pytest.approx(cycles), name


@pytest.mark.parametrize(
    ("cost", "cause"),
    [
        ("trap.fault", "entry and exit"),
        ("special.serialise", "control registers"),
        ("operation.swap_base", "control registers"),
        ("operation.locked", "locked and ordered"),
        ("operation.exclusive", "locked and ordered"),
        ("operation.barrier", "locked and ordered"),
        ("operation.full_barrier", "locked and ordered"),
        ("tlb.invalidate", "translations"),
        ("string.start", "strings"),
        ("mitigation.return", "mitigations"),
    ],
)
def test_a_named_cost_belongs_to_its_area_and_orders_stand_apart(cost: str, cause: str) -> None:
    assert cause_of(cost) == cause


def test_lines_that_strings_move_are_spread_over_where_strings_start() -> None:
    spec = toy_core(string__line_cycles=2.0, string__start_cycles=10.0)
    counts = Counts(np.zeros((2, len(COUNTERS))), np.array([[1.0], [3.0]]), ("string.start",),
                    ("a", "b"), 8.0)  # fmt: skip
    found = Core(spec).price(counts)[:, CAUSES.index("strings")]
    assert found.tolist() == [10 + 4, 30 + 12]
    none = replace(counts, costs=np.zeros((2, 1)))
    assert Core(spec).price(none).sum() == 0
    assert Core(spec).price(replace(counts, string_lines=0.0)).sum() == 40


def test_costs_that_are_added_go_where_instructions_run() -> None:
    table = np.zeros((2, len(COUNTERS)))
    table[:, COUNTERS.index("instructions")] = 1, 3
    counts = Counts(table, np.zeros((2, 2)), ("a", "b"), ("x", "y"), 0.0)
    assert counts.with_costs(np.array([4.0, 8.0])).costs.tolist() == [[1, 2], [3, 6]]
    empty = replace(counts, counters=np.zeros((2, len(COUNTERS))))
    assert empty.with_costs(np.array([4.0, 8.0])).costs.sum() == 0


@pytest.mark.parametrize(
    ("name", "changes", "sets", "ways"),
    [
        ("l1d", {"l1d__size_bytes": 1024.0, "l1d__ways": 4.0}, 4, 4),
        ("l3", {}, 0, 0),
        ("itlb", {"itlb__entries": 64.0, "itlb__ways": 4.0}, 16, 4),
        ("dtlb", {"dtlb__entries": 48.0}, 1, 48),
        ("dtlb", {"dtlb__entries": 128.0}, 2, 64),
        ("second", {"tlb__second_entries": 32.0}, 8, 4),
        ("second", {"tlb__second_entries": 32.0, "tlb__second_ways": 8.0}, 4, 8),
        ("targets", {"core__btb_entries": 512.0}, 128, 4),
        ("targets", {"core__btb_entries": 2.0}, 1, 2),
    ],
)
def test_structures_have_the_stated_ways_or_any_place(
    name: str, changes: dict[str, float], sets: int, ways: int
) -> None:
    spec = toy_core(**changes)
    unstated = {f"{name}.ways", "tlb.second_ways"} - {k.replace("__", ".") for k in changes}
    numbers = {k: n for k, n in spec.numbers.items() if k not in unstated or name.startswith("l")}
    geometry, size = Core(replace(spec, numbers=numbers))._geometry()
    row = geometry[engine.STRUCTURES.index(name)]
    assert (int(row[engine.SETS]), int(row[engine.WAYS])) == (sets, ways)
    places = geometry[:, engine.SETS] * geometry[:, engine.WAYS]
    assert size == places.sum()
    assert geometry[:, engine.OFFSET].tolist() == [0, *np.cumsum(places)[:-1].tolist()]
