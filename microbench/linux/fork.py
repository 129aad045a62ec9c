"""fork: a copy of the task and of every mapping and entry, writes to either side held back.

The child runs first: a child that execs at once saves the copies its parent's writes would
cost. An entry that the copy makes is marked unused, so that the child faults on first use.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from microbench.linux import credit
from microbench.linux.kernel import Linux
from microbench.linux.pagetable import TABLE_PAGES, AddressSpace, Entry
from microbench.linux.process import Process, Program
from microbench.linux.reap import finish_switch, kernel_memory
from microbench.linux.vma import Vma

EMPTY = 8  # entries without a page that one recorded part covers


def fork(linux: Linux, process: Process, name: str, body: Callable[..., Program]) -> Program:
    """fork(2): the child, which runs `body(linux, child)` in its copy of the space."""
    return (yield from linux.call(process, "fork", _fork(linux, process, name, body)))


def _fork(linux: Linux, process: Process, name: str, body: Callable[..., Program]) -> Program:
    memory, host = linux.memory, linux.host
    child = linux.new_process(name, process.priority, kernel_memory(linux))
    child.parent = process
    credit.forked(process, child)
    child.since = linux.scheduler.ticks
    process.children.append(child)
    others = {
        "other_task": child.kernel_regions["task"],
        "other_stack": child.kernel_regions["stack"],
    }
    with host.recorder.place("fork"):
        memory.path("fork_begin", process, **others)
        child.mm = copy_mm(linux, process, child)
        memory.path("fork_end", process, **others)
        memory.path("fork_wake", process, **others)
    child.program = _child(linux, process, child, body)
    queue = linux.scheduler.queues.setdefault(process.priority, deque())
    queue.appendleft(process)
    queue.appendleft(child)
    yield from linux.scheduler.schedule(process)
    finish_switch(linux, process)
    return child


def _child(linux: Linux, parent: Process, child: Process, body: Callable[..., Program]) -> Program:
    """What a child does first: finish the switch to it, and return to its copy of the call."""
    with linux.host.recorder.place("fork"):
        task = parent.kernel_regions["task"]
        linux.memory.path("fork_child", child, other_task=task)
    linux.host.start(child)
    yield from body(linux, child)


def copy_mm(linux: Linux, process: Process, child: Process) -> AddressSpace:
    """Copy the address space of a process for its child."""
    memory, host = linux.memory, linux.host
    others = {"other_task": child.kernel_regions["task"]}
    memory.path("fork_mm", process, **others)
    host.new_space(child)
    copy = AddressSpace(child.space, memory.new_directory(process))
    copy.heap_end = process.mm.heap_end
    memory.path("fork_mm_end", process, **others)
    host.flush_mm(process)
    for vma in process.mm.mappings:
        _copy_mapping(linux, process, copy, vma)
    host.flush_entries(process)
    return copy


def _copy_mapping(linux: Linux, process: Process, copy: AddressSpace, vma: Vma) -> None:
    memory = linux.memory
    new = Vma(
        vma.start, vma.pages, memory.vma_region(), vma.file, vma.offset,
        vma.writable, vma.executable, vma.shared, vma.name,
    )  # fmt: skip
    copy.add_copy(new, process.mm)
    memory.path(f"fork_vma_{vma.kind}", process, vma=vma.region, new_vma=new.region)
    empty = 0
    for page in range(vma.start, vma.end):
        if page not in process.mm.entries:
            empty += 1
            continue
        empty = _skip(linux, process, page - empty, empty)
        _copy_entry(linux, process, copy, vma, page)
    _skip(linux, process, vma.end - empty, empty)
    memory.path("fork_vma_end", process)


def _skip(linux: Linux, process: Process, first: int, empty: int) -> int:
    """Walk over entries that hold nothing; tables that are missing cost nothing."""
    mm = process.mm
    for page in range(first, first + empty - EMPTY + 1, EMPTY):
        if page // TABLE_PAGES in mm.tables:
            linux.memory.path("fork_none_8", process, pte=mm.word(page))
    return 0


def _copy_entry(linux: Linux, process: Process, copy: AddressSpace, vma: Vma, page: int) -> None:
    memory, mm = linux.memory, process.mm
    found = page // TABLE_PAGES in copy.tables
    memory.table(process, copy, page)
    if found and page == vma.start:
        memory.path("table_found", process)
    entry = mm.entries[page]
    memory.path("fork_entry", process, page=entry.frame.descriptor, pte=mm.word(page))
    entry.frame.users += 1
    keep = vma.shared
    entry.writable = entry.writable and keep
    memory.set_entry(process, mm, page, entry)
    new = Entry(entry.frame, entry.writable, False, entry.dirty and not keep, entry.anonymous)
    memory.set_entry(process, copy, page, new)
