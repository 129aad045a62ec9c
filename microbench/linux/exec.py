"""execve: a new, empty space with the segments of a program and of its loader, and a stack."""

from __future__ import annotations

from dataclasses import dataclass

from microbench.linux.exit import take_apart
from microbench.linux.frame import Frame
from microbench.linux.image import Image
from microbench.linux.kernel import Linux
from microbench.linux.memory import Memory
from microbench.linux.pagetable import AddressSpace, Entry
from microbench.linux.process import Process, Program
from microbench.linux.vma import Vma
from microbench.trace import Region

PROGRAM_PAGE, LOADER_PAGE, STACK_TOP, STACK_PAGES = 0x40, 0x1000, 0x1F00, 21
ALIGN_PAGES = 8  # segments of an object on this machine


@dataclass(frozen=True)
class Loaded:
    """Where the parts of an object lie [page numbers].

    Attributes
    ----------
    text, data, bss : int
    """

    image: Image
    text: int
    data: int
    bss: int


def data_start(start: int, image: Image) -> int:
    """First page of the data of an object whose text begins at `start`."""
    return start + -(-image.text_pages // ALIGN_PAGES) * ALIGN_PAGES


def execve(linux: Linux, process: Process, program: Image, loader: Image | None) -> Program:
    """execve(2): where the program and its loader are now; a static program has no loader."""
    linux.host.enter(process, "execve")
    found = _execve(linux, process, program, loader)
    yield from linux.scheduler.preempt(process)
    linux.host.start(process)
    return found


def _execve(
    linux: Linux, process: Process, program: Image, loader: Image | None
) -> tuple[Loaded, Loaded | None]:
    memory, host = linux.memory, linux.host
    with host.recorder.place("exec"):
        for part in ("exec_begin", "exec_open", "exec_mm"):
            memory.path(part, process)
        directory = memory.new_directory(process)
        memory.path("exec_count", process)
        memory.path("exec_read", process)
        argument = memory.fresh(process)
        memory.path("exec_strings", process)
        host.zero(process, argument.memory)
        memory.path("exec_old", process)
        _replace(linux, process, directory)
        memory.path("exec_flushed", process)
        _stack(memory, process, argument)
        at = map_object(linux, process, program, PROGRAM_PAGE)
        process.mm.heap_end = at.bss + program.bss_pages
        loader_at = None if loader is None else _map_loader(linux, process, loader)
        memory.path("exec_end", process)
    return at, loader_at


def _map_loader(linux: Linux, process: Process, loader: Image) -> Loaded:
    """Open the loader, read its first page and its table of segments, and map it."""
    for part in ("exec_open", "exec_read", "exec_read"):
        linux.memory.path(part, process)
    return map_object(linux, process, loader, LOADER_PAGE)


def _replace(linux: Linux, process: Process, directory: Region) -> None:
    """Switch to the new space and take the old one, if pages were modelled in it, apart."""
    memory = linux.memory
    old: AddressSpace = process.mm or AddressSpace(process.space)
    linux.host.replace_space(process)
    process.mm = AddressSpace(process.space, directory)
    memory.path("exec_switched", process)
    memory.path("exec_unmap", process)
    memory.drain(process)
    take_apart(linux, process, old)
    memory.path("exec_drop", process)
    memory.close(process, old)


def _stack(memory: Memory, process: Process, argument: Frame) -> None:
    """A stack whose top page holds the arguments."""
    mm: AddressSpace = process.mm
    start = STACK_TOP - STACK_PAGES
    vma = Vma(start, STACK_PAGES, memory.vma_region(), executable=True, name="stack")
    mm.add(vma)
    memory.path("exec_stack", process, vma=vma.region)
    memory.table(process, mm, STACK_TOP - 1)
    memory.path(
        "exec_argument",
        process,
        vma=vma.region,
        page=argument.descriptor,
        pte=mm.word(STACK_TOP - 1),
    )
    memory.host.flush_kernel_page(process, argument.memory)
    entry = Entry(argument, writable=True, dirty=True, anonymous=True)
    memory.set_entry(process, mm, STACK_TOP - 1, entry)


def map_object(linux: Linux, process: Process, image: Image, start: int) -> Loaded:
    """Map the segments of an object, as the kernel does for a program and its loader."""
    memory, mm = linux.memory, process.mm
    file = memory.file(image.name, image.file_pages)
    data = data_start(start, image)
    bss = data + image.data_pages
    text = Vma(start, image.text_pages, memory.vma_region(), file, 0, False, True, name=image.name)
    mm.add(text)
    memory.path("exec_text", process, vma=text.region)
    if image.data_pages:
        region = memory.vma_region()
        vma = Vma(data, image.data_pages, region, file, image.text_pages, name=image.name)
        mm.add(vma)
        memory.path("exec_data", process, vma=region)
    if image.bss_pages:
        region = memory.vma_region()
        mm.add(Vma(bss, image.bss_pages, region, name=f"{image.name} bss"))
        memory.path("exec_brk", process, vma=region)
    return Loaded(image, start, data, bss)
