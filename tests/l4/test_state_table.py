"""Every state of a target thread times every call on it, as a table.

A cell says the state of the target afterwards, or `refused`. A refused call leaves the
kernel as it was and reports nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest

from microbench.l4 import calls
from microbench.l4.model import READ, Refused
from tests.l4.support import PAGE, Checked, client_and_server, page_item, spawn

STATES = (
    "inactive",
    "ready",
    "running",
    "sending to root",
    "receiving from root",
    "receiving from any",
    "receiving from another",
    "in a page fault",
    "in an exception",
    "dead",
)


def target_in(state: str) -> tuple[Checked, int]:
    """A kernel whose root runs (unless `running`), and a target in the named state."""
    kernel, target, other = client_and_server()
    reach = {
        "sending to root": calls.send(1),
        "receiving from root": calls.receive(1),
        "receiving from any": calls.receive(),
        "receiving from another": calls.receive(other),
        "in a page fault": calls.PageFault(5 * PAGE, READ),
        "in an exception": calls.Exception_(0),
    }.get(state)
    if state == "running":
        kernel.state.spaces[kernel.state.threads[target].space].privileged = True
        return kernel, target
    if reach is not None:
        kernel.do(reach)
    if kernel.current != 1:
        kernel.do(calls.ThreadSwitch(1))
    if state == "inactive":
        kernel.do(calls.ThreadStop(target))
    if state == "dead":
        kernel.do(calls.ThreadDelete(target))
    return kernel, target


Make = Callable[[int], object]
CALLS: dict[str, Make] = {
    "send, zero timeout": lambda t: calls.send(t, waits=False),
    "receive, zero timeout": lambda t: calls.receive(t, waits=False),
    "call": lambda t: calls.call(t),
    "start": lambda t: calls.ThreadStart(t),
    "stop": lambda t: calls.ThreadStop(t),
    "delete": lambda t: calls.ThreadDelete(t),
    "priority": lambda t: calls.ThreadModify(t, priority=3),
    "registers": lambda t: calls.Registers(t),
    "switch": lambda t: calls.ThreadSwitch(t),
    "attach": lambda t: calls.IrqAttach(9, t),
}

R, S, W, X = "ready", "sending", "receiving", "refused"
I, D = "inactive", "dead"  # noqa: E741
#   columns: the order of CALLS
#                           send rcv call start stop del prio regs swi  att
TABLE = {
    "inactive":               (I, I, I, R, X, D, I, I, I, I),
    "ready":                  (R, R, R, X, I, D, R, R, R, R),
    "running":                (X, X, X, X, I, X, R, X, R, R),
    "sending to root":        (S, R, S, X, I, D, S, S, S, S),
    "receiving from root":    (R, W, R, X, I, D, W, W, W, W),
    "receiving from any":     (R, W, R, X, I, D, W, W, W, W),
    "receiving from another": (W, W, W, X, I, D, W, W, W, W),
    "in a page fault":        (W, W, W, X, I, D, W, W, W, W),
    "in an exception":        (W, W, W, X, I, D, W, W, W, W),
    "dead":                   (X, X, X, X, X, X, X, X, X, X),
}  # fmt: skip
CELLS = [
    (state, call, TABLE[state][column]) for state in STATES for column, call in enumerate(CALLS)
]


@pytest.mark.parametrize(("state", "call", "expected"), CELLS)
def test_cell(state: str, call: str, expected: str) -> None:
    kernel, target = target_in(state)
    request = CALLS[call](target)
    before = deepcopy(kernel.state)
    kernel.log.events.clear()
    if expected == "refused":
        with pytest.raises(Refused):
            kernel.do(request)
        assert kernel.state == before
        assert kernel.log.events == []
        return
    kernel.do(request)
    now = kernel.state.threads.get(target)
    assert (str(now.state) if now else "dead") == expected


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(STATES)
    assert {len(row) for row in TABLE.values()} == {len(CALLS)}


ILLEGAL = [
    calls.Ipc(),
    calls.send(99),
    calls.MapControl(1, 99, ()),
    calls.MapControl(1, 2, (page_item(1, 1, rights=0),)),
    calls.MapControl(1, 2, (page_item(1, 1, rights=8),)),
    calls.MapControl(1, 2, (page_item(1, 1 << 20),)),
    calls.MapControl(1, 2, (page_item(1, 1)._replace(fpage=calls.Fpage(PAGE, 13)),)),
    calls.MapControl(1, 2, (page_item(1, 1)._replace(fpage=calls.Fpage(0, 11)),)),
    calls.Unmap(calls.Fpage(0, 12), 0),
    calls.SpaceCreate(128),
    calls.SpaceCreate(-1),
    calls.SpaceDelete(1),
    calls.SpaceDelete(2),
    calls.SpaceDelete(99),
    calls.SpaceSlot(99, 1),
    calls.ThreadCreate(99, 1),
    calls.ThreadCreate(2, 256),
    calls.ThreadCreate(2, -1),
    calls.ThreadCreate(2, 1, pager=99),
    calls.ThreadDelete(1),
    calls.ThreadModify(2, priority=900),
    calls.ThreadModify(2, handler=99),
    calls.ThreadStart(2, (1, 2)),
    calls.Registers(1),
    calls.Registers(2, (1,)),
    calls.IrqAttach(-1, 2),
    calls.IrqAttach(1, 99),
    calls.Interrupt(5),
    calls.PageFault(-(1 << 12), READ),
    "no call at all",
]


@pytest.mark.parametrize("call", ILLEGAL, ids=repr)
def test_an_illegal_call_changes_nothing(call: object) -> None:
    kernel, _target = target_in("ready")
    before = deepcopy(kernel.state)
    kernel.log.events.clear()
    with pytest.raises(Refused):
        kernel.do(call)
    assert kernel.state == before
    assert kernel.log.events == []


PRIVILEGED = [
    calls.MapControl(1, 2, ()),
    calls.Unmap(calls.Fpage(0, 12), 7, space=2),
    calls.SpaceCreate(),
    calls.SpaceDelete(2),
    calls.SpaceSlot(2, 3),
    calls.ThreadCreate(2, 1),
    calls.ThreadDelete(2),
    calls.ThreadStart(2),
    calls.ThreadStop(2),
    calls.ThreadModify(2, priority=1),
    calls.Registers(2),
    calls.IrqAttach(1, 2),
]


@pytest.mark.parametrize("call", PRIVILEGED, ids=repr)
def test_only_privileged_spaces_control(call: object) -> None:
    kernel, *_ = client_and_server()
    before = deepcopy(kernel.state)
    with pytest.raises(Refused, match="not privileged"):
        kernel.do(call)
    assert kernel.state == before


def test_an_idle_kernel_takes_only_interrupts() -> None:
    kernel = Checked()
    handler = spawn(kernel, 1, 9)
    kernel.do(calls.IrqAttach(2, handler))
    kernel.do(calls.receive())
    kernel.do(calls.receive())
    assert kernel.current == 0
    with pytest.raises(Refused):
        kernel.do(calls.receive())
    kernel.do(calls.Tick())
    kernel.do(calls.Interrupt(2))
    assert kernel.current == handler
