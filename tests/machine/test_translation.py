"""Translation buffers and what a switch of spaces does to them and to caches, by hand."""

from __future__ import annotations

import pytest
from toy import FILL, READ, WALK, WRITE, Toy, causes, last, price, toy

from microbench.trace import ops

PAGE = 4096
CLEAN, FIXED, SPACE = 2, 11, 5
WARM = {"l1d__size_bytes": 4096.0, "l1d__ways": 2.0}


def pages(*numbers: int):
    return lambda t: t.load(*(n * PAGE for n in numbers))


def walks(ledger) -> int:
    return ledger.count("d_walks") + ledger.count("i_walks")


def test_hit_after_walk_and_walk_after_one_page_too_many() -> None:
    spec = toy(dtlb__entries=2.0)
    first, second = price(spec, pages(0, 1), pages(0, 1))
    assert (first.by_cause()["tlb"], second.by_cause()["tlb"]) == (2 * WALK, 0)
    assert last(spec, pages(0, 1, 2), pages(1, 2)).by_cause()["tlb"] == 0
    assert last(spec, pages(0, 1, 2), pages(0)).by_cause()["tlb"] == WALK


def test_code_and_data_have_buffers_of_their_own() -> None:
    ledger = last(toy(), lambda t: t.load(0, region=t.text), lambda t: t.fetch(0))
    assert (ledger.count("i_walks"), ledger.count("d_walks")) == (1, 0)


def test_a_walk_that_reads_memory_pays_a_word_and_a_row_per_level() -> None:
    spec = toy(tlb__walk="memory", tlb__walk_cycles=1.0, sdram__row_miss_clocks=7.0)
    assert last(spec, pages(0)).by_cause()["tlb"] == 2 * (READ + 7) + 1
    large = last(spec, lambda t: t.load(0, region=t.page(ops.LARGE)))
    assert large.by_cause()["tlb"] == READ + 7 + 1


def test_a_walk_that_reads_memory_waits_behind_writes() -> None:
    spec = toy(tlb__walk="memory", tlb__walk_cycles=0.0)
    steps = [pages(0), lambda t: t.store(64, 96), pages(1)]
    assert last(spec, *steps).by_cause()["write_stall"] == 2 * WRITE


def test_one_entry_covers_a_large_page() -> None:
    def both(t: Toy) -> None:
        region = t.recorder.layout.region("big", 2 * PAGE, va=0x100000, flags=ops.LARGE)
        t.load(0, PAGE, region=region)

    assert last(toy(), both).count("d_walks") == 1


def test_second_buffer_catches_what_the_first_lost() -> None:
    second = {"tlb__second_entries": 4.0, "tlb__second_cycles": 6.0}
    spec = toy(dtlb__entries=2.0, **second)
    assert last(spec, pages(0, 1, 2), pages(0)).by_cause()["tlb"] == 6
    assert last(spec, pages(0, 1, 2, 3, 0), pages(0)).by_cause()["tlb"] == 0
    fewer = toy(dtlb__entries=1.0, **(second | {"tlb__second_entries": 2.0}))
    assert last(fewer, pages(0, 1, 2), pages(0)).by_cause()["tlb"] == WALK


def switching(how: int = ops.FULL):
    """Touch a kernel and a user page, switch, touch both again."""

    def warm(t: Toy) -> None:
        t.emit(ops.SWITCH, 1, how)
        t.load(0)
        t.load(0, region=t.kernel)

    def again(t: Toy) -> None:
        t.load(4)
        t.load(4, region=t.kernel)

    return warm, lambda t: t.emit(ops.SWITCH, 2, how), again


@pytest.mark.parametrize(
    ("tag", "global_pages", "how", "full", "expected"),
    [
        ("none", "no", ops.FULL, "full", 2),
        ("none", "no", ops.TAGGED, "full", 2),
        ("none", "yes", ops.FULL, "full", 1),
        ("asid", "no", ops.FULL, "full", 0),
        ("asid", "no", ops.FULL, "tagged", 0),
        ("domain", "no", ops.FULL, "full", 2),
        ("domain", "no", ops.TAGGED, "full", 0),
        ("domain", "no", ops.FULL, "tagged", 0),
        ("domain", "yes", ops.FULL, "full", 1),
    ],
)
def test_which_translations_a_switch_costs(
    tag: str, global_pages: str, how: int, full: str, expected: int
) -> None:
    spec = toy(tlb__tag=tag, tlb__global_pages=global_pages, space_switch=full)
    assert walks(last(spec, *switching(how))) == expected


def test_a_flush_filter_keeps_untagged_translations() -> None:
    assert walks(last(toy(tlb__flush_filter="yes"), *switching())) == 0


def test_a_switch_to_the_same_space_is_none() -> None:
    spec = toy(switch__cycles=float(SPACE))
    there = lambda t: t.emit(ops.SWITCH, 1, ops.FULL)  # noqa: E731
    first, second = price(spec, there, there)
    assert first.by_cause()["control"] == SPACE
    assert second.cycles == 0


def test_a_counted_switch_leaves_the_register_write_to_the_path() -> None:
    spec = toy(switch__cycles=float(SPACE))
    assert last(spec, lambda t: t.emit(ops.SWITCH, 1, ops.COUNTED)).by_cause()["control"] == 0


def flushing(**changes: float | str):
    costs = {
        "maintenance__clean_line_cycles": float(CLEAN),
        "maintenance__fixed_cycles": float(FIXED),
    }
    return toy(
        tlb__walk_cycles=0.0, tlb__tag="asid", switch__cycles=float(SPACE), **costs, **changes
    )


def test_full_switch_empties_virtual_caches_line_by_line() -> None:
    _, switch, again = price(flushing(), *switching())
    assert causes(switch) == {"flush": 4 * CLEAN + FIXED, "control": SPACE}
    assert again.count("d_misses") == 2


def test_full_switch_writes_dirty_lines_back() -> None:
    def dirty(t: Toy) -> None:
        t.load(0)
        t.store(0, 16)

    switch = last(flushing(), *switching()[:1], dirty, lambda t: t.emit(ops.SWITCH, 2, ops.FULL))
    assert causes(switch) == {"flush": 4 * CLEAN + FIXED + 2 * WRITE, "control": SPACE}
    assert switch.count("flushed_dirty") == 1


@pytest.mark.parametrize("change", ["tagged machine", "tagged call", "physical"])
def test_nothing_is_flushed_where_nothing_must(change: str) -> None:
    spec = flushing(
        space_switch="tagged" if change == "tagged machine" else "full",
        l1i__index="pipt" if change == "physical" else "vivt",
        l1d__index="pipt" if change == "physical" else "vivt",
    )
    how = ops.TAGGED if change == "tagged call" else ops.FULL
    _, switch, again = price(spec, *switching(how))
    assert causes(switch) == {"control": SPACE}
    assert again.count("d_hits") == 2


def test_virtual_code_alone_is_emptied_without_cleaning() -> None:
    spec = flushing(l1d__index="pipt")
    steps = [lambda t: t.fetch(0), lambda t: t.emit(ops.FLUSH_ALL), lambda t: t.fetch(0)]
    _, flush, again = price(spec, *steps)
    assert causes(flush) == {"flush": FIXED}
    assert again.by_cause()["i_refill"] == FILL


def test_isolated_kernel_writes_a_register_and_loses_untagged_translations() -> None:
    isolated = {"kernel_isolation": "yes", "special__space_register_cycles": 9.0}
    steps = [pages(0), lambda t: t.emit(ops.TRAP, 0), pages(0)]
    for tag, global_pages, lost in (("none", "yes", 1), ("pcid", "no", 0)):
        spec = toy(tlb__tag=tag, tlb__global_pages=global_pages, **isolated)
        _, trap, again = price(spec, *steps)
        assert trap.by_cause()["control"] == 9
        assert walks(again) == lost
    assert walks(last(toy(), *steps)) == 0


def test_invalidating_one_entry_or_all() -> None:
    def gone(address: str):
        return lambda t: t.emit(ops.TLB_INVALIDATE, t.data.base if address == "first" else -1)

    spec = toy(tlb__invalidate_cycles=3.0)
    for which, expected in (("first", 1), ("all", 2)):
        _, invalidate, again = price(spec, pages(0, 1), gone(which), pages(0, 1))
        assert causes(invalidate) == {"control": 3}
        assert walks(again) == expected


def test_ranges_are_flushed_line_by_line_only_where_tags_are_virtual() -> None:
    flush = lambda t: t.emit(ops.FLUSH_RANGE, t.data.base, 96, 0)  # noqa: E731
    free = {"tlb__walk_cycles": 0.0, "maintenance__range_line_cycles": 4.0}
    for index, cost, kept in (("vivt", 12, 1), ("pipt", 0, 3)):
        spec = toy(l1d__index=index, l1i__index=index, **free, **WARM)
        _, flushed, again = price(spec, pages_of(0, 64, 96), flush, pages_of(0, 64, 96))
        assert flushed.by_cause()["flush"] == cost
        assert again.count("d_hits") == kept, "the fourth line is outside the range"


def pages_of(*offsets: int):
    return lambda t: t.load(*offsets)


def test_flushing_code_needs_the_word_executable() -> None:
    for executable, refills in ((0, 0), (1, 1)):
        flush = lambda t, x=executable: t.emit(ops.FLUSH_RANGE, t.text.base, 32, x)  # noqa: E731
        steps = [lambda t: t.fetch(0), flush, lambda t: t.fetch(0)]
        assert last(toy(), *steps).count("i_misses") == refills


def test_page_tables_are_cleaned_only_for_a_walker_that_reads_memory() -> None:
    def entry(t: Toy) -> None:
        t.load(0)
        t.emit(ops.PTE_WRITE, t.data.base)

    costs = {"maintenance__pte_write_cycles": 2.0, "maintenance__area_line_cycles": 6.0}
    cached = last(toy(tlb__walk_cycles=0.0, **costs), entry)
    assert causes(cached) == {"d_refill": FILL, "instructions": 2}
    read = last(toy(tlb__walk="memory", tlb__walk_cycles=0.0, **costs), entry)
    found = causes(read)
    assert found["instructions"] == 2
    assert found["flush"] == 6 + WRITE, "one line, its first half dirty"
    assert read.count("flushed_dirty") == 1
