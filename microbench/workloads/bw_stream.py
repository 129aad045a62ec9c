"""bw_pipe and bw_unix: bulk data between two processes, in requests of 64 KiB."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.pipe import Pipe
from microbench.linux.process import Process, Program
from microbench.linux.unix import SocketPair
from microbench.trace import Region
from microbench.workloads.base import FORKED, Metric, Part, Workload, bandwidth, no_arguments

REQUEST_BYTES = 65_536
BUFFER_VA = 0x0040_0000
MISALIGNED = 128


class BwStream:
    """Bulk transfer over a pipe or a socket pair."""

    args = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def parts(self) -> list[Part]:
        """Requests of the reader."""
        build = _pipe if self.name == "bw_pipe" else _unix
        return [Part("request", build, warm_up=4, counted=6)]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """Bytes of a request over its time [MB/s]."""
        return [bandwidth(REQUEST_BYTES, cycles["request"], clock_hz)]


def parse(name: str, args: list[str]) -> list[Workload]:
    """No arguments.

    Raises
    ------
    UsageError
        If there are any.
    """
    no_arguments(name, args)
    return [BwStream(name)]


def _buffer(linux: Linux, process: Process, shift: int = 0) -> Region:
    size = REQUEST_BYTES + shift
    return linux.host.user_memory(process, "buffer", BUFFER_VA, size).at(shift)


def _pipe(iterations: int, linux: Linux) -> None:
    pipe = linux.pipe()
    linux.spawn("reader", partial(_pipe_reader, pipe, iterations))
    linux.spawn("writer", partial(_pipe_writer, pipe), FORKED)


def _pipe_reader(pipe: Pipe, iterations: int, linux: Linux, process: Process) -> Program:
    buffer = _buffer(linux, process, MISALIGNED)
    for turn in range(iterations):
        wanted = REQUEST_BYTES
        while wanted:
            data = yield from linux.read(process, pipe, buffer, wanted)
            process.output.append(len(data))
            wanted -= len(data)
        linux.host.recorder.mark(turn)


def _pipe_writer(pipe: Pipe, linux: Linux, process: Process) -> Program:
    buffer = _buffer(linux, process)
    data = bytes(REQUEST_BYTES)
    while True:
        yield from linux.write(process, pipe, buffer, data)


def _unix(iterations: int, linux: Linux) -> None:
    pair = linux.socket_pair()
    linux.spawn("reader", partial(_unix_reader, pair, iterations))
    linux.spawn("writer", partial(_unix_writer, pair), FORKED)


def _unix_reader(pair: SocketPair, iterations: int, linux: Linux, process: Process) -> Program:
    buffer = _buffer(linux, process, MISALIGNED)
    for turn in range(iterations):
        wanted = REQUEST_BYTES
        while wanted:
            data = yield from linux.receive(process, pair, 0, buffer, wanted)
            process.output.append(len(data))
            wanted -= len(data)
        linux.host.recorder.mark(turn)


def _unix_writer(pair: SocketPair, linux: Linux, process: Process) -> Program:
    buffer = _buffer(linux, process)
    data = bytes(REQUEST_BYTES)
    while True:
        yield from linux.send(process, pair, 1, buffer, data)
