"""mmap, munmap and brk: mappings come and go; pages follow when they are touched."""

from __future__ import annotations

from microbench.linux.exit import clear_range
from microbench.linux.frames import CachedFile
from microbench.linux.kernel import Linux
from microbench.linux.pagetable import TABLE_PAGES, AddressSpace
from microbench.linux.process import Process, Program
from microbench.linux.vma import Vma

MAP_BASE = 0x1040


def mmap(
    linux: Linux,
    process: Process,
    pages: int,
    file: CachedFile | None = None,
    offset: int = 0,
    at: int | None = None,
    writable: bool = False,
    executable: bool = False,
    shared: bool = False,
    name: str = "mapping",
) -> Program:
    """mmap2(2): the first page number, at `at` or where there is room."""
    body = _mmap(linux, process, pages, file, offset, at, writable, executable, shared, name)
    return (yield from linux.call(process, "mmap", body))


def _mmap(
    linux: Linux, process: Process, pages: int, file: CachedFile | None, offset: int,
    at: int | None, writable: bool, executable: bool, shared: bool, name: str,
) -> Program:  # fmt: skip
    mm: AddressSpace = process.mm
    start = mm.mappings.gap(pages, MAP_BASE) if at is None else at
    vma = Vma(
        start, pages, linux.memory.vma_region(), file, offset, writable, executable, shared, name
    )
    mm.add(vma)
    with linux.host.recorder.place("mmap"):
        linux.memory.path("mmap", process, vma=vma.region)
    return start
    yield


def munmap(linux: Linux, process: Process, start: int) -> Program:
    """munmap(2) of one whole mapping.

    Raises
    ------
    ValueError
        If no mapping begins there.
    """
    return (yield from linux.call(process, "munmap", _munmap(linux, process, start)))


def _munmap(linux: Linux, process: Process, start: int) -> Program:
    memory, host, mm = linux.memory, linux.host, process.mm
    vma = mm.mappings.find(start)
    if vma is None or vma.start != start:
        raise ValueError(f"no mapping begins at page {start:#x}")
    with host.recorder.place("mmap"):
        memory.path("munmap_begin", process, vma=vma.region)
        memory.drain(process)
        views = [memory.view(mm, page) for page in range(start, vma.end) if page in mm.entries]
        host.flush_range(process, views, vma.pages, vma.executable)
        clear_range(linux, process, mm, vma, "munmap_entry")
        memory.path("munmap_middle", process, vma=vma.region)
        host.flush_entry_range(process, views, vma.pages)
        memory.path("munmap_end", process, vma=vma.region)
        memory.drop_vma(process, mm, vma)
        _free_unused(linux, process, mm, vma)
    return 0
    yield


def _free_unused(linux: Linux, process: Process, mm: AddressSpace, gone: Vma) -> None:
    """Free tables of a range that no other mapping needs."""
    needed = {number for vma in mm.mappings for number in _tables(vma)}
    for number in _tables(gone):
        if number in mm.tables and number not in needed:
            frame = mm.tables.pop(number)
            linux.memory.path("exit_table", process, page=frame.descriptor)
            linux.memory.frames.drop(frame)


def _tables(vma: Vma) -> range:
    return range(vma.start // TABLE_PAGES, (vma.end - 1) // TABLE_PAGES + 1)


def brk(linux: Linux, process: Process, pages: int) -> Program:
    """brk(2): let the heap grow by some pages (none: only ask); its old end [page number]."""
    return (yield from linux.call(process, "brk", _brk(linux, process, pages)))


def _brk(linux: Linux, process: Process, pages: int) -> Program:
    memory, mm = linux.memory, process.mm
    end: int = mm.heap_end
    heap = mm.mappings.find(end - 1)
    with linux.host.recorder.place("mmap"):
        if pages and heap is not None and heap.name == "heap":
            memory.path("exec_brk", process, vma=heap.region)
            heap.pages += pages
        elif pages:
            vma = Vma(end, pages, memory.vma_region(), name="heap")
            mm.add(vma)
            memory.path("exec_brk", process, vma=vma.region)
    mm.heap_end = end + pages
    return end
    yield
