"""mmap, munmap, brk and faults: what changes in a space, and what the machine is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.linux.exit import exit_process, wait
from microbench.linux.faults import SegmentationFault, touch
from microbench.linux.fork import fork
from microbench.linux.frames import CachedFile, Frames
from microbench.linux.kernel import Linux
from microbench.linux.memory import VECTOR_PAGES, Memory
from microbench.linux.mmap import MAP_BASE, brk, mmap, munmap
from microbench.linux.pagetable import LINUX_HALF, TABLE_PAGES, AddressSpace, Entry
from microbench.linux.process import Process, Program
from microbench.linux.vma import Mappings, Vma
from microbench.trace import Region
from tests.linux.heard import BSS
from tests.linux.told import Step, Told, steps

REGION = Region("vma", 0, 96)


def use(page: int, write: bool = False, kernel: bool = False) -> Any:
    def act(linux: Linux, process: Process) -> Program:
        touch(linux.memory, process, page, write, kernel)
        return
        yield

    return act


def maps(pages: int, **more: Any) -> Any:
    def act(linux: Linux, process: Process) -> Program:
        given = dict(more)
        if "file" in given:
            given["file"] = linux.memory.file(given["file"], pages + given.get("offset", 0))
        return (yield from mmap(linux, process, pages, **given))

    return act


def part(step: Step, *heads: str) -> list[str]:
    return [name for name in step.log if name.startswith(heads)]


def told(step: Step, *names: str) -> list[tuple[Any, ...]]:
    return [call for call in step.calls if call[0] in names]


def seen(look: Any) -> tuple[Any, list[Any]]:
    """An act that looks at the process, and what it saw."""
    found: list[Any] = []

    def act(linux: Linux, process: Process) -> Program:
        found.append(look(linux, process))
        return
        yield

    return act, found


# mappings


def test_a_mapping_is_found_by_each_of_its_pages_and_no_other() -> None:
    mappings = Mappings()
    low, high = Vma(10, 5, REGION), Vma(20, 1, REGION)
    for vma in (high, low):
        mappings.add(vma)
    assert list(mappings) == [low, high]
    assert len(mappings) == 2
    found = {page: mappings.find(page) for page in (9, 10, 14, 15, 19, 20, 21)}
    assert found == {9: None, 10: low, 14: low, 15: None, 19: None, 20: high, 21: None}
    mappings.remove(low)
    assert mappings.find(12) is None


def test_room_is_the_lowest_range_that_is_free() -> None:
    mappings = Mappings()
    for start, pages in ((10, 5), (17, 3), (30, 2)):
        mappings.add(Vma(start, pages, REGION))
    assert [mappings.gap(n, 10) for n in (1, 2, 3, 10, 11)] == [15, 15, 20, 20, 32]
    assert [mappings.gap(2, above) for above in (8, 9, 16, 20, 28, 29, 40)] == [
        8, 15, 20, 20, 28, 32, 40,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "writable", "kind"),
    [(False, True, "anonymous"), (False, False, "anonymous"), (True, True, "data"),
     (True, False, "text")],
)  # fmt: skip
def test_a_mapping_is_text_data_or_anonymous(file: bool, writable: bool, kind: str) -> None:
    cached: Any = CachedFile(Frames(Told()), "f", 1) if file else None
    assert Vma(1, 1, REGION, cached, 0, writable).kind == kind
    assert Vma(1, 1, REGION).writable
    assert not Vma(1, 1, REGION).executable
    assert not Vma(1, 1, REGION).shared


def test_mmap_takes_the_next_room_or_the_place_it_is_given() -> None:
    act, found = seen(lambda linux, process: [v for v in process.mm.mappings if v.start != BSS])
    first, second, third, _ = steps(
        maps(2), maps(3, writable=True), maps(1, at=0x800, name="there", executable=True), act
    )
    assert (first.answer, second.answer, third.answer) == (MAP_BASE, MAP_BASE + 2, 0x800)
    assert part(first, "mmap") == ["mmap"]
    assert {a.place for a in first.paths if a.name == "mmap"} == {"mmap"}
    ((there, one, two),) = found
    assert (there.name, there.executable, there.writable) == ("there", True, False)
    assert (one.writable, two.writable, one.name) == (False, True, "mapping")
    (asked,) = [a for a in first.paths if a.name == "mmap"]
    assert asked.roles["vma"] == one.region


def test_munmap_tells_caches_first_and_translations_when_the_entries_are_gone() -> None:
    step = steps(maps(3, writable=True), use(MAP_BASE, True), use(MAP_BASE + 2, True),
                 lambda linux, process: munmap(linux, process, MAP_BASE))[3]  # fmt: skip
    log = [n for n in step.log if n not in ("enter", "leave", "flush_page()", "flush_entry()")]
    assert log == [
        "munmap_begin", "lru_drain", "flush_range()", "munmap_entry", "set_entry()", "munmap_entry",
        "set_entry()", "munmap_middle", "flush_entry_range()", "munmap_end", "exit_table",
    ]  # fmt: skip
    (caches,) = told(step, "flush_range")
    (translations,) = told(step, "flush_entry_range")
    assert [v.base >> 12 for v in caches[1]] == [v.base >> 12 for v in translations[1]]
    assert (len(caches[1]), caches[2], caches[3]) == (2, 3, False)
    assert translations[2] == 3
    cleared = told(step, "set_entry")
    assert [(c[3], c[4], c[5]) for c in cleared] == [
        (MAP_BASE, None, False),
        (MAP_BASE + 2, None, False),
    ]
    assert {a.place for a in step.paths if a.name.startswith("munmap")} == {"mmap"}


def test_a_table_goes_only_if_no_mapping_needs_it() -> None:
    start = 2 * TABLE_PAGES
    gone = lambda linux, process: munmap(linux, process, start)  # noqa: E731
    act, found = seen(lambda linux, process: sorted(process.mm.tables))
    both = maps(2, at=start, writable=True), use(start, True)
    near = maps(1, at=start + TABLE_PAGES - 1, writable=True)
    assert part(steps(*both, gone)[2], "exit_table") == ["exit_table"]
    assert part(steps(*both, near, gone, act)[3], "exit_table") == []
    assert found == [[2]]
    far = maps(1, at=start + TABLE_PAGES, writable=True)
    assert part(steps(*both, far, gone)[3], "exit_table") == ["exit_table"]
    below = maps(1, at=start - 1, writable=True)
    assert part(steps(*both, below, gone)[3], "exit_table") == ["exit_table"]
    spanning = maps(2, at=start - 2, writable=True), use(start - 1, True)
    wide = maps(TABLE_PAGES, at=start, writable=True), use(start + 511, True)
    assert part(steps(*wide, *spanning, gone)[4], "exit_table") == ["exit_table"]


def test_munmap_wants_the_first_page_of_a_mapping() -> None:
    for page in (MAP_BASE + 1, MAP_BASE - 1):
        with pytest.raises(ValueError, match=f"no mapping begins at page {page:#x}"):
            steps(maps(3), lambda linux, process, page=page: munmap(linux, process, page))


def test_the_heap_is_made_and_then_grows() -> None:
    grow = lambda n: lambda linux, process: brk(linux, process, n)  # noqa: E731
    act, found = seen(
        lambda linux, process: (
            process.mm.heap_end,
            [(v.start, v.pages) for v in process.mm.mappings],
        )
    )
    asked, first, more, again, _ = steps(grow(0), grow(2), grow(3), grow(0), act)
    assert [s.answer for s in (asked, first, more, again)] == [0x200, 0x200, 0x202, 0x205]
    assert [part(s, "exec_brk") for s in (asked, first, more, again)] == [
        [], ["exec_brk"], ["exec_brk"], [],
    ]  # fmt: skip
    assert found == [(0x205, [(BSS, 4), (0x200, 5)])]
    assert {a.place for a in first.paths if a.name == "exec_brk"} == {"mmap"}
    vmas = [[a.roles["vma"] for a in s.paths if a.name == "exec_brk"] for s in (first, more)]
    assert vmas[0] == vmas[1]


def test_what_ends_where_the_heap_begins_is_not_the_heap() -> None:
    def other(linux: Linux, process: Process) -> Program:
        process.mm.add(Vma(0x1FF, 1, linux.memory.vma_region(), name="other"))
        return (yield from brk(linux, process, 2))

    act, found = seen(lambda linux, process: [(v.name, v.pages) for v in process.mm.mappings])
    steps(other, act)
    assert found == [[("bss", 4), ("other", 1), ("heap", 2)]]


# entries


@pytest.mark.parametrize(
    ("writable", "young", "dirty", "reads", "writes"),
    [
        (True, True, True, True, True),
        (True, True, False, True, False),
        (True, False, True, False, False),
        (False, True, True, True, False),
        (False, False, False, False, False),
    ],
)
def test_the_machine_has_no_bits_for_use_so_what_is_unused_or_clean_faults(
    writable: bool, young: bool, dirty: bool, reads: bool, writes: bool
) -> None:
    entry = Entry(None, writable, young, dirty)  # type: ignore[arg-type]
    assert (entry.allows(False), entry.allows(True)) == (reads, writes)
    assert (entry.valid, entry.machine_writable) == (reads, writes)


def test_a_new_entry_is_used_clean_and_of_a_file() -> None:
    entry = Entry(None, True)  # type: ignore[arg-type]
    assert (entry.young, entry.dirty, entry.anonymous) == (True, False, False)


def test_words_of_the_kernel_follow_those_of_the_machine_in_a_table() -> None:
    host = Told()
    memory, mm = Memory(host), AddressSpace(1)
    process = Linux(host).spawn("x", lambda linux, process: iter(()))
    memory.table(process, mm, 3 * TABLE_PAGES)
    base = mm.tables[3].memory.base
    words = [mm.word(3 * TABLE_PAGES + n) for n in (0, 1, 511)]
    assert [w.base - base for w in words] == [2048, 2052, 4092]
    assert {w.size for w in words} == {4}
    assert LINUX_HALF == 4 * TABLE_PAGES
    assert mm.present == 0


def test_mappings_of_one_file_share_what_was_opened() -> None:
    file: Any = CachedFile(Frames(Told()), "f", 9)
    one, two, other = Vma(1, 1, REGION, file), Vma(5, 1, REGION, file), Vma(9, 1, REGION)
    mm, copy = AddressSpace(1), AddressSpace(2)
    for vma in (one, two, other):
        mm.add(vma)
    copied = Vma(1, 1, REGION, file)
    copy.add_copy(copied, mm)
    copy.add_copy(Vma(9, 1, REGION), mm)
    assert not mm.remove(other)
    assert not mm.remove(one)
    assert not mm.remove(two), "the copy holds it open"
    assert copy.remove(copied)


# frames


def test_the_page_freed_last_is_the_next_and_users_are_counted() -> None:
    frames = Frames(Told())
    one, two = frames.take(), frames.take()
    assert (frames.made, frames.used, one.users) == (2, 2, 1)
    assert (one.index, two.index) == (0, 1)
    assert one.number != two.number
    two.users += 1
    assert not frames.drop(two)
    assert frames.drop(one)
    assert frames.drop(two)
    assert (frames.made, frames.used) == (2, 0)
    assert frames.take() is two
    assert frames.take() is one
    assert (frames.take().index, frames.made) == (2, 3)


def test_a_cached_file_has_one_frame_for_each_page_and_none_beyond() -> None:
    file = CachedFile(Frames(Told()), "f", 2)
    assert file.frame(1) is file.frame(1)
    assert file.frame(0) is not file.frame(1)
    for page in (-1, 2):
        with pytest.raises(IndexError, match=f"f has 2 pages, not {page}"):
            file.frame(page)


def test_a_file_known_shorter_is_made_anew_and_one_known_longer_serves() -> None:
    memory = Memory(Told())
    file = memory.file("f", 3)
    assert memory.file("f", 3) is file
    assert memory.file("f", 2) is file
    longer = memory.file("f", 4)
    assert longer is not file
    assert (longer.pages, memory.file("f", 1)) == (4, longer)


def test_so_many_fresh_pages_join_the_lists_together() -> None:
    def many(count: int) -> Any:
        def act(linux: Linux, process: Process) -> Program:
            for _ in range(count):
                linux.memory.fresh(process)
            return
            yield

        return act

    def drains(linux: Linux, process: Process) -> Program:
        linux.memory.drain(process)
        linux.memory.drain(process)
        return
        yield

    assert VECTOR_PAGES == 14, "PAGEVEC_SIZE of Linux 2.6"
    for before, count in ((0, VECTOR_PAGES - 1), (1, VECTOR_PAGES), (2, 2 * VECTOR_PAGES)):
        filled, drained = steps(many(count), drains)
        assert part(filled, "lru_drain") == ["lru_drain"] * before
        assert part(drained, "lru_drain") == ["lru_drain"] * bool(count % VECTOR_PAGES)


def test_the_walker_sees_half_a_table_and_a_whole_directory() -> None:
    def table(linux: Linux, process: Process) -> Program:
        linux.memory.table(process, process.mm, 9 * TABLE_PAGES)
        linux.memory.table(process, process.mm, 9 * TABLE_PAGES + 1)
        return linux.memory.new_directory(process)
        yield

    (step,) = steps(table)
    zeroed, cleared = told(step, "zero")
    cleaned, whole = told(step, "clean")
    (copied,) = told(step, "copy")
    assert part(step, "table_new") == ["table_new"]
    assert zeroed[1].size == 4096
    assert cleaned[1] == 2048
    directory = step.answer
    assert (cleared[1].base, cleared[1].size) == (directory.base, 12_288)
    assert (copied[2].base, copied[2].size) == (directory.base + 12_288, 4096)
    assert whole[1] == directory.size == 16_384


def test_a_directory_that_was_given_back_is_the_next_one() -> None:
    def twice(linux: Linux, process: Process) -> Program:
        memory = linux.memory
        first = memory.new_directory(process)
        memory.close(process, AddressSpace(7, first))
        memory.close(process, AddressSpace(8))
        return first, memory.new_directory(process), memory.new_directory(process)
        yield

    (step,) = steps(twice)
    first, second, third = step.answer
    assert first == second != third
    assert [c[1] for c in told(step, "close_space")] == [7, 8]
    copies = told(step, "copy")
    assert len({c[1] for c in copies}) == 1, "the kernel's part is one"


def test_a_record_of_a_mapping_that_went_is_the_next_one_s() -> None:
    gone = lambda linux, process: munmap(linux, process, MAP_BASE)  # noqa: E731
    act, found = seen(lambda linux, process: process.mm.mappings.find(MAP_BASE).region)
    steps(maps(1), act, gone, maps(1), act)
    assert found[0] == found[1]


# faults


def test_the_page_of_zeros_is_one_and_stays() -> None:
    act, found = seen(lambda linux, process: (linux.memory.zeros, linux.memory.zeros.users))
    steps(use(BSS), use(BSS + 1), act, use(BSS, True), use(BSS + 1, True), act)
    assert found[0][0] is found[1][0]
    assert [users for _, users in found] == [3, 1]


def test_a_new_page_of_a_file_is_entered_and_flushed_as_it_may_be_run() -> None:
    for executable in (False, True):
        _, step = steps(maps(2, file="f", executable=executable), use(MAP_BASE + 1))
        assert part(step, "fault_f") == ["fault_find", "fault_file"]
        (flushed,) = told(step, "flush_page")
        assert flushed[2] is executable
        assert step.log.index("set_entry()") < step.log.index("flush_page()")


def test_pages_of_a_file_are_counted_from_the_mapping_s_offset() -> None:
    act, found = seen(
        lambda linux, process: (
            process.mm.entries[MAP_BASE + 1].frame, linux.memory.file("f", 1).frame(4),
            linux.memory.file("f", 1).frame(4).users,
        )
    )  # fmt: skip
    steps(maps(3, file="f", offset=3), use(MAP_BASE + 1), act)
    ((entered, cached, users),) = found
    assert entered is cached
    assert users == 2


@pytest.mark.parametrize(
    ("shared", "writable", "write", "entry"),
    [
        (True, True, True, (True, True, False)),
        (True, True, False, (True, False, False)),
        (True, False, False, (False, False, False)),
        (False, True, False, (False, False, False)),
        (False, True, True, (True, True, True)),
    ],
)
def test_what_a_first_touch_of_a_file_may_do_later(
    shared: bool, writable: bool, write: bool, entry: tuple[bool, ...]
) -> None:
    act, found = seen(lambda linux, process: process.mm.entries[MAP_BASE])
    steps(maps(1, file="f", shared=shared, writable=writable), use(MAP_BASE, write), act)
    (got,) = found
    assert (got.writable, got.dirty, got.anonymous) == entry
    assert got.young


def test_a_first_write_to_a_shared_page_that_was_read_only_changes_the_entry() -> None:
    _, _, step = steps(
        maps(1, file="f", shared=True, writable=True), use(MAP_BASE), use(MAP_BASE, True)
    )
    inner = step.log[step.log.index("fault_find") + 1 : step.log.index("fault_end")]
    assert inner == ["fault_young_file", "set_entry()", "flush_entry()", "flush_page()"]
    (entry,) = told(step, "set_entry")
    assert entry[5] is True, "the machine may write now"


def child_uses(write: bool, *before: Any) -> tuple[Step, list[Any]]:
    """What a child's first use of a copied page asks for, and the entry then."""
    found: list[Any] = []

    def child(linux: Linux, process: Process) -> Program:
        host: Any = linux.host
        host.log.clear()
        host.calls.clear()
        touch(linux.memory, process, BSS, write)
        found.extend([list(host.log), process.mm.entries[BSS]])
        yield from exit_process(linux, process, 0)

    out = steps(*before, lambda linux, process: fork(linux, process, "child", child))
    return out[-1], found


def test_a_copied_page_that_is_read_first_becomes_valid_and_nothing_was_cached() -> None:
    _, (log, entry) = child_uses(False, use(BSS, True))
    inner = log[log.index("fault_find") + 1 : log.index("fault_end")]
    assert inner == ["fault_young", "set_entry()"]
    assert (entry.young, entry.writable, entry.anonymous) == (True, False, True)


def test_a_copied_page_that_is_written_first_is_a_page_of_its_own() -> None:
    _, (log, entry) = child_uses(True, use(BSS, True))
    inner = log[log.index("fault_find") + 1 : log.index("fault_end")]
    assert inner == [
        "fault_copy", "copy_page()", "flush_kernel_page()", "flush_page()", "set_entry()",
        "flush_entry()",
    ]  # fmt: skip
    assert (entry.writable, entry.dirty, entry.anonymous) == (True, True, True)


def test_the_last_user_of_a_copied_page_takes_it_as_it_is() -> None:
    def child(linux: Linux, process: Process) -> Program:
        yield from exit_process(linux, process, 0)

    *_, step = steps(
        use(BSS, True), lambda linux, process: fork(linux, process, "child", child),
        lambda linux, process: wait(linux, process), use(BSS, True),
    )  # fmt: skip
    inner = step.log[step.log.index("fault_find") + 1 : step.log.index("fault_end")]
    assert inner == ["fault_reuse", "flush_page()", "set_entry()", "flush_entry()"]


def test_paths_of_a_fault_have_the_mapping_s_record_and_the_entry_s_word() -> None:
    act, found = seen(
        lambda linux, process: (
            process.mm.mappings.find(BSS).region, process.mm.word(BSS + 1),
            process.mm.entries[BSS + 1].frame.descriptor,
        )
    )  # fmt: skip
    step, _ = steps(use(BSS + 1, True), act)
    ((vma, pte, page),) = found
    by_name = {a.name: a.roles for a in step.paths}
    for name in ("fault_find", "fault_anonymous"):
        assert (by_name[name]["vma"], by_name[name]["pte"]) == (vma, pte)
    assert by_name["fault_anonymous"]["page"] == page
    assert {a.place for a in step.paths if a.name in ("fault_find", "fault_end")} == {"fault"}


@pytest.mark.parametrize(("page", "write"), [(BSS - 1, False), (BSS + 4, True)])
def test_an_access_outside_is_refused_before_the_trap_by_name_and_page(
    page: int, write: bool
) -> None:
    with pytest.raises(SegmentationFault, match=f"one: page {page:#x}"):
        steps(use(page, write))


def test_a_write_to_what_is_read_only_is_refused_and_a_read_is_not() -> None:
    _, step = steps(maps(1, file="f"), use(MAP_BASE))
    assert "fault_file" in step.log
    with pytest.raises(SegmentationFault):
        steps(maps(1, file="f"), use(MAP_BASE, True))


def test_what_user_code_touches_is_told_what_the_kernel_touches_is_not() -> None:
    touched: list[tuple[Any, ...]] = []

    def act(linux: Linux, process: Process) -> Program:
        host: Any = linux.host
        host.touched = lambda *words: touched.append(words[1:])
        for page, write, kernel in (
            (BSS, True, False),
            (BSS, False, True),
            (BSS + 1, False, False),
        ):
            touch(linux.memory, process, page, write, kernel)
        return
        yield

    steps(act)
    assert touched == [(BSS, True), (BSS + 1, False)]
