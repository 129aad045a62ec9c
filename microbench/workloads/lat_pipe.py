"""lat_pipe, lat_fifo: one byte to and fro between two processes, over two pipes."""

from __future__ import annotations

from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.pipe import Pipe
from microbench.linux.process import Process, Program
from microbench.workloads.base import RESTED, SPENT, OnePart, Part, Workload, no_arguments


def parse(name: str, args: list[str]) -> list[Workload]:
    """A round trip, two hops, over pipes or over FIFOs, which are pipes with a name.

    Raises
    ------
    UsageError
        If there are arguments.
    """
    no_arguments(name, args)
    return [OnePart(name, "", Part("round trip", _ping_pong))]


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
