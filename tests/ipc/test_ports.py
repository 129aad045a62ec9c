"""Ports: who may send and receive, how much waits, who waits."""

from __future__ import annotations

import pytest

from microbench.ipc.ports import QUEUE_LIMIT, Names, Port, Right, RightsError, connected


def test_a_port_is_full_with_exactly_its_limit() -> None:
    port = Port(1)
    for _ in range(QUEUE_LIMIT):
        assert not port.full
        port.queue.append((0, ()))
    assert port.full


def test_the_client_sends_requests_and_the_server_replies() -> None:
    requests, replies, names = connected()
    assert (requests.number, replies.number) == (1, 2)
    assert names[1].port("request", Right.SEND) is requests
    assert names[2].port("request", Right.RECEIVE) is requests
    assert names[2].port("reply", Right.SEND) is replies
    assert names[1].port("reply", Right.RECEIVE) is replies


@pytest.mark.parametrize(
    ("task", "name", "right"),
    [
        (1, "request", Right.RECEIVE),
        (1, "reply", Right.SEND),
        (2, "request", Right.SEND),
        (2, "reply", Right.RECEIVE),
        (1, "other", Right.SEND),
    ],
)
def test_every_other_right_is_refused_by_name(task: int, name: str, right: Right) -> None:
    with pytest.raises(RightsError, match=f"task {task} has no {right.name} right to '{name}'"):
        connected()[2][task].port(name, right)


def test_at_first_the_server_waits_for_requests() -> None:
    requests, replies, names = connected()
    assert (requests.waiting, replies.waiting) == (2, None)
    assert names[1].receivable() == [replies]
    assert names[2].receivable() == [requests]


def test_a_name_may_carry_both_rights() -> None:
    port = Port(7)
    both = Names(1, {"x": (port, Right.SEND | Right.RECEIVE)})
    assert both.port("x", Right.SEND) is both.port("x", Right.RECEIVE) is port
    assert both.receivable() == [port]
