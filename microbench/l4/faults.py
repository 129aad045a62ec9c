"""Faults as messages: page-fault IPC, exception IPC and interrupt IPC.

Knows: a fault is a call which the kernel makes in the name of the thread, to its pager or
handler; the reply ends it. Refuses to know: whether the pager is right.
"""

from __future__ import annotations

from microbench.l4 import fastpath
from microbench.l4.calls import Exception_, Interrupt, Ipc, PageFault, Tick, call
from microbench.l4.context import Context, parties, tcb, utcb
from microbench.l4.domains import fill_section
from microbench.l4.events import ref
from microbench.l4.ipc import INTERRUPT_LABEL, exchange
from microbench.l4.mapdb import lookup, translation
from microbench.l4.model import (
    ALL_RIGHTS,
    ANY,
    NIL,
    PAGE_BITS,
    REGISTERS,
    FaultKind,
    Message,
    Place,
    Refused,
    Result,
    Thread,
    ThreadState,
    irq_partner,
)
from microbench.l4.schedule import leave, tick, wake

PAGE_FAULT_LABEL = -2
EXCEPTION_LABEL = -5
FAST_EXCEPTION = tuple(
    test
    for name, test in fastpath.CONDITIONS.items()
    if name not in ("plain message", "urgent enough")
)
"""An exception's registers are no message, and how urgent its handler is was asked already."""


def page_fault(ctx: Context, thread: Thread, event: PageFault) -> None:
    """A failed translation: filled by the kernel if it is only the section, else sent on.

    Raises
    ------
    Refused
        If the machine should have translated the address, or has no such access.
    """
    if not 0 <= event.address < 1 << 32 or not 0 < event.access <= ALL_RIGHTS:
        raise Refused(f"access {event.access} at {event.address:#x}")
    space = ctx.state.spaces[thread.space]
    missing = translation(ctx.state, space, event.address, event.access)
    if missing == "present":
        raise Refused(f"no fault at {event.address:#x} in space {space.sid}")
    if missing == "section":
        page = event.address >> PAGE_BITS
        lookup(ctx.state, Place(space.sid, page))
        fill_section(ctx.state, space, page, ctx.sink)
        return
    thread.fault_address = event.address
    words = (event.address, event.ip, event.access)
    _raise_to(ctx, thread, thread.pager, FaultKind.PAGE_FAULT, Message(PAGE_FAULT_LABEL, words))


def exception(ctx: Context, thread: Thread, event: Exception_) -> None:
    """A trap that is not a kernel call: the registers go to the handler, the reply back.

    Raises
    ------
    Refused
        If the register set has the wrong size.
    """
    if len(event.registers) != REGISTERS:
        raise Refused(f"{len(event.registers)} registers instead of {REGISTERS}")
    thread.registers = event.registers
    message = Message(EXCEPTION_LABEL, (*event.registers, event.number))
    _raise_to(ctx, thread, thread.handler, FaultKind.EXCEPTION, message)


def _raise_to(ctx: Context, thread: Thread, to: int, kind: FaultKind, message: Message) -> None:
    """Call `to` in the name of `thread`; a thread without pager or handler halts."""
    if to not in ctx.state.threads or to == thread.tid:
        thread.state = ThreadState.INACTIVE
        ctx.sink.path("thread_halt", from_tcb=tcb(thread))
        leave(ctx, thread)
        return
    message_call = call(to, message)
    fast = kind is FaultKind.EXCEPTION and _fast_exception(ctx, thread, message_call)
    thread.result, thread.fault, thread.in_kernel = None, kind, True
    name = "page_fault_ipc" if kind is FaultKind.PAGE_FAULT else "exception_ipc"
    if kind is FaultKind.EXCEPTION and not fast:
        name = "exception_ipc_slow"
    _report(ctx, thread, ctx.state.threads[to], name)
    exchange(ctx, thread, message_call, fast)


def _fast_exception(ctx: Context, thread: Thread, message_call: Ipc) -> bool:
    """As for any call, but the handler must be as urgent and nobody be sending to the thread."""
    if not ctx.policy.exception_fast:
        return False
    quiet = not ctx.state.send_queues.get(thread.tid)
    urgent = ctx.state.threads[message_call.to].priority >= thread.priority
    return quiet and urgent and fastpath.holds(ctx, thread, message_call, FAST_EXCEPTION)


def _report(ctx: Context, thread: Thread, to: Thread, name: str) -> None:
    ctx.sink.path(name, **parties(thread, to), user_text=ref("user_text", thread.tid))


def interrupt(ctx: Context, event: Interrupt) -> None:
    """An interrupt line: masked until its handler, to which it is sent, acknowledges.

    Raises
    ------
    Refused
        If the line is masked or nobody handles it.
    """
    state = ctx.state
    if event.irq in state.irq_masked or event.irq not in state.irq_handler:
        raise Refused(f"interrupt {event.irq} is masked or has no handler")
    handler = state.threads[state.irq_handler[event.irq]]
    state.irq_masked.add(event.irq)
    ctx.sink.path("interrupt_entry", irq=ref("irq_table", 0))
    name = irq_partner(event.irq)
    if handler.state is not ThreadState.RECEIVING or handler.partner not in (ANY, name):
        state.irq_pending.add(event.irq)
        return
    ctx.sink.path("interrupt_ipc", to_tcb=tcb(handler), to_utcb=utcb(handler))
    handler.result = Result(name, Message(INTERRUPT_LABEL))
    wake(ctx, handler)


def timer(ctx: Context, event: Tick) -> None:
    """The end of a time slice."""
    ctx.sink.path("interrupt_entry", irq=ref("irq_table", 0))
    if ctx.state.current != NIL:
        tick(ctx)
