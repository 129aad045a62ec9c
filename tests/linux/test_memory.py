"""Address spaces: what faults do to entries, and that every page is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from microbench.linux.exit import exit_process, wait
from microbench.linux.faults import SegmentationFault, touch
from microbench.linux.fork import fork
from microbench.linux.kernel import Linux
from microbench.linux.mmap import brk, mmap, munmap
from microbench.linux.pagetable import AddressSpace
from microbench.linux.process import Process, Program
from microbench.linux.vma import Mappings, Vma
from microbench.systems.native import Native
from microbench.trace import Region

Body = Callable[[Linux, Process], Program]
BSS = 0x100


def run(body: Body) -> tuple[Linux, Process]:
    """Run a program in an address space with four zero-filled pages."""

    def program(linux: Linux, process: Process) -> Program:
        process.mm = AddressSpace(process.space)
        process.mm.heap_end = 0x200
        process.mm.add(Vma(BSS, 4, linux.memory.vma_region(), name="bss"))
        yield from body(linux, process)

    linux = Linux(Native())
    return linux, linux.spawn("test", program)


def kinds(linux: Linux) -> Counter[str]:
    """How often each recorded part ran."""
    trace = linux.host.recorder.finish()
    return Counter(trace.names[row[1]] for row in trace.operations if row[0] == 0)


def test_first_write_takes_a_cleared_page_and_the_second_none() -> None:
    def body(linux: Linux, process: Process) -> Program:
        touch(linux.memory, process, BSS, write=True)
        touch(linux.memory, process, BSS, write=True)
        return
        yield

    linux, process = run(body)
    linux.run()
    assert kinds(linux)["fault_anonymous"] == 1
    assert process.mm.entries[BSS].machine_writable


def test_reads_share_the_page_of_zeros_until_somebody_writes() -> None:
    def body(linux: Linux, process: Process) -> Program:
        for page in (BSS, BSS + 1):
            touch(linux.memory, process, page)
        assert linux.memory.zeros.users == 3
        touch(linux.memory, process, BSS, write=True)
        return
        yield

    linux, process = run(body)
    linux.run()
    assert process.mm.entries[BSS].frame is not linux.memory.zeros
    assert process.mm.entries[BSS + 1].frame is linux.memory.zeros
    assert linux.memory.zeros.users == 2
    counts = kinds(linux)
    assert (counts["fault_zero"], counts["fault_copy_zero"], counts["fault_anonymous"]) == (2, 1, 0)


@pytest.mark.parametrize(("page", "write"), [(BSS + 4, False), (BSS - 1, True), (0, False)])
def test_access_outside_every_mapping_is_refused(page: int, write: bool) -> None:
    def body(linux: Linux, process: Process) -> Program:
        with pytest.raises(SegmentationFault):
            touch(linux.memory, process, page, write)
        return
        yield

    linux, _ = run(body)
    linux.run()
    assert not kinds(linux)["fault_enter"]


def test_write_to_a_private_file_page_copies_it() -> None:
    def body(linux: Linux, process: Process) -> Program:
        file = linux.memory.file("data", 2)
        first = yield from mmap(linux, process, 2, file, writable=True)
        touch(linux.memory, process, first)
        before = process.mm.entries[first].frame
        touch(linux.memory, process, first, write=True)
        process.output += [before, process.mm.entries[first].frame, file.frame(0)]

    linux, process = run(body)
    linux.run()
    before, after, cached = process.output
    assert before is cached
    assert after is not cached
    assert cached.users == 1
    assert kinds(linux)["fault_copy"] == 1


def test_write_to_a_shared_file_page_keeps_it() -> None:
    def body(linux: Linux, process: Process) -> Program:
        file = linux.memory.file("data", 1)
        first = yield from mmap(linux, process, 1, file, writable=True, shared=True)
        touch(linux.memory, process, first, write=True)
        process.output += [process.mm.entries[first].frame, file.frame(0)]

    linux, process = run(body)
    linux.run()
    assert process.output[0] is process.output[1]


def _parent(linux: Linux, process: Process, child: Body) -> Program:
    touch(linux.memory, process, BSS, write=True)
    process.output.append(process.mm.entries[BSS].frame)
    yield from fork(linux, process, "child", child)
    process.output.append((yield from wait(linux, process)))
    touch(linux.memory, process, BSS, write=True)
    process.output.append(process.mm.entries[BSS].frame)


def test_child_that_writes_gets_a_copy_and_the_parent_its_page_back() -> None:
    seen = []

    def child(linux: Linux, process: Process) -> Program:
        seen.append(process.mm.entries[BSS].frame)
        touch(linux.memory, process, BSS, write=True)
        seen.append(process.mm.entries[BSS].frame)
        yield from exit_process(linux, process, 7)

    linux, parent = run(lambda linux, process: _parent(linux, process, child))
    linux.run()
    before, answer, after = parent.output
    assert seen[0] is before
    assert seen[1] is not before
    assert after is before
    assert answer == (2, 7)
    assert kinds(linux)["fault_copy"] == 1
    assert kinds(linux)["fault_reuse"] == 1


def test_first_use_of_a_copied_entry_faults_once() -> None:
    def child(linux: Linux, process: Process) -> Program:
        assert not process.mm.entries[BSS].valid
        touch(linux.memory, process, BSS)
        touch(linux.memory, process, BSS)
        yield from exit_process(linux, process, 0)

    linux, _ = run(lambda linux, process: _parent(linux, process, child))
    linux.run()
    assert kinds(linux)["fault_young"] == 1


def test_every_page_is_counted_and_given_back() -> None:
    used = []

    def child(linux: Linux, process: Process) -> Program:
        touch(linux.memory, process, BSS + 1, write=True)
        first = yield from mmap(linux, process, 3, linux.memory.file("f", 3))
        touch(linux.memory, process, first + 2)
        yield from brk(linux, process, 2)
        touch(linux.memory, process, 0x201, write=True)
        yield from exit_process(linux, process, 0)

    def body(linux: Linux, process: Process) -> Program:
        for _ in range(4):
            yield from fork(linux, process, "child", child)
            yield from wait(linux, process)
            used.append(linux.memory.frames.used)

    linux, parent = run(body)
    linux.run()
    assert len(set(used)) == 1
    cached = sum(len(f._cached) for f in linux.memory.files.values())
    assert used[-1] == parent.mm.present + len(parent.mm.tables) + cached
    assert all(entry.frame.users == 1 for entry in parent.mm.entries.values())


def test_munmap_gives_pages_back_and_refuses_what_is_not_mapped() -> None:
    def body(linux: Linux, process: Process) -> Program:
        before = linux.memory.frames.used
        first = yield from mmap(linux, process, 9, writable=True)
        touch(linux.memory, process, first + 8, write=True)
        yield from munmap(linux, process, first)
        process.output.append(linux.memory.frames.used - before)
        with pytest.raises(ValueError, match="no mapping begins"):
            yield from munmap(linux, process, first)
        linux.host.leave(process)

    linux, process = run(body)
    linux.run()
    assert process.output == [0]
    assert process.mm.mappings.find(BSS) is not None


def test_a_parent_that_waits_first_sleeps_until_the_child_exits() -> None:
    order = []

    def child(linux: Linux, process: Process) -> Program:
        yield from linux.getppid(process)
        queue = linux.scheduler.queues[process.priority]
        linux.scheduler.queues[process.priority].append(process)
        assert queue[0] is process.parent
        yield from linux.scheduler.schedule(process)
        order.append("child")
        yield from exit_process(linux, process, 3)

    def body(linux: Linux, process: Process) -> Program:
        yield from fork(linux, process, "child", child)
        order.append("parent")
        process.output.append((yield from wait(linux, process)))

    linux, parent = run(body)
    linux.run()
    assert order == ["parent", "child"]
    assert parent.output == [(2, 3)]


def test_mappings_do_not_overlap() -> None:
    mappings, region = Mappings(), Region("vma", 0, 96)
    mappings.add(Vma(10, 5, region))
    mappings.add(Vma(15, 5, region))
    for start, pages in ((14, 1), (9, 2), (8, 20), (30, 0)):
        with pytest.raises(ValueError, match="overlaps or is empty"):
            mappings.add(Vma(start, pages, region))
    assert mappings.gap(2, 9) == 20
    assert mappings.gap(1, 9) == 9
    assert [mappings.find(p) is not None for p in (9, 10, 19, 20)] == [False, True, True, False]
