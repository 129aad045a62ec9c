"""Pipes move bytes, block and wake as the kernel's do."""

from __future__ import annotations

from functools import partial

import pytest

from microbench.linux.kernel import Linux
from microbench.linux.pipe import Pipe
from microbench.linux.process import Process, Program
from microbench.systems.native import Native


def writer(pipe: Pipe, chunks: list[bytes], linux: Linux, process: Process) -> Program:
    buffer = linux.host.user_memory(process, "buffer", 0x400000, 65536)
    for chunk in chunks:
        process.output.append((yield from linux.write(process, pipe, buffer, chunk)))
    while True:
        yield from linux.read(process, process.files[0], buffer, 1)


def reader(pipe: Pipe, total: int, linux: Linux, process: Process) -> Program:
    buffer = linux.host.user_memory(process, "buffer", 0x400000, 65536)
    got = b""
    while len(got) < total:
        got += yield from linux.read(process, pipe, buffer, min(65536, total - len(got)))
    process.output.append(got)


def transfer(chunks: list[bytes], capacity: int) -> tuple[Linux, bytes]:
    linux = Linux(Native(), pipe_bytes=capacity)
    pipe, never = linux.pipe(), linux.pipe()
    total = sum(map(len, chunks))
    first = linux.spawn("reader", partial(reader, pipe, total))
    linux.spawn("writer", partial(writer, pipe, chunks)).files.append(never)
    linux.run()
    return linux, first.output[0]


@pytest.mark.parametrize("capacity", [4096, 65536])
@pytest.mark.parametrize("sizes", [[1], [4096], [4097], [65536], [10, 20, 30], [5000, 1, 9000]])
def test_bytes_arrive_in_order(capacity: int, sizes: list[int]) -> None:
    data = bytes(i * 7 % 256 for i in range(sum(sizes)))
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    assert transfer(chunks, capacity)[1] == data


def test_a_page_pipe_switches_twice_per_page_and_a_large_one_does_not() -> None:
    data = [bytes(65536)]
    small, _ = transfer(data, 4096)
    large, _ = transfer(data, 65536)
    assert small.scheduler.switches >= 2 * 16 - 1
    assert large.scheduler.switches <= 4


def test_deadlock_is_said() -> None:
    linux = Linux(Native())
    pipe = linux.pipe()

    def waits(linux: Linux, process: Process) -> Program:
        yield from linux.read(process, pipe, process.user("user_data"), 1)

    linux.spawn("waits", waits)
    with pytest.raises(RuntimeError, match="deadlock"):
        linux.run()
