"""Page faults: which kind one is, and what it does to the entry.

First touch of zero-filled memory, a page from the page cache, a write to a shared page, a
write to a page nobody shares any more, first use of an entry that fork copied.
"""

from __future__ import annotations

from microbench.linux.frame import Frame
from microbench.linux.memory import Memory
from microbench.linux.pagetable import AddressSpace, Entry
from microbench.linux.process import Process
from microbench.linux.vma import Vma
from microbench.trace import Region


class SegmentationFault(Exception):
    """An access that no mapping allows; the process gets a signal."""


def touch(
    memory: Memory, process: Process, page: int, write: bool = False, kernel: bool = False
) -> Region:
    """Let a process use one of its pages, faulting as often as it must; its view of it.

    Parameters
    ----------
    kernel : bool
        The kernel touches user memory on the process's behalf.

    Raises
    ------
    SegmentationFault
        If no mapping allows it.
    """
    mm: AddressSpace = process.mm
    entry = mm.entries.get(page)
    while entry is None or not entry.allows(write):
        fault(memory, process, page, write, kernel)
        entry = mm.entries.get(page)
    view = memory.view(mm, page)
    if not kernel:
        memory.host.touched(process, page, write)
    return view


def fault(memory: Memory, process: Process, page: int, write: bool, kernel: bool = False) -> None:
    """One fault, from the trap to the return.

    Raises
    ------
    SegmentationFault
        If no mapping allows the access.
    """
    mm: AddressSpace = process.mm
    vma = mm.mappings.find(page)
    if vma is None or (write and not vma.writable):
        raise SegmentationFault(f"{process.name}: page {page:#x}")
    host = memory.host
    with host.recorder.place("fault"):
        host.fault_enter(process, page, write, kernel)
        memory.table(process, mm, page)
        objects = {"vma": vma.region, "pte": mm.word(page)}
        memory.path("fault_find", process, **objects)
        _handle(memory, process, mm, vma, page, write, objects)
        memory.path("fault_end", process)
        host.fault_leave(process, kernel)


def _handle(
    memory: Memory,
    process: Process,
    mm: AddressSpace,
    vma: Vma,
    page: int,
    write: bool,
    objects: dict[str, Region],
) -> None:
    entry = mm.entries.get(page)
    if entry is None:
        handler = _anonymous if vma.file is None else _file
        handler(memory, process, mm, vma, page, write, objects)
    elif write and not entry.writable:
        _shared(memory, process, mm, vma, page, entry, objects)
    else:
        _young(memory, process, mm, vma, page, entry, write, objects)


def _anonymous(
    memory: Memory, process: Process, mm: AddressSpace, vma: Vma, page: int, write: bool,
    objects: dict[str, Region],
) -> None:  # fmt: skip
    """A cleared page; for a read the one page of zeros that all share."""
    if not write:
        frame = memory.zeros
        frame.users += 1
        memory.path("fault_zero", process, page=frame.descriptor, **objects)
        memory.set_entry(process, mm, page, Entry(frame, writable=False))
        return
    frame = memory.fresh(process)
    memory.path("fault_anonymous", process, page=frame.descriptor, **objects)
    memory.host.clear_page(process, frame.memory)
    entry = Entry(frame, writable=vma.writable, dirty=vma.writable, anonymous=True)
    memory.set_entry(process, mm, page, entry)


def _file(
    memory: Memory, process: Process, mm: AddressSpace, vma: Vma, page: int, write: bool,
    objects: dict[str, Region],
) -> None:  # fmt: skip
    """A page of the page cache; private ones are read-only until they are copied."""
    assert vma.file is not None
    frame = vma.file.frame(vma.offset + page - vma.start)
    if write and not vma.shared:
        _private_copy(memory, process, mm, page, frame, objects)
        return
    frame.users += 1
    memory.path("fault_file", process, page=frame.descriptor, **objects)
    entry = Entry(frame, writable=vma.shared and vma.writable, dirty=write)
    memory.set_entry(process, mm, page, entry)
    memory.host.flush_page(process, memory.view(mm, page), vma.executable)


def _private_copy(
    memory: Memory, process: Process, mm: AddressSpace, page: int, frame: Frame,
    objects: dict[str, Region],
) -> None:  # fmt: skip
    """A first touch that writes: the copy is made at once."""
    fresh = memory.fresh(process)
    memory.path("fault_copy", process, page=frame.descriptor, new_page=fresh.descriptor, **objects)
    memory.host.copy_page(process, frame.memory, fresh.memory)
    memory.set_entry(process, mm, page, Entry(fresh, writable=True, dirty=True, anonymous=True))


def _shared(
    memory: Memory, process: Process, mm: AddressSpace, vma: Vma, page: int, entry: Entry,
    objects: dict[str, Region],
) -> None:  # fmt: skip
    """A write to a page that must not be written: copied, or reused if nobody shares it."""
    old, view = entry.frame, memory.view(mm, page)
    host = memory.host
    if entry.anonymous and old.users == 1:
        memory.path("fault_reuse", process, page=old.descriptor, **objects)
        host.flush_page(process, view, vma.executable)
        memory.set_entry(process, mm, page, Entry(old, writable=True, dirty=True, anonymous=True))
        host.flush_entry(process, view)
        return
    fresh, empty = memory.fresh(process), memory.is_zeros(old)
    pages = {"page": old.descriptor, "new_page": fresh.descriptor}
    memory.path("fault_copy_zero" if empty else "fault_copy", process, **pages, **objects)
    if empty:
        host.clear_page(process, fresh.memory)
    else:
        host.copy_page(process, old.memory, fresh.memory)
    host.flush_page(process, view, vma.executable)
    memory.set_entry(process, mm, page, Entry(fresh, writable=True, dirty=True, anonymous=True))
    host.flush_entry(process, view)
    memory.frames.drop(old)


def _young(
    memory: Memory, process: Process, mm: AddressSpace, vma: Vma, page: int, entry: Entry,
    write: bool, objects: dict[str, Region],
) -> None:  # fmt: skip
    """First use since the copy, or first write: only the entry changes."""
    of_file = vma.file is not None and not entry.anonymous
    memory.path(
        "fault_young_file" if of_file else "fault_young",
        process, page=entry.frame.descriptor, **objects,
    )  # fmt: skip
    was_valid, view = entry.valid, memory.view(mm, page)
    entry.young = True
    entry.dirty = entry.dirty or write
    memory.set_entry(process, mm, page, entry)
    if was_valid:
        memory.host.flush_entry(process, view)
    if of_file:
        memory.host.flush_page(process, view, vma.executable)
