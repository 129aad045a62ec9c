"""exit and wait: the space is taken apart entry by entry, the parent collects the rest."""

from __future__ import annotations

from microbench.linux.kernel import Linux
from microbench.linux.pagetable import TABLE_PAGES, AddressSpace, Entry
from microbench.linux.process import ZOMBIE, Process, Program
from microbench.linux.reap import finish_switch, release
from microbench.linux.vma import Vma

EMPTY = 8
NEAR_TABLES = 1
CACHED_AND_MAPPED = 2  # users of a file page that only one entry maps


def exit_process(linux: Linux, process: Process, code: int) -> Program:
    """exit(2): never returns."""
    host, memory = linux.host, linux.memory
    host.enter(process, "exit")
    with host.recorder.place("exit"):
        memory.path("exit_begin", process)
        memory.drain(process)
        mm: AddressSpace = process.mm
        host.flush_mm(process)
        memory.path("exit_unmap", process)
        take_apart(linux, process, mm)
        memory.path("exit_mm_end", process)
        memory.path("exit_files", process)
        for _ in range(process.open_files):
            memory.path("exit_file", process)
        parent = process.parent
        assert parent is not None
        memory.path("exit_end", process, other_task=parent.kernel_regions["task"])
    memory.leaving.append(mm)
    process.exit_code, process.state, process.mm = code, ZOMBIE, None
    for sleeper in list(parent.waiting.sleepers):
        linux.scheduler.wake(sleeper)
    yield from linux.scheduler.schedule(process)


def take_apart(linux: Linux, process: Process, mm: AddressSpace) -> None:
    """Free everything an address space holds but its directory."""
    memory = linux.memory
    for vma in mm.mappings:
        memory.path("exit_vma", process, vma=vma.region)
        clear_range(linux, process, mm, vma)
        memory.path("exit_vma_end", process)
    memory.path("exit_tables", process)
    for _ in range(_runs(mm)):
        memory.path("exit_range", process)
    free_tables(linux, process, mm)
    memory.path("exit_accounts", process)
    for vma in list(mm.mappings):
        name = "exit_drop_anonymous" if vma.file is None else "exit_drop_file"
        memory.path(name, process, vma=vma.region)
        memory.drop_vma(process, mm, vma)


def clear_range(linux: Linux, process: Process, mm: AddressSpace, vma: Vma, part: str = "") -> None:
    """Clear the entries of a mapping and drop their pages.

    Parameters
    ----------
    part : str
        The recorded part per entry; by default exit's, which depends on the page.
    """
    memory = linux.memory
    empty = 0
    for page in range(vma.start, vma.end):
        if page not in mm.entries:
            empty += 1
            if empty % EMPTY == 0 and page // TABLE_PAGES in mm.tables:
                memory.path("exit_none_8", process, pte=mm.word(page - EMPTY + 1))
            continue
        empty = 0
        entry = mm.entries[page]
        memory.path(part or _part(entry), process, page=entry.frame.descriptor, pte=mm.word(page))
        memory.clear_entry(process, mm, page)
        memory.frames.drop(entry.frame)


def _part(entry: Entry) -> str:
    if entry.anonymous:
        return "exit_entry_free" if entry.frame.users == 1 else "exit_entry_shared"
    if not entry.young:
        return "exit_entry_old"
    return "exit_entry_last" if entry.frame.users == CACHED_AND_MAPPED else "exit_entry_file"


def _runs(mm: AddressSpace) -> int:
    """Groups of mappings whose tables are next to each other."""
    tables = sorted(mm.tables)
    return sum(1 for i, t in enumerate(tables) if i == 0 or t - tables[i - 1] > NEAR_TABLES)


def free_tables(linux: Linux, process: Process, mm: AddressSpace) -> None:
    """Free the pages that held entries."""
    for number in sorted(mm.tables):
        frame = mm.tables.pop(number)
        linux.memory.path("exit_table", process, page=frame.descriptor)
        linux.memory.frames.drop(frame)


def wait(linux: Linux, process: Process) -> Program:
    """wait4(2) for any child: its process number and exit code."""
    return (yield from linux.call(process, "wait4", _wait(linux, process)))


def _wait(linux: Linux, process: Process) -> Program:
    memory = linux.memory
    while True:
        with linux.host.recorder.place("wait"):
            memory.path("wait_begin", process)
            found = [child for child in process.children if child.state == ZOMBIE]
            others = process.children.index(found[0]) if found else len(process.children) - 1
            for _ in range(others):
                memory.path("wait_other", process)
        if found:
            break
        if not process.children:
            return None
        yield from linux.scheduler.sleep(process, process.waiting)
        finish_switch(linux, process)
    child = found[0]
    with linux.host.recorder.place("wait"):
        memory.path(
            "wait_end",
            process,
            other_task=child.kernel_regions["task"],
            other_stack=child.kernel_regions["stack"],
        )
    process.children.remove(child)
    release(linux, child)
    return child.pid, child.exit_code
