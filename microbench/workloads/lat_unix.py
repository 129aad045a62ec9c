"""lat_unix: one byte to and fro over a stream socket pair.

The reader of a byte frees a message buffer, which wakes the partner although it waits for
something else; whether that costs a switch is decided by priority.
"""

from __future__ import annotations

from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.unix import SocketPair
from microbench.workloads.base import RESTED, SPENT, OnePart, Part, Workload, no_arguments


def parse(args: list[str]) -> list[Workload]:
    """A round trip over AF_UNIX stream sockets; no arguments.

    Raises
    ------
    UsageError
        If there are arguments.
    """
    no_arguments("lat_unix", args)
    return [OnePart("lat_unix", "", Part("round trip", _ping_pong))]


def _ping_pong(iterations: int, linux: Linux) -> None:
    pair = linux.socket_pair()
    linux.spawn("client", partial(_client, pair, iterations), credit=SPENT)
    linux.spawn("server", partial(_server, pair), credit=RESTED)
    linux.strike_in_turn()


def _client(pair: SocketPair, iterations: int, linux: Linux, process: Process) -> Program:
    buffer = process.user("user_data")
    for turn in range(iterations):
        yield from linux.send(process, pair, 0, buffer, bytes([turn % 256]))
        process.output.append((yield from linux.receive(process, pair, 0, buffer, 1)))
        linux.host.recorder.mark(turn)


def _server(pair: SocketPair, linux: Linux, process: Process) -> Program:
    buffer = process.user("user_data")
    while True:
        byte = yield from linux.receive(process, pair, 1, buffer, 1)
        yield from linux.send(process, pair, 1, buffer, byte)
