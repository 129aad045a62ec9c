"""What the interface refuses, by whichever call it comes; and interrupts answered too early."""

from __future__ import annotations

import pytest

from microbench.l4 import calls
from microbench.l4.model import (
    ANY,
    Fpage,
    IpcError,
    MapItem,
    Message,
    Refused,
    ThreadState,
    irq_partner,
)
from tests.l4.support import Checked, client_and_server, page_item, spawn, words

BAD_ITEMS = (
    MapItem(Fpage(4096, 12), 2048, 7),
    MapItem(Fpage(2048, 12), 4096, 7),
    MapItem(Fpage(4096, 11), 4096, 7),
    MapItem(Fpage(4096, 33), 4096, 7),
    MapItem(Fpage(4096, 12), 4096, 0),
    MapItem(Fpage(4096, 12), 4096, 8),
    MapItem(Fpage(1 << 32, 12), 4096, 7),
)


@pytest.mark.parametrize("item", BAD_ITEMS)
def test_an_item_is_checked_alike_in_map_control_and_in_a_message(item: MapItem) -> None:
    kernel, _, server = client_and_server()
    with pytest.raises(Refused):
        kernel.do(calls.call(server, Message(0, (), (item,))))
    root = Checked()
    with pytest.raises(Refused):
        root.do(calls.MapControl(1, 1, (item,)))


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        (words(*range(63)), True),
        (words(*range(64)), False),
        (Message(0, tuple(range(61)), (page_item(1, 1),)), True),
        (Message(0, tuple(range(62)), (page_item(1, 1),)), False),
        (words((1 << 32) - 1), True),
        (words(1 << 32), False),
        (words(-1), False),
    ],
)
def test_a_message_fits_its_registers_or_is_refused(message: Message, fits: bool) -> None:
    kernel, client, server = client_and_server()
    if fits:
        kernel.do(calls.call(server, message))
        assert kernel.result(server) == (client, message, None)
        return
    with pytest.raises(Refused):
        kernel.do(calls.call(server, message))


def pending() -> Checked:
    """The root handles interrupt 0, which came while it did something else."""
    kernel = Checked()
    kernel.do(calls.IrqAttach(0, 1))
    kernel.do(calls.Interrupt(0))
    return kernel


def test_an_interrupt_not_yet_received_cannot_be_acknowledged() -> None:
    kernel = pending()
    kernel.do(calls.send(irq_partner(0), waits=False))
    result = kernel.result(1)
    assert result is not None
    assert result.error is IpcError.SEND_TIMEOUT
    assert (kernel.state.irq_pending, kernel.state.irq_masked) == ({0}, {0})
    kernel.do(calls.receive(irq_partner(0)))
    assert kernel.state.irq_pending == set()
    kernel.do(calls.send(irq_partner(0), waits=False))
    assert kernel.state.irq_masked == set()
    kernel.do(calls.Interrupt(0))
    assert kernel.state.irq_pending == {0}


def test_waiting_to_acknowledge_ends_with_the_handler_s_detachment() -> None:
    kernel = pending()
    other = spawn(kernel, 1, 10)
    kernel.do(calls.send(irq_partner(0)))
    assert kernel.current == other
    assert kernel.state.threads[1].state is ThreadState.SENDING
    kernel.do(calls.IrqAttach(0, 0))
    result = kernel.result(1)
    assert result is not None
    assert result.error is IpcError.ABORTED


@pytest.mark.parametrize("give", [calls.ThreadSwitch, calls.call])
def test_a_donated_time_slice_ends_with_the_next_tick(give: type) -> None:
    kernel = Checked()
    low = spawn(kernel, 1, 1)
    urgent = spawn(kernel, 1, 200)
    kernel.do(calls.ThreadModify(1, priority=100))
    while kernel.current != low:
        kernel.do(calls.ThreadSwitch(low))
    if give is calls.call:
        kernel.do(calls.receive(ANY))
        while kernel.current != 1:
            kernel.do(calls.ThreadSwitch(1))
        kernel.do(calls.call(low))
    assert kernel.current == low
    kernel.do(calls.Tick())
    assert kernel.current == urgent


def test_a_tick_leaves_the_most_urgent_alone() -> None:
    kernel = Checked()
    spawn(kernel, 1, 1)
    before = kernel.kinds(calls.Tick())
    assert kernel.current == 1
    assert "switch" not in before
