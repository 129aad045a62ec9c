"""A dynamic program from execve to main: the loader maps libraries, relocates, binds names."""

from __future__ import annotations

from microbench.linux.exec import STACK_TOP, Loaded, execve
from microbench.linux.kernel import Linux
from microbench.linux.mmap import brk, munmap
from microbench.linux.process import Process, Program
from microbench.workloads.programs import libraries
from microbench.workloads.programs.images import Described, Images, images_of
from microbench.workloads.programs.usermode import UserCode

CALLS = {
    "null_calls": ("getppid",),
    "sigactions": ("sigaction",),
    "stats": ("stat",),
    "opens": ("open", "close"),
}
"""Numbers of a described program to the calls they count."""


class Running:
    """A program after its start-up: where its parts are.

    Attributes
    ----------
    user : UserCode
    objects : dict of str to Loaded
        The program under "program", the loader under "ld", libraries by name.
    """

    def __init__(self, user: UserCode, objects: dict[str, Loaded]) -> None:
        self.user, self.objects = user, objects


def start(linux: Linux, process: Process, name: str) -> Program:
    """execve of a described program, and its start-up up to main; a `Running`."""
    images = images_of(linux)
    program, loader = images.programs[name], images.objects["ld"]
    process.open_files = program.number["files"]
    at, loader_at = yield from execve(linux, process, program.image, loader.image)
    user = UserCode(linux, process, STACK_TOP - 1, loader_at.data)
    objects = {"program": at, "ld": loader_at}
    running = Running(user, objects)
    _enter_loader(images, running, loader)
    yield from libraries.first_calls(linux, process)
    cache = yield from libraries.open_cache(linux, process, user)
    for library in program.libraries:
        objects[library] = yield from libraries.load(linux, process, images.objects[library])
    for library in program.libraries:
        _relocate(images, running, library)
    _bind(images, running, program)
    yield from munmap(linux, process, cache)
    yield from _main(linux, process, images, running, program)
    return running


def _enter_loader(images: Images, running: Running, loader: Described) -> None:
    """The loader relocates itself and runs through its own text."""
    user, at = running.user, running.objects["ld"]
    user.touch(at.data)
    user.write(at.data, loader.number["data_written"])
    user.write(at.bss, loader.number["bss_touched"])
    _text(images, user, at.text, loader.number["text_touched"])


def _text(images: Images, user: UserCode, first: int, pages: int, total: int = 0) -> None:
    """Run through pages of text, with `total` instructions if given."""
    lines = images.loader["page_lines"]
    each = max(total // pages, lines) if total and pages else images.loader["page_instructions"]
    for page in range(first, first + pages):
        user.run(page, each, lines)


def _relocate(images: Images, running: Running, library: str) -> None:
    """Relative relocations page by page, then the names the library refers to."""
    number, at = images.objects[library].number, running.objects[library]
    user, code = running.user, running.objects["ld"].text
    pages = number["data_written"]
    each = -(-number["relative"] // pages) if pages else 0
    for i in range(pages):
        table = at.text + i % max(number["text_touched"], 1)
        instructions = images.loader["relative_instructions"]
        user.relocate(code, table, at.data + i, each, instructions)
    user.write(at.bss, number["bss_touched"])
    _look_up(images, running, number["symbols"])


def _tables(images: Images, running: Running) -> list[int]:
    """Pages of the loaded libraries that a look-up reads."""
    return [
        at.text + page
        for name, at in running.objects.items()
        if name not in ("program", "ld")
        for page in range(images.objects[name].number["text_touched"])
    ]


def _look_up(images: Images, running: Running, count: int) -> None:
    tables = _tables(images, running)
    for number in range(count):
        code = running.objects["ld"].text + 1
        running.user.look_up(code, tables, number, images.loader["lookup_instructions"])


def _bind(images: Images, running: Running, program: Described) -> None:
    """The program's own names; its data is relocated with them."""
    at = running.objects["program"]
    running.user.touch(at.text)
    running.user.touch(at.data)
    running.user.write(at.data, program.number["data_written"])
    _look_up(images, running, program.number["symbols"])


def _main(
    linux: Linux, process: Process, images: Images, running: Running, program: Described
) -> Program:
    """What a program does once: its calls, its pages, its instructions."""
    number, user = program.number, running.user
    at, libc = running.objects["program"], running.objects["libc"]
    user.write(STACK_TOP - number["stack_pages"], number["stack_pages"])
    user.write(at.bss, number["bss_touched"])
    for kind, calls in CALLS.items():
        for _ in range(number[kind]):
            for call in calls:
                yield from linux.simple(process, call)
    heap = yield from _heap(linux, process, number["breaks"], number["heap_pages"])
    user.write(heap, number["heap_pages"])
    for name in program.libraries:
        touched = images.objects[name].number["text_touched"]
        _text(images, user, running.objects[name].text, touched)
    first = libc.text + images.objects["libc"].number["text_touched"]
    total = number["instructions"]
    pages = number["text_touched"] + number["libc_pages"]
    _text(images, user, at.text, number["text_touched"], total * number["text_touched"] // pages)
    _text(images, user, first, number["libc_pages"], total * number["libc_pages"] // pages)


def _heap(linux: Linux, process: Process, calls: int, pages: int) -> Program:
    """Let the heap grow in steps; its first page."""
    first = process.mm.heap_end
    for i in range(calls):
        step = pages * (i + 1) // calls - pages * i // calls
        yield from brk(linux, process, step)
    return first
