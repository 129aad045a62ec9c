"""What each kind of fault does, in order: find, make or copy, tell the caches, enter, forget."""

from __future__ import annotations

import pytest

from microbench.linux.faults import touch
from microbench.linux.kernel import Linux
from microbench.linux.mmap import mmap
from microbench.linux.process import Process, Program
from tests.linux.heard import BSS, Step, heard

CLEARED, COPIED = ([f"{how}_page()", "flush_kernel_page()"] for how in ("clear", "copy"))
"""What was written through the kernel's address must not stay in its cache lines."""


def use(page: int, write: bool = False, kernel: bool = False) -> Step:
    def step(linux: Linux, process: Process) -> Program:
        touch(linux.memory, process, page, write, kernel)
        return
        yield

    return step


def inner(log: list[str]) -> list[str]:
    """Between finding the mapping and the end of the fault."""
    return log[log.index("fault_find") + 1 : log.index("fault_end")]


def test_a_read_of_new_memory_enters_the_page_of_zeros() -> None:
    _, second = heard(use(BSS), use(BSS + 1))
    assert inner(second) == ["fault_zero", "set_entry()"]


def test_a_write_to_new_memory_clears_a_page() -> None:
    _, second = heard(use(BSS, True), use(BSS + 1, True))
    assert inner(second) == ["fault_anonymous", *CLEARED, "set_entry()"]


def test_a_write_after_a_read_clears_a_page_and_the_old_entry_goes() -> None:
    _, second = heard(use(BSS), use(BSS, True))
    assert inner(second) == [
        "fault_copy_zero", *CLEARED, "flush_page()", "set_entry()", "flush_entry()",
    ]  # fmt: skip


def test_a_page_in_use_does_not_fault() -> None:
    assert heard(use(BSS, True), use(BSS, True), use(BSS))[1:] == [[], []]


def mapped(write_first: bool, shared: bool = False) -> list[str]:
    """The last fault of a private or shared mapping of a file."""
    place: list[int] = []

    def make(linux: Linux, process: Process) -> Program:
        file = linux.memory.file("data", 1)
        place.append((yield from mmap(linux, process, 1, file, writable=True, shared=shared)))

    def again(write: bool) -> Step:
        return lambda linux, process: use(place[0], write)(linux, process)

    steps = [make, again(True)] if write_first else [make, again(False), again(True)]
    return inner(heard(*steps)[-1])


def test_a_write_to_a_private_page_of_a_file_copies_it_before_the_entry_changes() -> None:
    assert mapped(write_first=False) == [
        "fault_copy", *COPIED, "flush_page()", "set_entry()", "flush_entry()",
    ]  # fmt: skip


def test_a_first_touch_that_writes_copies_at_once_and_there_is_no_entry_to_forget() -> None:
    assert mapped(write_first=True) == ["fault_copy", *COPIED, "set_entry()"]


def test_a_shared_page_of_a_file_is_entered_as_it_is() -> None:
    assert mapped(write_first=True, shared=True)[:1] == ["fault_file"]
    assert "copy_page()" not in mapped(write_first=True, shared=True)


@pytest.mark.parametrize("kernel", [False, True])
def test_a_fault_begins_with_the_trap_and_ends_with_the_return(kernel: bool) -> None:
    (log,) = heard(use(BSS, True, kernel))
    begin, find, end, leave = (
        log.index(what) for what in ("fault_enter()", "fault_find", "fault_end", "fault_leave()")
    )
    assert begin == 0 < find < end < leave
