"""The fast path is taken exactly when all of its conditions hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from microbench.l4 import calls, fastpath
from microbench.l4.model import Message
from microbench.l4.policy import NICTA_2006, OKL4_2007, PISTACHIO_2004, Policy
from tests.l4.support import Checked, client_and_server, page_item, spawn, words

Spoil = Callable[[Checked, int, int], calls.Ipc]


def _send_only(kernel: Checked, client: int, server: int) -> calls.Ipc:
    return calls.send(server)


def _no_send(kernel: Checked, client: int, server: int) -> calls.Ipc:
    return calls.receive(server)


def _typed(kernel: Checked, client: int, server: int) -> calls.Ipc:
    return calls.call(server, Message(0, (), (page_item(1, 1),)))


def _long(kernel: Checked, client: int, server: int) -> calls.Ipc:
    return calls.call(server, words(*range(kernel.context.policy.fast_words + 1)))


def _finite(kernel: Checked, client: int, server: int) -> calls.Ipc:
    return calls.Ipc(server, server, receive_waits=False)


def _busy(kernel: Checked, client: int, server: int) -> calls.Ipc:
    return calls.call(1)


def _resources(kernel: Checked, client: int, server: int) -> calls.Ipc:
    kernel.state.threads[server].resources = True
    return calls.call(server)


def _no_domain(kernel: Checked, client: int, server: int) -> calls.Ipc:
    space = kernel.state.spaces[kernel.state.threads[server].space]
    kernel.state.domains.owner[space.domain or 0] = None
    space.domain = None
    return calls.call(server)


def _queued(kernel: Checked, client: int, server: int) -> calls.Ipc:
    kernel.do(calls.ThreadSwitch(1))
    sender = spawn(kernel, 2, 99)
    assert kernel.current == sender
    kernel.do(calls.send(client, words(1)))
    kernel.do(calls.ThreadSwitch(client))
    return calls.reply_wait(server)


SPOILERS: dict[str, Spoil] = {
    "sends": _no_send,
    "receives for ever": _send_only,
    "plain message": _typed,
    "partner waits": _busy,
    "no resources": _resources,
    "has domain": _no_domain,
    "will block": _queued,
}


def test_the_plain_call_is_fast() -> None:
    kernel, _, server = client_and_server()
    assert kernel.seen(calls.call(server)) == ["ipc_fast_call_inter"]


@pytest.mark.parametrize("name", SPOILERS)
def test_each_condition_alone_sends_an_ipc_the_slow_way(name: str) -> None:
    kernel, client, server = client_and_server()
    call = SPOILERS[name](kernel, client, server)
    caller = kernel.state.threads[client]
    assert name in fastpath.failed(kernel.context, caller, call)
    assert "ipc_slow" in kernel.seen(call)


@pytest.mark.parametrize(
    ("spoil", "policy"), [(_long, OKL4_2007), (_finite, NICTA_2006), (_finite, OKL4_2007)]
)
def test_other_ways_to_break_a_condition(spoil: Spoil, policy: Policy) -> None:
    kernel, client, server = client_and_server(policy)
    call = spoil(kernel, client, server)
    assert len(fastpath.failed(kernel.context, kernel.state.threads[client], call)) == 1
    assert "ipc_slow" in kernel.seen(call)


@pytest.mark.parametrize(("policy", "longest"), [(NICTA_2006, 63), (OKL4_2007, 31)])
def test_the_longest_fast_message(policy: Policy, longest: int) -> None:
    kernel, _, server = client_and_server(policy)
    path = kernel.seen(calls.call(server, words(*range(longest))))
    assert path == ["ipc_fast_call_inter"]


def test_a_waiting_interrupt_makes_an_open_wait_slow() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.IrqAttach(3, client))
    kernel.do(calls.ThreadSwitch(client))
    kernel.do(calls.Interrupt(3))
    call = calls.reply_wait(server)
    assert fastpath.failed(kernel.context, kernel.state.threads[client], call) == ["will block"]


@pytest.mark.parametrize("same", [True, False])
def test_one_space_or_two(same: bool) -> None:
    kernel, client, server = client_and_server(same_space=same)
    where = "intra" if same else "inter"
    assert kernel.seen(calls.call(server)) == [f"ipc_fast_call_{where}"]
    assert kernel.seen(calls.reply_wait(client)) == [f"ipc_fast_reply_wait_{where}"]


def test_a_kernel_without_the_same_space_test_always_takes_the_long_path() -> None:
    kernel, _, server = client_and_server(OKL4_2007, same_space=True)
    assert kernel.seen(calls.call(server)) == ["ipc_fast_call_inter"]
    assert "switch" not in [e.kind for e in kernel.log.events]


def test_only_a_switch_of_space_is_reported_as_one() -> None:
    for same, switches in ((True, 0), (False, 1)):
        kernel, _, server = client_and_server(same_space=same)
        assert kernel.kinds(calls.call(server)).count("switch") == switches


def test_the_priority_test_of_2007() -> None:
    for policy, path in ((PISTACHIO_2004, "ipc_fast_call_inter"), (OKL4_2007, "ipc_slow")):
        kernel, client, server = client_and_server(policy, server_at=10)
        kernel.do(calls.ThreadSwitch(1))
        spawn(kernel, 2, 50)
        kernel.do(calls.ThreadSwitch(client))
        assert kernel.seen(calls.call(server))[0] == path


def test_the_priority_test_lets_an_equal_pass() -> None:
    kernel, client, server = client_and_server(OKL4_2007, server_at=50)
    kernel.do(calls.ThreadSwitch(1))
    spawn(kernel, 2, 50)
    kernel.do(calls.ThreadSwitch(client))
    assert kernel.seen(calls.call(server)) == ["ipc_fast_call_inter"]


def test_closed_wait_for_a_third_thread() -> None:
    for policy, path in ((PISTACHIO_2004, "ipc_fast_reply_wait_inter"), (OKL4_2007, "ipc_slow")):
        kernel, _client, server = client_and_server(policy)
        assert kernel.seen(calls.reply_wait(server, source=1))[0] == path


def test_conditions_change_nothing() -> None:
    from copy import deepcopy

    kernel, client, server = client_and_server()
    before = deepcopy(kernel.state)
    fastpath.failed(kernel.context, kernel.state.threads[client], calls.call(server))
    assert kernel.state == before
