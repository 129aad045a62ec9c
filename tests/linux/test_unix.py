"""Socket pairs move bytes; the spurious wake-up costs switches only under unequal priority."""

from __future__ import annotations

from functools import partial

import pytest

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.unix import SocketPair
from microbench.systems.native import Native


def client(pair: SocketPair, rounds: int, linux: Linux, process: Process) -> Program:
    buffer = process.user("user_data")
    for i in range(rounds):
        yield from linux.send(process, pair, 0, buffer, bytes([i]))
        process.output.append((yield from linux.receive(process, pair, 0, buffer, 1)))


def server(pair: SocketPair, linux: Linux, process: Process) -> Program:
    buffer = process.user("user_data")
    while True:
        byte = yield from linux.receive(process, pair, 1, buffer, 1)
        yield from linux.send(process, pair, 1, buffer, bytes([byte[0] ^ 255]))


@pytest.mark.parametrize(("priority", "switches"), [(115, 4), (120, 2)])
def test_switches_of_a_round_trip_follow_from_priority(priority: int, switches: int) -> None:
    linux = Linux(Native())
    pair = linux.socket_pair()
    first = linux.spawn("client", partial(client, pair, 40), priority=120)
    linux.spawn("server", partial(server, pair), priority=priority)
    linux.run()
    assert first.output == [bytes([i ^ 255]) for i in range(40)]
    assert linux.scheduler.switches / 40 == pytest.approx(switches, abs=0.1)
