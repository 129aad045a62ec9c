"""Page faults, exceptions and interrupts are messages; replies end them."""

from __future__ import annotations

import pytest

from microbench.l4 import calls
from microbench.l4.faults import EXCEPTION_LABEL, PAGE_FAULT_LABEL, translation
from microbench.l4.ipc import INTERRUPT_LABEL
from microbench.l4.model import (
    EXECUTE,
    READ,
    REGISTERS,
    WRITE,
    FaultKind,
    Message,
    Refused,
    ThreadState,
    irq_partner,
)
from microbench.l4.policy import PISTACHIO_2004
from tests.l4.support import PAGE, client_and_server, page_item

USER = tuple(range(100, 100 + REGISTERS))


def test_an_exception_carries_the_registers_and_the_reply_restores_them() -> None:
    kernel, client, server = client_and_server()
    assert kernel.seen(calls.Exception_(0, USER)) == ["exception_ipc"]
    got = kernel.result(server)
    assert got is not None
    assert got.sender == client
    assert got.message == Message(EXCEPTION_LABEL, (*USER, 0))
    assert kernel.state.threads[client].fault is FaultKind.EXCEPTION
    answer = (42, *USER[1:])
    assert kernel.seen(calls.reply_wait(client, Message(0, answer))) == ["exception_reply"]
    assert kernel.current == client
    assert kernel.state.threads[client].registers == answer
    assert kernel.state.threads[client].fault is None


def test_a_short_reply_restores_the_first_registers() -> None:
    kernel, client, _server = client_and_server()
    kernel.do(calls.Exception_(0, USER))
    kernel.do(calls.reply_wait(client, Message(0, (7,))))
    assert kernel.state.threads[client].registers == (7, *USER[1:])


def test_without_the_assembler_path_an_exception_goes_through_c() -> None:
    kernel, client, _server = client_and_server(PISTACHIO_2004)
    assert kernel.seen(calls.Exception_(0, USER))[0] == "exception_ipc_slow"
    assert kernel.seen(calls.reply_wait(client, Message(0, USER)))[0] == "ipc_slow"
    assert kernel.current == client


def test_an_exception_is_slow_if_the_handler_is_busy_or_less_urgent() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.send(server))
    kernel.do(calls.receive(1))
    assert kernel.current in (1, client)
    kernel.do(calls.ThreadSwitch(client))
    assert kernel.seen(calls.Exception_(0, USER))[0] == "exception_ipc_slow"
    assert kernel.state.threads[client].state is ThreadState.SENDING
    low, client, server = client_and_server(server_at=10)
    assert low.seen(calls.Exception_(0, USER))[0] == "exception_ipc_slow"


def test_the_wrong_number_of_registers_is_refused() -> None:
    kernel, *_ = client_and_server()
    with pytest.raises(Refused):
        kernel.do(calls.Exception_(0, (1, 2)))


def test_a_page_fault_reaches_the_pager_and_its_mapping_ends_it() -> None:
    kernel, client, server = client_and_server()
    _give(kernel, server, 3)
    kernel.do(calls.PageFault(0x8000, READ, 0x100))
    got = kernel.result(server)
    assert got is not None
    assert got.message == Message(PAGE_FAULT_LABEL, (0x8000, 0x100, READ))
    reply = calls.reply_wait(client, Message(0, (), (page_item(3, 8),)))
    assert kernel.seen(reply)[-2:] == ["section_sync", "thread_switch"]
    space = kernel.state.spaces[kernel.state.threads[client].space]
    assert space.pages[8].frame == 3
    assert kernel.current == client
    assert translation(kernel.state, space, 0x8000, READ) == "present"
    with pytest.raises(Refused):
        kernel.do(calls.PageFault(0x8000, READ))


def test_a_page_without_the_right_faults_again() -> None:
    kernel, client, server = client_and_server()
    _give(kernel, server, 3)
    kernel.do(calls.PageFault(0x8000, READ))
    kernel.do(calls.reply_wait(client, Message(0, (), (page_item(3, 8, READ | EXECUTE),))))
    assert kernel.seen(calls.PageFault(0x8000, WRITE))[0] == "page_fault_ipc"
    assert kernel.current == server


def test_a_page_mapped_without_a_fault_costs_one_for_its_section() -> None:
    kernel, client, _server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    space = kernel.state.spaces[kernel.state.threads[client].space]
    kernel.do(calls.MapControl(1, space.sid, (page_item(3, 8),)))
    kernel.do(calls.ThreadSwitch(client))
    assert translation(kernel.state, space, 0x8000, READ) == "section"
    assert kernel.seen(calls.PageFault(0x8000, READ)) == ["section_fill"]
    assert translation(kernel.state, space, 0x8000, READ) == "present"


def test_an_empty_reply_resumes_the_faulting_thread() -> None:
    kernel, client, _server = client_and_server()
    kernel.do(calls.PageFault(0x8000, READ))
    assert kernel.seen(calls.reply_wait(client)) == ["page_fault_reply"]
    assert kernel.current == client


def _give(kernel, server: int, page: int) -> None:  # type: ignore[no-untyped-def]
    """The root maps a page of its own into the server's space."""
    client = kernel.current
    kernel.do(calls.ThreadSwitch(1))
    target = kernel.state.threads[server].space
    assert kernel.do(calls.MapControl(1, target, (page_item(page, page),))) == 1
    kernel.do(calls.ThreadSwitch(client))


def test_a_thread_without_pager_halts() -> None:
    kernel, _client, server = client_and_server()
    kernel.do(calls.call(server))
    assert kernel.seen(calls.PageFault(0x8000, READ))[0] == "thread_halt"
    assert kernel.state.threads[server].state is ThreadState.INACTIVE
    assert kernel.current == 1


@pytest.mark.parametrize(
    ("call", "how"),
    [
        (calls.PageFault(PAGE, EXECUTE), "prefetch_abort"),
        (calls.PageFault(PAGE, WRITE), "data_abort"),
        (calls.Exception_(0), "swi"),
        (calls.Exception_(4), "undefined"),
        (calls.Tick(), "irq"),
        (calls.receive(), "prefetch_abort"),
    ],
)
def test_how_user_mode_is_left(call: object, how: str) -> None:
    kernel, _client, _ = client_and_server()
    kernel.log.events.clear()
    kernel.do(call)
    first, last = kernel.log.events[0], kernel.log.events[-1]
    assert (first.kind, first.detail["how"]) == ("trap", how)
    assert last.kind == "trap_return"


def test_an_interrupt_wakes_its_handler_and_stays_masked_until_acknowledged() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.IrqAttach(3, server))
    kernel.do(calls.ThreadSwitch(client))
    assert kernel.seen(calls.Interrupt(3))[:2] == ["interrupt_entry", "interrupt_ipc"]
    assert kernel.current == server
    got = kernel.result(server)
    assert got is not None
    assert (got.sender, got.message.label) == (irq_partner(3), INTERRUPT_LABEL)
    with pytest.raises(Refused):
        kernel.do(calls.Interrupt(3))
    kernel.do(calls.Ipc(irq_partner(3), calls.ANY))
    assert kernel.current == client
    kernel.do(calls.Interrupt(3))
    assert kernel.current == server


def test_an_interrupt_waits_for_a_busy_handler() -> None:
    kernel, client, server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.IrqAttach(3, server))
    kernel.do(calls.ThreadSwitch(client))
    kernel.do(calls.call(server))
    assert kernel.seen(calls.Interrupt(3)) == ["interrupt_entry"]
    kernel.do(calls.receive())
    got = kernel.result(server)
    assert kernel.current == server
    assert got is not None
    assert got.sender == irq_partner(3)


def test_the_tick_takes_turns_among_equals() -> None:
    kernel, client, _server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.ThreadModify(1, priority=98))
    assert kernel.current == 1
    kernel.do(calls.Tick())
    assert kernel.current == client
    kernel.do(calls.Tick())
    assert kernel.current == 1
