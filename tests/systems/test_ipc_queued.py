"""Queued IPC: messages wait in ports, rights are checked, and all of that is dearer."""

from __future__ import annotations

import pytest

from microbench.ipc.kernels import named_kernel
from microbench.ipc.ports import QUEUE_LIMIT, Right, RightsError
from microbench.ipc.queued import QueuedIpc
from microbench.run.ipc import measured
from microbench.run.setup import prepare
from microbench.trace import ops
from microbench.workloads.lat_ipc import LatIpc


def fresh(same_space: bool = False) -> QueuedIpc:
    return QueuedIpc(named_kernel("mach"), same_space)


def test_round_trips_deliver_both_messages() -> None:
    system = fresh()
    system.run(3, 2)
    assert system.received == [(0, 1, 2), (0, 1, 2), (1, 2, 3), (1, 2, 3)]
    assert sorted(system.free) == list(range(len(system.free)))


def test_messages_queue_in_order_until_the_port_is_full() -> None:
    system = fresh()
    for turn in range(QUEUE_LIMIT):
        assert system.send("request", (turn,))
    assert not system.send("request", (9,))
    assert [words for _, words in system.requests.queue] == [(n,) for n in range(QUEUE_LIMIT)]
    system.receive("reply")
    assert system.current == 2
    assert system.received == [(0,)]


def test_names_without_the_right_are_refused() -> None:
    system = fresh()
    for name, right in (("reply", Right.SEND), ("request", Right.RECEIVE), ("x", Right.SEND)):
        with pytest.raises(RightsError, match=name):
            system.names[1].port(name, right)
    with pytest.raises(RightsError):
        system.send("reply", ())
    assert len(system.free) > 0


def test_one_space_does_not_switch() -> None:
    kinds = {same: fresh(same).run(0, 2).operations[:, 0].tolist() for same in (True, False)}
    switches = {same: rows.count(ops.SWITCH) for same, rows in kinds.items()}
    assert switches == {True: 4, False: 4}
    spaces = {same: set(fresh(same).spaces.values()) for same in (True, False)}
    assert spaces == {True: {1}, False: {1, 2}}


@pytest.mark.parametrize("machine", ["pentium3", "k8", "r4700", "pxa255", "skylake"])
def test_queues_cost_more_than_rendezvous_even_at_their_cheapest(machine: str) -> None:
    setup = prepare(machine)
    queued = measured(LatIpc(kind="queued"), setup, "low").cycles
    assert queued > measured(LatIpc(), setup, "low").cycles


def test_longer_messages_are_copied_twice() -> None:
    setup = prepare("r4700")
    short, long = (measured(LatIpc(words=n, kind="queued"), setup).cycles for n in (0, 64))
    one = measured(LatIpc(words=8), setup).cycles
    direct = measured(LatIpc(words=8 + 64 - 9), setup).cycles - one
    assert long - short > direct
