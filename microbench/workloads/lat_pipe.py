"""lat_pipe, lat_fifo: one byte to and fro between two processes, over two pipes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.pipe import Pipe
from microbench.linux.process import Process, Program
from microbench.workloads.base import RESTED, SPENT, Metric, Part, Workload, latency, no_arguments


class LatPipe:
    """A round trip over pipes, or over FIFOs, which are pipes with a name."""

    args = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def parts(self) -> list[Part]:
        """The round trip."""
        return [Part("round trip", _ping_pong)]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """One round trip [us]: two hops."""
        return [latency(cycles["round trip"], clock_hz)]


def parse(name: str, args: list[str]) -> list[Workload]:
    """No arguments.

    Raises
    ------
    UsageError
        If there are any.
    """
    no_arguments(name, args)
    return [LatPipe(name)]


def _ping_pong(iterations: int, linux: Linux) -> None:
    there, back = linux.pipe(), linux.pipe()
    linux.spawn("client", partial(_client, there, back, iterations), credit=SPENT)
    linux.spawn("server", partial(_server, there, back), credit=RESTED)
    linux.strike_in_turn()


def _client(there: Pipe, back: Pipe, iterations: int, linux: Linux, process: Process) -> Program:
    buffer = process.user("user_data")
    for turn in range(iterations):
        yield from linux.write(process, there, buffer, bytes([turn % 256]))
        process.output.append((yield from linux.read(process, back, buffer, 1)))
        linux.host.recorder.mark(turn)


def _server(there: Pipe, back: Pipe, linux: Linux, process: Process) -> Program:
    buffer = process.user("user_data")
    while True:
        byte = yield from linux.read(process, there, buffer, 1)
        yield from linux.write(process, back, buffer, byte)
