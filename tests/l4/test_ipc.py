"""Rendezvous, timeouts, open and closed receive, donation and priorities."""

from __future__ import annotations

import pytest

from microbench.l4 import calls
from microbench.l4.model import ANY, IpcError, Refused, Result, ThreadState
from microbench.l4.policy import OKL4_2007, PISTACHIO_2004
from tests.l4.support import Checked, client_and_server, spawn, words


def test_call_and_reply_bring_the_words() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.call(server, words(1, 2)))
    assert kernel.current == server
    assert kernel.result(server) == Result(client, words(1, 2))
    kernel.do(calls.reply_wait(client, words(3)))
    assert kernel.current == client
    assert kernel.result(client) == Result(server, words(3))
    assert kernel.state.threads[server].partner == ANY


def test_send_waits_for_a_receiver_and_goes_on_when_it_comes() -> None:
    kernel, client, server = client_and_server(server_at=50)
    kernel.do(calls.call(server, words(1)))
    assert kernel.current == server
    kernel.do(calls.reply_wait(client, words(0), source=1))
    kernel.do(calls.send(server, words(9)))
    assert kernel.state.threads[client].state is ThreadState.SENDING
    assert kernel.current == 1
    kernel.do(calls.send(server, words(5)))
    assert kernel.current == server
    assert kernel.result(server) == Result(1, words(5))
    kernel.do(calls.receive())
    assert kernel.result(server) == Result(client, words(9))
    assert kernel.current == client


def test_zero_send_timeout_gives_up() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.call(server))
    kernel.do(calls.send(client, words(1)))
    kernel.do(calls.ThreadSwitch(client))
    kernel.do(calls.send(server, words(1), waits=False))
    result = kernel.result(kernel.current)
    assert kernel.current == client
    assert result is not None
    assert result.error is IpcError.SEND_TIMEOUT


def test_zero_receive_timeout_gives_up() -> None:
    kernel, client, _ = client_and_server()
    kernel.do(calls.receive(waits=False))
    result = kernel.result(client)
    assert kernel.current == client
    assert result is not None
    assert result.error is IpcError.RECEIVE_TIMEOUT


def test_closed_receive_leaves_others_in_the_queue() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.call(server))
    third = 0
    kernel.do(calls.receive(1))
    assert kernel.current == 1
    third = spawn(kernel, kernel.state.threads[client].space, 97)
    kernel.do(calls.ThreadSwitch(third))
    assert kernel.current == third
    kernel.do(calls.send(server, words(8)))
    assert kernel.current == 1
    kernel.do(calls.send(server, words(4)))
    assert kernel.result(server) == Result(1, words(4))
    kernel.do(calls.receive())
    assert kernel.result(server) == Result(third, words(8))


def test_open_receive_takes_senders_in_order() -> None:
    kernel, _client, server = client_and_server()
    kernel.do(calls.call(server))
    kernel.do(calls.receive(1))
    kernel.do(calls.ThreadSwitch(1))
    senders = []
    for _ in range(2):
        senders.append(spawn(kernel, 2, 90))
        kernel.do(calls.call(server, words(kernel.current)))
        kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.send(server))
    got = []
    for _ in senders:
        kernel.do(calls.receive())
        result = kernel.result(server)
        assert result is not None
        got.append(result.sender)
    assert got == senders


def test_donation_runs_the_receiver_whatever_its_priority() -> None:
    kernel, _client, server = client_and_server(PISTACHIO_2004, server_at=10)
    other = _rival(kernel)
    kernel.do(calls.call(server))
    assert kernel.current == server
    assert kernel.state.threads[other].state is ThreadState.READY


def test_a_kernel_with_priority_test_runs_the_most_urgent() -> None:
    kernel, _client, server = client_and_server(OKL4_2007, server_at=10)
    other = _rival(kernel)
    kernel.do(calls.call(server))
    assert kernel.current == other
    assert kernel.state.threads[server].state is ThreadState.READY


def _rival(kernel: Checked) -> int:
    """A ready thread between the server and the client in priority."""
    client = kernel.current
    kernel.do(calls.ThreadSwitch(1))
    rival = spawn(kernel, 2, 50)
    kernel.do(calls.ThreadSwitch(client))
    return rival


def test_send_to_a_more_urgent_receiver_preempts_the_sender() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.send(server, words(1)))
    assert kernel.current == server
    kernel.do(calls.receive())
    assert kernel.current == client


def test_send_to_a_less_urgent_receiver_does_not() -> None:
    kernel, client, server = client_and_server(server_at=10)
    kernel.do(calls.send(server, words(1)))
    assert kernel.current == client


def test_calling_back_a_caller_answers_it() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.call(server))
    kernel.do(calls.call(client, words(6)))
    assert kernel.current == client
    assert kernel.result(client) == Result(server, words(6))


def test_two_threads_that_send_to_each_other_wait_for_ever_and_others_go_on() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.send(server))
    kernel.do(calls.send(client))
    kernel.do(calls.send(server))
    assert kernel.current == 1
    states = [kernel.state.threads[t].state for t in (client, server)]
    assert states == [ThreadState.SENDING] * 2


@pytest.mark.parametrize(
    "call",
    [
        calls.Ipc(),
        calls.send(ANY),
        calls.send(77),
        calls.receive(77),
        calls.receive(calls.REGISTERS * -100),
    ],
)
def test_an_ipc_with_nobody_is_refused(call: calls.Ipc) -> None:
    kernel, *_ = client_and_server()
    with pytest.raises(Refused):
        kernel.do(call)


def test_words_beyond_the_registers_are_copied() -> None:
    kernel, _client, server = client_and_server()
    kernel.log.events.clear()
    kernel.do(calls.call(server, words(*range(7))))
    copies = [e.detail["words"] for e in kernel.log.events if e.kind == "copy"]
    assert copies == [3]
