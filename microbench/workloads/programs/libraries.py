"""The loader's system calls: how the libraries of a program come into its address space.

No prelinking: each library is opened, its header read, and its text, gap, data and zero-filled
part mapped one after the other. mprotect of the gap is priced as a mapping of its own.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from microbench.linux.exec import Loaded, data_start
from microbench.linux.files import File
from microbench.linux.kernel import Linux
from microbench.linux.mmap import MAP_BASE, mmap
from microbench.linux.process import Process, Program
from microbench.workloads.programs.images import Described
from microbench.workloads.programs.usermode import UserCode

CACHE_PAGES = 2  # the loader's list of libraries
HEADER_BYTES = 512
_HEADERS: WeakKeyDictionary[Linux, File] = WeakKeyDictionary()


def first_calls(linux: Linux, process: Process) -> Program:
    """Calls before the first library: a page for itself, a file that is not there."""
    yield from mmap(linux, process, 1, writable=True, name="loader")
    yield from linux.simple(process, "open")


def open_cache(linux: Linux, process: Process, user: UserCode) -> Program:
    """Map the list of libraries and read it."""
    yield from linux.simple(process, "open")
    yield from linux.simple(process, "fstat")
    file = linux.memory.file("ld.so.cache", CACHE_PAGES)
    first = yield from mmap(linux, process, CACHE_PAGES, file, name="cache")
    yield from linux.simple(process, "close")
    for page in range(CACHE_PAGES):
        user.touch(first + page)
    return first


def load(linux: Linux, process: Process, library: Described) -> Program:
    """open, read the header, fstat, map text, data and bss, close."""
    image = library.image
    file = linux.memory.file(image.name, image.file_pages)
    yield from linux.simple(process, "open")
    yield from _read_header(linux, process)
    yield from linux.simple(process, "fstat")
    span = data_start(0, image) + image.data_pages + image.bss_pages
    start = process.mm.mappings.gap(span, MAP_BASE)
    yield from mmap(
        linux, process, image.text_pages, file, 0, start, executable=True, name=image.name
    )
    gap = data_start(0, image) - image.text_pages
    if gap:
        at = start + image.text_pages
        yield from mmap(linux, process, gap, file, at=at, name="gap")
    data = data_start(start, image)
    yield from mmap(
        linux, process, image.data_pages, file, image.text_pages, data, True, name=image.name
    )
    bss = data + image.data_pages
    if image.bss_pages:
        yield from mmap(linux, process, image.bss_pages, at=bss, writable=True, name="bss")
    yield from linux.simple(process, "close")
    return Loaded(image, start, data, bss)


def _read_header(linux: Linux, process: Process) -> Program:
    """Read the first bytes of a library."""
    header = _HEADERS.get(linux)
    if header is None:
        header = _HEADERS[linux] = linux.file(bytes(HEADER_BYTES))
    header.position = 0
    yield from linux.read_file(process, header, process.user("user_data"), HEADER_BYTES)
