"""bw_pipe and bw_unix: bulk data between two processes, in requests of 64 KiB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.trace import Region
from microbench.workloads.base import RESTED, SPENT, Metric, Part, Workload, bandwidth, no_arguments

REQUEST_BYTES = 65_536
BUFFER_VA = 0x0040_0000
MISALIGNED = 128
Receive = Callable[[Process, Region, int], Program]
Send = Callable[[Process, Region, bytes], Program]


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

    def receive(process: Process, buffer: Region, wanted: int) -> Program:
        return linux.read(process, pipe, buffer, wanted)

    def send(process: Process, buffer: Region, data: bytes) -> Program:
        return linux.write(process, pipe, buffer, data)

    _spawn(iterations, linux, receive, send)


def _unix(iterations: int, linux: Linux) -> None:
    pair = linux.socket_pair()

    def receive(process: Process, buffer: Region, wanted: int) -> Program:
        return linux.receive(process, pair, 0, buffer, wanted)

    def send(process: Process, buffer: Region, data: bytes) -> Program:
        return linux.send(process, pair, 1, buffer, data)

    _spawn(iterations, linux, receive, send)


def _spawn(iterations: int, linux: Linux, receive: Receive, send: Send) -> None:
    linux.spawn("reader", partial(_reader, receive, iterations), credit=SPENT)
    linux.spawn("writer", partial(_writer, send), credit=RESTED)
    linux.strike_in_turn()


def _reader(receive: Receive, iterations: int, linux: Linux, process: Process) -> Program:
    buffer = _buffer(linux, process, MISALIGNED)
    for turn in range(iterations):
        wanted = REQUEST_BYTES
        while wanted:
            data = yield from receive(process, buffer, wanted)
            process.output.append(len(data))
            wanted -= len(data)
        linux.host.recorder.mark(turn)


def _writer(send: Send, linux: Linux, process: Process) -> Program:
    buffer = _buffer(linux, process)
    data = bytes(REQUEST_BYTES)
    while True:
        yield from send(process, buffer, data)
