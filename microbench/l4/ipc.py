"""Synchronous IPC: a send phase, then a receive phase, and the switch that follows.

Knows: rendezvous, open and closed receive, zero and infinite timeouts, what a message does
to a receiver that waits for its pager or handler. Refuses to know: who becomes the sender
of a fault message (`faults.py`), and what each path costs.
"""

from __future__ import annotations

from microbench.l4 import fastpath
from microbench.l4.calls import Ipc
from microbench.l4.context import Context, parties, tcb, utcb
from microbench.l4.domains import fill_section
from microbench.l4.events import ref
from microbench.l4.legal import check_message
from microbench.l4.mapdb import transfer, translation
from microbench.l4.model import (
    ANY,
    NIL,
    PAGE_BITS,
    REGISTERS,
    FaultKind,
    IpcError,
    Message,
    Pending,
    Refused,
    Result,
    Thread,
    ThreadState,
    irq_of,
    irq_partner,
)
from microbench.l4.schedule import dispatch, enqueue, highest, prefer_urgent, run

INTERRUPT_LABEL = -1


def ipc(ctx: Context, caller: Thread, call: Ipc) -> None:
    """The IPC system call of the running thread.

    Raises
    ------
    Refused
        If a partner does not exist, is the caller, or both phases are missing.
    """
    check(ctx, caller, call)
    fast = fastpath.holds(ctx, caller, call)
    if fast:
        _report_fast(ctx, caller, ctx.thread(call.to), call)
    else:
        ctx.sink.path("ipc_slow", from_tcb=tcb(caller), from_utcb=utcb(caller))
    caller.result = None
    exchange(ctx, caller, call, fast)


def check(ctx: Context, caller: Thread, call: Ipc) -> None:
    """Refuse an IPC that names nobody, oneself or somebody who does not exist, or a bad message."""
    if call.to == NIL and call.receive_from == NIL:
        raise Refused("an IPC without a phase")
    for partner in (call.to, call.receive_from):
        if partner == caller.tid:
            raise Refused(f"thread {caller.tid} names itself")
        irq = irq_of(partner)
        if irq is not None:
            if ctx.state.irq_handler.get(irq) != caller.tid:
                raise Refused(f"interrupt {irq} is not attached to thread {caller.tid}")
        elif partner != NIL and partner not in ctx.state.threads and partner != ANY:
            raise Refused(f"no thread {partner}")
    if call.to == ANY:
        raise Refused("a send needs one receiver")
    if call.to != NIL:
        check_message(call.message, ctx.policy.message_registers)


def _report_fast(ctx: Context, caller: Thread, to: Thread, call: Ipc) -> None:
    ctx.sink.path(fast_name(ctx, caller, to, call), **parties(caller, to))
    extra = len(call.message.words) - ctx.policy.register_words
    if extra > 0 and to.fault is None:
        ctx.sink.copy(extra, utcb(caller), utcb(to))


def fast_name(ctx: Context, caller: Thread, to: Thread, call: Ipc) -> str:
    """Name of the path shape of a fast IPC."""
    if to.fault is FaultKind.EXCEPTION:
        return "exception_reply"
    if to.fault is FaultKind.PAGE_FAULT:
        return "page_fault_reply"
    kind = "call" if call.receive_from == call.to else "reply_wait"
    inter = caller.space != to.space or not ctx.policy.skips_same_space
    return f"ipc_fast_{kind}_{'inter' if inter else 'intra'}"


def exchange(ctx: Context, caller: Thread, call: Ipc, fast: bool) -> None:
    """Both phases of an IPC by the running thread, and the choice of who runs next.

    A send to an interrupt acknowledges it. The manual makes an interrupt a thread that sends
    and then waits for its answer: while its own message is not received it waits for nobody,
    so an answer given too early finds no rendezvous, like any other send.
    """
    receiver: Thread | None = None
    irq = irq_of(call.to)
    if irq is not None:
        if irq in ctx.state.irq_pending:
            _no_rendezvous(ctx, caller, call)
            return
        ctx.state.irq_masked.discard(irq)
    elif call.to != NIL:
        receiver = ctx.thread(call.to)
        if not fastpath.partner_waits(ctx, caller, call):
            _no_rendezvous(ctx, caller, call)
            return
        deliver(ctx, caller, receiver, call.message, fast)
    blocked = call.receive_from != NIL and receive_phase(
        ctx, caller, call.receive_from, call.receive_waits
    )
    _settle(ctx, caller, blocked, receiver, fast)


def _no_rendezvous(ctx: Context, caller: Thread, call: Ipc) -> None:
    """The receiver is not waiting: give up at once, or queue and let others run."""
    if not call.send_waits:
        caller.result = Result(call.to, Message(), IpcError.SEND_TIMEOUT)
        return
    caller.pending = Pending(call.to, call.message, call.receive_from, call.receive_waits)
    caller.state = ThreadState.SENDING
    caller.partner = call.to
    ctx.state.send_queues.setdefault(call.to, []).append(caller.tid)
    ctx.sink.path("send_enqueue", from_tcb=tcb(caller), to_tcb=ref("tcb", call.to))
    dispatch(ctx)


def deliver(
    ctx: Context, sender: Thread, receiver: Thread, message: Message, fast: bool = False
) -> None:
    """Hand a message over; the receiver is ready afterwards, in no queue yet."""
    if not fast:
        ctx.sink.path(
            "ipc_transfer",
            from_tcb=tcb(sender),
            to_tcb=tcb(receiver),
            from_utcb=utcb(sender),
            to_utcb=utcb(receiver),
        )
        ctx.sink.copy(len(message.words), utcb(sender), utcb(receiver))
    for item in message.items:
        transfer(ctx.state, sender.space, receiver.space, item, ctx.sink)
    if receiver.fault is None:
        receiver.result = Result(sender.tid, message)
    else:
        resume(ctx, receiver, message)
    receiver.state = ThreadState.READY
    receiver.partner = NIL


def resume(ctx: Context, thread: Thread, message: Message) -> None:
    """End a fault: a reply restores as many registers of an exception as it has words.

    After a page fault the kernel enters the section of the page, if the thread's space owns
    a domain and the pager has mapped the page.
    """
    space = ctx.state.spaces[thread.space]
    if thread.fault is FaultKind.EXCEPTION:
        words = message.words[:REGISTERS]
        thread.registers = words + thread.registers[len(words) :]
    elif space.domain is not None:
        page = thread.fault_address >> PAGE_BITS
        if translation(ctx.state, space, thread.fault_address, 0) == "section":
            fill_section(ctx.state, space, page, ctx.sink, "section_sync")
    thread.fault = None
    thread.in_kernel = False


def receive_phase(ctx: Context, thread: Thread, source: int, waits: bool) -> bool:
    """Receive from whoever is ready to send; return whether the thread blocks."""
    irq = _pending_irq(ctx, thread, source)
    if irq is not None:
        ctx.state.irq_pending.discard(irq)
        thread.result = Result(irq_partner(irq), Message(INTERRUPT_LABEL))
        return False
    sender = _queued_sender(ctx, thread, source)
    if sender is not None:
        complete_send(ctx, sender, thread)
        return False
    if not waits:
        thread.result = Result(source, Message(), IpcError.RECEIVE_TIMEOUT)
        return False
    thread.state = ThreadState.RECEIVING
    thread.partner = source
    return True


def _pending_irq(ctx: Context, thread: Thread, source: int) -> int | None:
    mine = (
        i
        for i in sorted(ctx.state.irq_pending)
        if ctx.state.irq_handler.get(i) == thread.tid and source in (ANY, irq_partner(i))
    )
    return next(mine, None)


def _queued_sender(ctx: Context, thread: Thread, source: int) -> Thread | None:
    queue = ctx.state.send_queues.get(thread.tid, [])
    found = next((tid for tid in queue if source in (ANY, tid)), None)
    return None if found is None else ctx.state.threads[found]


def unqueue_send(ctx: Context, sender: Thread) -> Pending:
    """Take a SENDING thread out of its receiver's queue; return what it was sending."""
    pending = sender.pending
    assert pending is not None
    queue = ctx.state.send_queues[pending.to]
    queue.remove(sender.tid)
    if not queue:
        del ctx.state.send_queues[pending.to]
    sender.pending = None
    return pending


def complete_send(ctx: Context, sender: Thread, receiver: Thread) -> None:
    """A queued sender gets its rendezvous, and goes on with its own receive phase."""
    pending = unqueue_send(ctx, sender)
    deliver(ctx, sender, receiver, pending.message)
    sender.state, sender.partner = ThreadState.READY, NIL
    more = pending.receive_from
    if more == NIL or not receive_phase(ctx, sender, more, pending.receive_waits):
        enqueue(ctx.state, sender)


def _settle(
    ctx: Context, caller: Thread, blocked: bool, receiver: Thread | None, fast: bool
) -> None:
    """Decide who runs: the receiver (donation), the caller, or the dispatcher's choice."""
    if not blocked:
        if receiver is not None:
            enqueue(ctx.state, receiver)
        prefer_urgent(ctx)
    elif receiver is None:
        dispatch(ctx)
    elif fast or _may_donate(ctx, receiver):
        run(ctx, receiver, fast)
    else:
        enqueue(ctx.state, receiver)
        dispatch(ctx)


def _may_donate(ctx: Context, receiver: Thread) -> bool:
    rival = highest(ctx.state)
    return not ctx.policy.priority_test or rival is None or receiver.priority >= rival.priority
