"""lat_mmap, lat_pagefault, bw_mmap_rd: files mapped, touched, summed and unmapped.

lat_mmap maps a file shared and writable, writes one byte every 16 KiB of its first tenth, and
unmaps it. lat_pagefault maps a file, touches every page in a scattered order and unmaps it;
the map and unmap, measured apart, are subtracted, and the rest is divided by the pages.
bw_mmap_rd sums every word of a mapped file, with or without opening and mapping it each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from microbench.errors import UsageError
from microbench.linux.faults import touch
from microbench.linux.frames import CachedFile
from microbench.linux.kernel import Linux
from microbench.linux.mmap import mmap, munmap
from microbench.linux.process import Process, Program
from microbench.workloads.base import (
    DESCRIBED,
    Metric,
    OnePart,
    Part,
    Workload,
    latency,
    parse_size,
    size_and_kind,
)
from microbench.workloads.programs.startup import start
from microbench.workloads.programs.usercode import walk

PAGE = 4096
TOUCH_PAGES, PART = 4, 10  # every 16 KiB of a tenth
FAULT_PAGES = 256
SCATTER = 97  # a step that is coprime to the number of pages
MODES = ("mmap_only", "open2close")


class LatPagefault:
    """Faults on a file of a fixed size."""

    name, args = "lat_pagefault", ""

    def parts(self) -> list[Part]:
        """Map, touch and unmap; map and unmap."""
        return [
            _part("touched", partial(_map_scattered, True)),
            _part("untouched", partial(_map_scattered, False)),
        ]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """One fault [us]."""
        return [latency((cycles["touched"] - cycles["untouched"]) / FAULT_PAGES, clock_hz)]


def parse(name: str, args: list[str]) -> list[Workload]:
    """A size, and for bw_mmap_rd a mode; nothing for lat_pagefault.

    Raises
    ------
    UsageError
        For anything else.
    """
    if name == "lat_pagefault" and not args:
        return [LatPagefault()]
    if name == "lat_mmap" and len(args) == 1:
        pages = -(-parse_size(name, args[0]) // PAGE)
        mapped = _part("map", partial(_map_and_touch, pages))
        return [OnePart(name, args[0], mapped)]
    if name == "bw_mmap_rd":
        text, size, mode = size_and_kind(name, args, MODES)
        passes = _part("pass", partial(_sum, size, mode))
        return [OnePart(name, f"{text} {mode}", passes, size)]
    usage = {"lat_mmap": "SIZE", "lat_pagefault": "(nothing)"}[name]
    raise UsageError(f"{name}: {' '.join(args)!r} is not {usage}")


def _part(name: str, body: Callable[..., Program]) -> Part:
    return Part(name, partial(_spawn, body), 2, 2, needs=DESCRIBED)


def _spawn(body: Callable[..., Program], iterations: int, linux: Linux) -> None:
    """A program linked to the C library, which then runs `body(iterations, linux, process)`."""

    def program(linux: Linux, process: Process) -> Program:
        yield from start(linux, process, "lat_proc")
        yield from body(iterations, linux, process)

    linux.spawn("mapper", program)


def _map_and_touch(pages: int, iterations: int, linux: Linux, process: Process) -> Program:
    file = linux.memory.file("mapped", pages)
    for turn in range(iterations):
        first = yield from mmap(linux, process, pages, file, writable=True, shared=True)
        for page in range(first, first + max(1, pages // PART), TOUCH_PAGES):
            touch(linux.memory, process, page, write=True)
        process.output.append((yield from munmap(linux, process, first)))
        linux.host.recorder.mark(turn)


def _map_scattered(touched: bool, iterations: int, linux: Linux, process: Process) -> Program:
    file = linux.memory.file("mapped", FAULT_PAGES)
    for turn in range(iterations):
        first = yield from mmap(linux, process, FAULT_PAGES, file, shared=True)
        if touched:
            for i in range(FAULT_PAGES):
                touch(linux.memory, process, first + i * SCATTER % FAULT_PAGES)
        process.output.append((yield from munmap(linux, process, first)))
        linux.host.recorder.mark(turn)


def _sum(size: int, mode: str, iterations: int, linux: Linux, process: Process) -> Program:
    pages = -(-size // PAGE)
    file = linux.memory.file("mapped", pages)
    first = 0
    if mode == "mmap_only":
        first = yield from mmap(linux, process, pages, file, shared=True)
    for turn in range(iterations):
        if mode == "open2close":
            first = yield from _open(linux, process, file, pages)
        _sum_pages(linux, process, first, size)
        if mode == "open2close":
            yield from linux.simple(process, "close")
            process.output.append((yield from munmap(linux, process, first)))
        linux.host.recorder.mark(turn)


def _open(linux: Linux, process: Process, file: CachedFile, pages: int) -> Program:
    yield from linux.simple(process, "open")
    return (yield from mmap(linux, process, pages, file, shared=True))


def _sum_pages(linux: Linux, process: Process, first: int, size: int) -> None:
    for i in range(-(-size // PAGE)):
        view = touch(linux.memory, process, first + i)
        walk(linux, process, "sum", view, None, min(PAGE, size - i * PAGE), 4)
