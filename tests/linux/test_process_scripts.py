"""fork, exit, wait and exec: what each does, in order, to whose memory, and what it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.linux.exec import (
    ALIGN_PAGES,
    LOADER_PAGE,
    PROGRAM_PAGE,
    STACK_PAGES,
    STACK_TOP,
    data_start,
    execve,
)
from microbench.linux.exit import exit_process, take_apart, wait
from microbench.linux.faults import touch
from microbench.linux.fork import fork
from microbench.linux.image import Image
from microbench.linux.kernel import Linux
from microbench.linux.mmap import mmap
from microbench.linux.pagetable import TABLE_PAGES, AddressSpace
from microbench.linux.process import ZOMBIE, Process, Program
from microbench.linux.vma import Vma
from tests.linux.heard import BSS
from tests.linux.told import Step, steps

MADE = ["zero()", "clean()"]
DIRECTORY = ["zero()", "copy()", "clean()"]
"""A page directory: the user's part cleared, the kernel's copied, both seen by the walker."""


def use(page: int, write: bool = False) -> Any:
    def act(linux: Linux, process: Process) -> Program:
        touch(linux.memory, process, page, write)
        return
        yield

    return act


def leaves(code: int, *first: Any) -> Any:
    """A child that does some acts and exits."""

    def child(linux: Linux, process: Process) -> Program:
        for act in first:
            yield from act(linux, process)
        yield from exit_process(linux, process, code)

    return child


def forks(child: Any) -> Any:
    return lambda linux, process: fork(linux, process, "child", child)


def part(step: Step, *heads: str) -> list[str]:
    return [name for name in step.log if name.startswith(heads)]


def between(step: Step, first: str, last: str) -> list[str]:
    """What lies between two paths of a step."""
    return step.log[step.log.index(first) + 1 : step.log.index(last)]


def test_fork_copies_the_space_between_its_two_halves_and_the_child_runs_first() -> None:
    step = steps(use(BSS, True), forks(leaves(0)))[1]
    assert between(step, "fork_begin", "fork_end") == [
        "fork_mm", *DIRECTORY, "fork_mm_end", "flush_mm()", "fork_vma_anonymous",
        "table_new", *MADE, "fork_entry", "set_entry()", "set_entry()", "fork_vma_end",
        "flush_entries()",
    ]  # fmt: skip
    after = step.log[step.log.index("fork_end") :]
    assert after[:6] == [
        "fork_end", "fork_wake", "schedule_out", "switch()", "schedule_across", "fork_child",
    ]  # fmt: skip
    assert after[-3:] == ["mm_drop", "close_space()", "leave"]
    places = {a.place for a in step.paths if a.name.startswith(("fork", "mm_drop"))}
    assert places == {"fork", "exit"}


def test_paths_of_fork_know_the_child_and_the_child_its_parent() -> None:
    step = steps(forks(leaves(0)))[0]
    child = step.answer
    for name in ("fork_begin", "fork_mm", "fork_mm_end", "fork_end", "fork_wake"):
        (asked,) = [a for a in step.paths if a.name == name]
        assert asked.roles["other_task"] == child.kernel_regions["task"]
        assert asked.who == "one"
    (first,) = [a for a in step.paths if a.name == "fork_child"]
    assert (first.who, first.roles["other_task"]) == (
        "child",
        child.parent.kernel_regions["task"],
    )
    assert (child.pid, child.parent.children, child.priority) == (2, [child], child.parent.priority)


def test_a_copied_entry_is_unused_there_and_read_only_on_both_sides() -> None:
    seen: list[tuple[bool, ...]] = []

    def child(linux: Linux, process: Process) -> Program:
        parent = process.parent
        assert parent is not None
        for mm in (parent.mm, process.mm):
            entry = mm.entries[BSS]
            seen.append((entry.writable, entry.young, entry.dirty, entry.anonymous))
        assert entry.frame.users == 2
        yield from exit_process(linux, process, 0)

    steps(use(BSS, True), forks(child))
    assert seen == [(False, True, True, True), (False, False, True, True)]


def shared_file(linux: Linux, process: Process) -> Program:
    file = linux.memory.file("data", 2)
    return (yield from mmap(linux, process, 2, file, writable=True, shared=True))


def test_a_shared_entry_stays_writable_and_is_clean_in_the_copy() -> None:
    seen: list[tuple[bool, ...]] = []

    def child(linux: Linux, process: Process) -> Program:
        assert process.parent is not None
        for mm in (process.parent.mm, process.mm):
            entry = mm.entries[MAPPED]
            seen.append((entry.writable, entry.young, entry.dirty))
        vma = process.mm.mappings.find(MAPPED)
        assert (vma.shared, vma.file.name, vma.pages, vma.name) == (True, "data", 2, "mapping")
        yield from exit_process(linux, process, 0)

    steps(shared_file, use(MAPPED, True), forks(child))
    assert seen == [(True, True, True), (True, False, False)]


MAPPED = 0x1040
"""Where the first mapping without an address goes."""


def test_eight_empty_entries_of_a_table_that_is_there_are_one_part() -> None:
    """A mapping of 40 pages: pages 0 and 17 are there, then 22 are not."""

    def wide(linux: Linux, process: Process) -> Program:
        process.mm.add(Vma(0x400, 40, linux.memory.vma_region(), name="wide"))
        touch(linux.memory, process, 0x400, True)
        touch(linux.memory, process, 0x400 + 17, True)
        return
        yield

    step = steps(wide, forks(leaves(0)))[1]
    log = [n for n in step.log if n in ("fork_entry", "fork_none_8", "table_found", "table_new")]
    assert log == [
        "table_new", "fork_entry", *["fork_none_8"] * 2, "fork_entry", *["fork_none_8"] * 2,
    ]  # fmt: skip
    words = [a.roles["pte"].base for a in step.paths if a.name in ("fork_entry", "fork_none_8")]
    assert [(w - words[0]) // 4 for w in words] == [0, 1, 9, 17, 18, 26]


def test_empty_entries_of_a_table_that_is_not_there_cost_nothing() -> None:
    def far(linux: Linux, process: Process) -> Program:
        process.mm.add(Vma(2 * TABLE_PAGES - 8, 24, linux.memory.vma_region(), name="far"))
        touch(linux.memory, process, 2 * TABLE_PAGES - 8, True)
        return
        yield

    step = steps(far, forks(leaves(0)))[1]
    assert part(step, "fork_none_8") == ["fork_none_8"], "the second eight have no table"


def test_a_table_the_copy_has_is_found_by_the_next_mapping() -> None:
    def two(linux: Linux, process: Process) -> Program:
        process.mm.add(Vma(BSS + 8, 2, linux.memory.vma_region(), name="more"))
        for page in (BSS, BSS + 1, BSS + 8, BSS + 9):
            touch(linux.memory, process, page, True)
        return
        yield

    step = steps(two, forks(leaves(0)))[1]
    log = part(step, "fork_vma_a", "table_", "fork_entry")
    assert log == [
        "fork_vma_anonymous", "table_new", "fork_entry", "fork_entry",
        "fork_vma_anonymous", "table_found", "fork_entry", "fork_entry",
    ]  # fmt: skip


def test_exit_takes_the_space_apart_mapping_by_mapping_and_hands_it_on() -> None:
    step = steps(use(BSS, True), use(BSS + 1), forks(leaves(7, use(BSS, True))))[2]
    log = step.log[step.log.index("exit_begin") :]
    assert log[: log.index("schedule_out")] == [
        "exit_begin", "lru_drain", "flush_mm()", "exit_unmap", "exit_vma",
        "exit_entry_free", "set_entry()", "exit_entry_old", "set_entry()", "exit_vma_end",
        "exit_tables", "exit_range", "exit_table", "exit_accounts", "exit_drop_anonymous",
        "exit_mm_end", "exit_files", "exit_end",
    ]  # fmt: skip
    assert {a.place for a in step.paths if a.name.startswith("exit")} == {"exit"}
    (end,) = [a for a in step.paths if a.name == "exit_end"]
    child = step.answer
    assert end.roles["other_task"] == child.parent.kernel_regions["task"]
    assert (child.exit_code, child.state, child.mm) == (7, ZOMBIE, None)


def test_exit_closes_each_open_file() -> None:
    def child(linux: Linux, process: Process) -> Program:
        process.open_files = 3
        yield from exit_process(linux, process, 0)

    step = steps(forks(child))[0]
    assert part(step, "exit_file") == ["exit_files", *["exit_file"] * 3]


@pytest.mark.parametrize(
    ("acts", "parts"),
    [
        ((use(BSS, True),), ["exit_entry_free"]),
        ((), ["exit_entry_shared"]),  # the parent has it too
    ],
)
def test_an_anonymous_page_is_free_with_its_last_user(acts: Any, parts: list[str]) -> None:
    def child(linux: Linux, process: Process) -> Program:
        for act in acts:
            yield from act(linux, process)
        if not acts:
            process.mm.entries[BSS].young = True
        yield from exit_process(linux, process, 0)

    step = steps(use(BSS, True), forks(child))[1]
    assert part(step, "exit_entry") == parts


def test_a_page_of_a_file_is_old_last_or_one_of_several() -> None:
    def child(linux: Linux, process: Process) -> Program:
        first = yield from mmap(linux, process, 3, linux.memory.file("own", 3))
        for page in (first, first + 1):
            touch(linux.memory, process, page)
        process.mm.entries[first].young = False
        touch(linux.memory, process, MAPPED)
        yield from exit_process(linux, process, 0)

    def mapped(linux: Linux, process: Process) -> Program:
        file = linux.memory.file("data", 1)
        yield from mmap(linux, process, 1, file)
        touch(linux.memory, process, MAPPED)

    step = steps(mapped, forks(child))[1]
    assert part(step, "exit_entry") == ["exit_entry_file", "exit_entry_old", "exit_entry_last"]
    assert part(step, "exit_drop", "file_gone") == [
        "exit_drop_anonymous", "exit_drop_file", "exit_drop_file", "file_gone",
    ]  # fmt: skip


def test_exit_walks_eight_empty_entries_at_a_time_from_the_first_of_them() -> None:
    def child(linux: Linux, process: Process) -> Program:
        process.mm.add(Vma(0x400, 40, linux.memory.vma_region(), name="wide"))
        for page in (0x400, 0x400 + 9, 0x400 + 35):
            touch(linux.memory, process, page, True)
        yield from exit_process(linux, process, 0)

    step = steps(forks(child))[0]
    walked = [a for a in step.paths if a.name in ("exit_none_8", "exit_entry_free")]
    first = walked[0].roles["pte"].base
    assert [((a.roles["pte"].base - first) // 4, a.name[-1]) for a in walked] == [
        (0, "e"), (1, "8"), (9, "e"), (10, "8"), (18, "8"), (26, "8"), (35, "e"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "ranges"), [((3,), 1), ((3, 4, 5), 1), ((3, 5), 2), ((0, 1, 3, 4, 9), 3), ((), 0)]
)
def test_tables_next_to_each_other_are_one_range(tables: tuple[int, ...], ranges: int) -> None:
    def apart(linux: Linux, process: Process) -> Program:
        mm = AddressSpace(process.space)
        for number in tables:
            linux.memory.table(process, mm, number * TABLE_PAGES)
        assert mm.tables.keys() == set(tables)
        used = linux.memory.frames.used
        take_apart(linux, process, mm)
        assert linux.memory.frames.used == used - len(tables)
        return
        yield

    step = steps(apart)[0]
    assert part(step, "exit_range", "exit_table") == [
        "exit_tables", *["exit_range"] * ranges, *["exit_table"] * len(tables),
    ]  # fmt: skip


def test_wait_looks_through_the_children_and_frees_what_the_one_left() -> None:
    def waits(linux: Linux, process: Process) -> Program:
        process.children[:0] = [Process(90 + i, "other", kernel_regions={}) for i in range(3)]
        answer = yield from wait(linux, process)
        assert [c.pid for c in process.children] == [90, 91, 92]
        assert len(linux.reaped) == 1
        return answer

    forked, waited = steps(forks(leaves(5)), waits)
    assert waited.answer == (2, 5)
    assert part(waited, "wait") == ["wait_begin", *["wait_other"] * 3, "wait_end"]
    (end,) = [a for a in waited.paths if a.name == "wait_end"]
    child = forked.answer
    assert end.roles["other_task"] == child.kernel_regions["task"]
    assert end.roles["other_stack"] == child.kernel_regions["stack"]
    assert {a.place for a in waited.paths if a.name.startswith("wait")} == {"wait"}


def test_wait_without_children_has_nobody_to_tell_of() -> None:
    def nobody(linux: Linux, process: Process) -> Program:
        return (yield from wait(linux, process))

    (step,) = steps(nobody)
    assert step.answer is None
    assert part(step, "wait") == ["wait_begin"]


def test_a_parent_that_sleeps_looks_again_when_it_is_woken() -> None:
    def late(linux: Linux, process: Process) -> Program:
        linux.scheduler.queues[process.priority].append(process)
        yield from linux.scheduler.schedule(process)
        yield from exit_process(linux, process, 3)

    _, waited = steps(forks(late), lambda linux, process: wait(linux, process))
    assert waited.answer == (2, 3)
    assert part(waited, "wait") == ["wait_begin", "wait_begin", "wait_end"]
    assert waited.log.index("mm_drop") < waited.log.index("wait_end")


def test_memory_of_a_reaped_task_is_the_next_one_s() -> None:
    both = (forks(leaves(0)), lambda linux, process: wait(linux, process))
    first, _, second, _ = steps(*both, *both)
    assert first.answer.kernel_regions == second.answer.kernel_regions
    (one, two) = (s.answer for s in steps(forks(leaves(0)), forks(leaves(0))))
    assert one.kernel_regions != two.kernel_regions


PROGRAM, LOADER = Image("prog", 9, 2, 3), Image("ld", 17, 1, 0)


def execs(program: Image, loader: Image | None) -> Any:
    return lambda linux, process: execve(linux, process, program, loader)


def test_exec_reads_the_file_takes_the_old_space_apart_and_builds_the_new_one() -> None:
    step = steps(use(BSS, True), execs(PROGRAM, None))[1]
    log = step.log[: step.log.index("exec_end") + 1]
    assert log == [
        "enter", "exec_begin", "exec_open", "exec_mm", *DIRECTORY, "exec_count", "exec_read",
        "exec_strings", "zero()", "exec_old", "replace_space()", "exec_switched", "exec_unmap",
        "lru_drain", "exit_vma", "exit_entry_free", "set_entry()", "exit_vma_end", "exit_tables",
        "exit_range", "exit_table", "exit_accounts", "exit_drop_anonymous", "exec_drop",
        "close_space()", "exec_flushed",
        "exec_stack", "table_new", *MADE, "exec_argument", "flush_kernel_page()", "set_entry()",
        "exec_text", "exec_data", "exec_brk", "exec_end",
    ]  # fmt: skip
    assert {a.place for a in step.paths if a.name.startswith("exec")} == {"exec"}


def test_a_loader_is_opened_and_read_twice_before_it_is_mapped() -> None:
    plain, loaded = (steps(execs(PROGRAM, loader))[0] for loader in (None, LOADER))
    more = loaded.log[loaded.log.index("exec_brk") + 1 : loaded.log.index("exec_end")]
    assert more == ["exec_open", "exec_read", "exec_read", "exec_text", "exec_data"]
    assert plain.answer[1] is None
    at = loaded.answer[1]
    assert (at.text, at.data) == (LOADER_PAGE, LOADER_PAGE + 24)


def test_segments_follow_each_other_data_at_the_next_eight_pages() -> None:
    assert ALIGN_PAGES * 4096 == 32 << 10, "segments of ARM's ELF are aligned to 32 KB"
    assert [data_start(8, Image("x", n, 1, 0)) for n in (1, 8, 9, 16, 17)] == [16, 16, 24, 24, 32]
    seen: list[Any] = []

    def look(linux: Linux, process: Process) -> Program:
        seen.append(process.mm)
        return
        yield

    step, _ = steps(execs(PROGRAM, None), look)
    at = step.answer[0]
    assert (at.text, at.data, at.bss) == (PROGRAM_PAGE, PROGRAM_PAGE + 16, PROGRAM_PAGE + 18)
    (mm,) = seen
    assert mm.heap_end == at.bss + 3
    parts = [(v.start, v.pages, v.offset, v.writable, v.executable, v.name) for v in mm.mappings]
    assert parts == [
        (at.text, 9, 0, False, True, "prog"),
        (at.data, 2, 9, True, False, "prog"),
        (at.bss, 3, 0, True, False, "prog bss"),
        (STACK_TOP - STACK_PAGES, STACK_PAGES, 0, True, True, "stack"),
    ]
    assert [v.file is None for v in mm.mappings] == [False, False, True, True]
    assert PROGRAM.file_pages == 11


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        (Image("t", 1, 0, 0), ["exec_text"]),
        (Image("d", 1, 1, 0), ["exec_text", "exec_data"]),
        (Image("b", 1, 0, 1), ["exec_text", "exec_brk"]),
    ],
)
def test_what_an_object_has_not_is_not_mapped(image: Image, parts: list[str]) -> None:
    step = steps(execs(image, None))[0]
    assert part(step, "exec_text", "exec_data", "exec_brk") == parts


def test_arguments_are_in_the_top_page_of_the_stack_written_and_private() -> None:
    seen: list[Any] = []

    def look(linux: Linux, process: Process) -> Program:
        seen.append(process.mm.entries)
        return
        yield

    step, _ = steps(execs(PROGRAM, None), look)
    (entries,) = seen
    entry = entries[STACK_TOP - 1]
    assert list(entries) == [STACK_TOP - 1]
    assert (entry.writable, entry.dirty, entry.anonymous, entry.young) == (True,) * 4
    (argument,) = [a for a in step.paths if a.name == "exec_argument"]
    assert argument.roles["page"] == entry.frame.descriptor
    cleared = [c for c in step.calls if c[0] == "zero"][1]
    assert cleared[1] == entry.frame.memory
    flushed = [c for c in step.calls if c[0] == "flush_kernel_page"]
    assert flushed == [("flush_kernel_page", entry.frame.memory)]


def test_a_process_without_modelled_pages_may_exec_too() -> None:
    (step,) = steps(execs(PROGRAM, None), mappings=False)
    assert part(step, "exit_vma") == []
    assert step.answer[0].text == PROGRAM_PAGE
