"""The probes of `mkbench host`, with the files, pipes, buffers and processes they need."""

from __future__ import annotations

import math
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import perf_counter_ns
from typing import Any

import numpy as np

from microbench.measured.probes import loops
from microbench.measured.probes.libc import stamp
from microbench.measured.probes.members import Forker, Ring
from microbench.measured.probes.plan import Probe

FSTAT = {"x86_64": 5, "aarch64": 80, "riscv64": 80}
"""Number of fstat by machine."""
RINGS = ((0, 2), (0, 10), (4, 2), (4, 10))
"""Working set [KiB] and processes."""
FILE_PAGES = 1024
LINE = 64
CHAIN = "clock"
"""Probe of the chain that tells the core's clock."""
TRIVIAL = "/bin/true"
BANDWIDTH_BYTES = 64 << 20


def micro(ns: float) -> float:
    """Nanoseconds to microseconds."""
    return ns / 1e3


def plain(ns: float) -> float:
    """Nanoseconds as they are."""
    return ns


def halved(ns: float) -> float:
    """Of a round of two, one hop [us]."""
    return ns / 2e3


def suite(stack: ExitStack, memory_bytes: Sequence[int], compiled: bool = True) -> list[Probe]:
    """Everything that can be measured here.

    Parameters
    ----------
    stack : ExitStack
        Closes files and ends processes.
    memory_bytes : sequence of int
        Sizes at which dependent loads are timed.
    compiled : bool
        Call every loop once before a process is forked; a test without a compiler does not.
    """
    bench = _Bench(stack)
    if compiled:
        bench.compile()
    probes = [*bench.calls(), *bench.processes(), *bench.rings()]
    return [*probes, *bench.memory(memory_bytes), *bench.bandwidth()]


class _Bench:
    """Files and buffers that several probes share."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack, self.stamp = stack, stamp()
        self.buffer, self.sums = np.zeros(512, np.uint8), np.zeros(1, np.int64)
        self.zero = self._open("/dev/zero", os.O_RDONLY)
        self.null = self._open("/dev/null", os.O_WRONLY)
        self.file, name = tempfile.mkstemp(prefix="mkbench-")
        os.unlink(name)
        stack.callback(os.close, self.file)
        os.write(self.file, b"\1" * FILE_PAGES * loops.PAGE)
        self.order = np.random.default_rng(0).permutation(FILE_PAGES).astype(np.int64)

    def _open(self, path: str, flags: int) -> int:
        fd = os.open(path, flags)
        self.stack.callback(os.close, fd)
        return fd

    def compile(self) -> None:
        """Call every loop once: a forked process must not compile."""
        here, there = os.pipe()
        os.write(there, b"x")
        os.close(there)
        work = np.ones(1, np.int32)
        loops.serve_token(here, self.null, self.buffer, work, self.sums)
        os.close(here)
        for probe in [*self.calls(), *self.memory([4096]), *self.bandwidth(4096)]:
            probe.block(1)
        here, there = os.pipe()
        loops.token_and_work(1, self.stamp, here, there, self.buffer, work, self.sums)
        os.close(here)
        os.close(there)

    def calls(self) -> list[Probe]:
        """One system call each, and faults."""
        made: list[tuple[str, str, Callable[..., Any], tuple[Any, ...]]] = [
            ("lat_syscall", "null", loops.null, ()),
            ("lat_syscall", "read", loops.read_byte, (self.zero, self.buffer)),
            ("lat_syscall", "write", loops.write_byte, (self.null, self.buffer)),
            ("lat_syscall", "sched_yield", loops.yield_alone, ()),
        ]
        number = FSTAT.get(platform.machine())
        if number is not None:
            made.append(("lat_syscall", "fstat", loops.stat_fd, (number, self.file, self.buffer)))
        made.append(("mmap", "4k, not touched, and munmap", loops.map_page, ()))
        chain = self._block(loops.square_chain, self.sums)
        probes = [Probe(CHAIN, "square and add", "ns", chain, plain)]
        probes += [
            Probe(name, args, "us", self._block(loop, *more), micro)
            for name, args, loop, more in made
        ]
        fault = self._block(loops.fault_file, self.file, self.order, self.sums)
        note = "a page of a cached file; the kernel maps its neighbours with it"
        probes.append(Probe("lat_pagefault", "", "us", fault, micro, count=FILE_PAGES, note=note))
        fresh = self._block(loops.fault_fresh)
        return [*probes, Probe("fault", "fresh page written", "us", fresh, micro, most=FILE_PAGES)]

    def _block(self, loop: Callable[..., Any], *more: Any) -> Callable[[int], float]:
        def block(count: int) -> float:
            spent = float(loop(count, self.stamp, *more))
            return spent if spent >= 0 else math.nan

        return block

    def processes(self) -> list[Probe]:
        """fork in a bare child, and spawning a trivial program."""
        forker = Forker()
        self.stack.callback(forker.close)
        note = "fork, exit, wait of a Python of 8 MiB: a C program is smaller"
        probes = [Probe("fork", "python", "us", forker.block, micro, switches=True, note=note)]
        if os.path.exists(TRIVIAL):
            note = "posix_spawn and wait of /bin/true"
            probes.append(Probe("spawn", "true", "us", _spawn, micro, switches=True, note=note))
        return probes

    def rings(self) -> list[Probe]:
        """A token round rings of processes, and back and forth; overhead is taken off a ring."""
        pair = Ring(2, 0)
        self.stack.callback(pair.close)
        block = self._block(loops.pass_token, pair.from_fd, pair.to_fd, self.buffer)
        probes = [Probe("lat_pipe", "", "us", block, micro, switches=True)]
        for kib, processes in RINGS:
            ring = Ring(processes, kib << 10)
            self.stack.callback(ring.close)
            probes.append(self._ring(ring, kib))
        return probes

    def _ring(self, ring: Ring, kib: int) -> Probe:
        """One hop less what passing to oneself costs, as lmbench subtracts it."""
        here, there = os.pipe()
        self.stack.callback(os.close, here)
        self.stack.callback(os.close, there)
        alone = (here, there, self.buffer, ring.work, self.sums)
        around = (ring.from_fd, ring.to_fd, self.buffer, ring.work, self.sums)

        def block(count: int) -> float:
            spent = loops.token_and_work(count, self.stamp, *around)
            own = loops.token_and_work(count, self.stamp, *alone)
            failed = min(spent, own) < 0
            return math.nan if failed else float(spent / ring.processes - own)

        args = f"-s {kib} {ring.processes}"
        return Probe("lat_ctx", args, "us", block, micro, switches=True)

    def memory(self, sizes: Sequence[int]) -> list[Probe]:
        """Dependent loads in random order over buffers of growing size."""
        return [
            Probe(
                *("lat_mem_rd", f"-t {LINE}", "ns"),
                self._block(loops.chase, _permutation(size), np.zeros(1, np.uint64)),
                plain,
                metric=f"latency at {size} bytes",
                most=200_000,
            )
            for size in sizes
        ]

    def bandwidth(self, size: int = BANDWIDTH_BYTES) -> list[Probe]:
        """A buffer beyond the caches read and written, every fourth word, all bytes counted."""
        words = np.zeros(size // 4, np.int32)

        def rate(ns: float) -> float:
            return size / ns * 1e3

        shared: dict[str, Any] = {"metric": "bandwidth", "better": "larger", "most": 8}
        read = self._block(loops.read_fourth, words, self.sums)
        write = self._block(loops.write_fourth, words)
        return [
            Probe("bw_mem", "64m rd", "MB/s", read, rate, **shared),
            Probe("bw_mem", "64m wr", "MB/s", write, rate, **shared),
        ]


def _permutation(size: int) -> np.ndarray:
    """One cycle over the lines of a buffer, the index of the next line in each.

    Pages stand in random order and the lines of a page too, page by page: no stream to guess,
    and few misses of the TLB beside those of the caches.
    """
    drawn, step, page = np.random.default_rng(size), LINE // 8, loops.PAGE // LINE
    pages = drawn.permutation(max(1, size // loops.PAGE)).astype(np.uint64)
    lines = drawn.permuted(np.tile(np.arange(page, dtype=np.uint64), (len(pages), 1)), axis=1)
    order = (pages[:, None] * np.uint64(page) + lines).ravel() * np.uint64(step)
    following = np.zeros(len(order) * step, np.uint64)
    following[order] = np.roll(order, -1)
    return following


def _spawn(count: int) -> float:
    start = perf_counter_ns()
    for _ in range(count):
        child = os.posix_spawn(TRIVIAL, [TRIVIAL], {})
        _, status = os.waitpid(child, 0)
        if status:
            return math.nan
    return float(perf_counter_ns() - start)
