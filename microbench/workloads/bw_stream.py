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
WORSE = "reader", "writer"


class BwStream:
    """Bulk transfer over a pipe or a socket pair.

    Which of two partners ends as the worse one hangs on how much the harness had computed before
    it forked. Both ways are run, and count alike.
    """

    args = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def parts(self) -> list[Part]:
        """Requests of the reader, with either of the two the worse one."""
        build = _pipe if self.name == "bw_pipe" else _unix
        return [
            Part(f"{worse} worse", partial(build, worse), warm_up=4, counted=6) for worse in WORSE
        ]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """Bytes of a request over its time [MB/s]."""
        both = sum(cycles[f"{worse} worse"] for worse in WORSE)
        return [bandwidth(REQUEST_BYTES, both / len(WORSE), clock_hz)]


def parse(name: str, args: list[str]) -> list[Workload]:
    """Requests of the reader over a pipe or a socket pair; no arguments.

    Raises
    ------
    UsageError
        If there are arguments.
    """
    no_arguments(name, args)
    return [BwStream(name)]


def _buffer(linux: Linux, process: Process, shift: int = 0) -> Region:
    size = REQUEST_BYTES + shift
    return linux.host.user_memory(process, "buffer", BUFFER_VA, size).at(shift)


def _pipe(worse: str, iterations: int, linux: Linux) -> None:
    pipe = linux.pipe()

    def receive(process: Process, buffer: Region, wanted: int) -> Program:
        return linux.read(process, pipe, buffer, wanted)

    def send(process: Process, buffer: Region, data: bytes) -> Program:
        return linux.write(process, pipe, buffer, data)

    _spawn(worse, iterations, linux, receive, send)


def _unix(worse: str, iterations: int, linux: Linux) -> None:
    pair = linux.socket_pair()

    def receive(process: Process, buffer: Region, wanted: int) -> Program:
        return linux.receive(process, pair, 0, buffer, wanted)

    def send(process: Process, buffer: Region, data: bytes) -> Program:
        return linux.send(process, pair, 1, buffer, data)

    _spawn(worse, iterations, linux, receive, send)


def _spawn(worse: str, iterations: int, linux: Linux, receive: Receive, send: Send) -> None:
    credits = {name: SPENT if name == worse else RESTED for name in WORSE}
    reader = partial(_reader, receive, iterations)
    linux.spawn("reader", reader, credit=credits["reader"])
    linux.spawn("writer", partial(_writer, send), credit=credits["writer"])
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
