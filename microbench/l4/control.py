"""Control of threads, spaces, mappings and interrupts, for privileged spaces.

Knows: create, delete, start, stop, priorities, PID slots, map control and unmap. Refuses
to know: policies; everything is checked before anything changes.
"""

from __future__ import annotations

from microbench.l4 import calls
from microbench.l4.context import Context, space_of, tcb, utcb
from microbench.l4.domains import modified_address, release
from microbench.l4.events import ref
from microbench.l4.ipc import unqueue_send
from microbench.l4.legal import PRIORITIES, check_item
from microbench.l4.mapdb import revoke, transfer
from microbench.l4.model import (
    ALL_RIGHTS,
    NIL,
    PAGE_BITS,
    PID_SLOTS,
    REGISTERS,
    SECTION_BITS,
    SLOT_BITS,
    Fpage,
    IpcError,
    MapItem,
    Message,
    Pending,
    Place,
    Refused,
    Result,
    Space,
    Thread,
    ThreadState,
    irq_partner,
)
from microbench.l4.schedule import dequeue, dispatch, enqueue, leave, prefer_urgent, run, wake


def need_privilege(ctx: Context, caller: Thread) -> None:
    """Refuse callers whose space is not privileged."""
    if not ctx.state.spaces[caller.space].privileged:
        raise Refused(f"thread {caller.tid} is not privileged")


def map_control(ctx: Context, caller: Thread, call: calls.MapControl) -> int:
    """Map items from one space into another; the answer is the number of pages."""
    need_privilege(ctx, caller)
    ctx.space(call.source), ctx.space(call.target)
    for item in call.items:
        check_item(item)
    _report_control(ctx, caller)
    return sum(transfer(ctx.state, call.source, call.target, item, ctx.sink) for item in call.items)


def _report_control(ctx: Context, caller: Thread) -> None:
    ctx.sink.path(
        "map_control",
        from_tcb=tcb(caller),
        from_utcb=utcb(caller),
        from_space=space_of(caller),
    )


def unmap(ctx: Context, caller: Thread, call: calls.Unmap) -> int:
    """Take rights back; the answer is the number of entries that changed."""
    if call.space not in (NIL, caller.space):
        need_privilege(ctx, caller)
    space = ctx.space(call.space or caller.space)
    check_item(MapItem(call.fpage, call.fpage.base, call.rights))
    _report_control(ctx, caller)
    pages = _pages_within(space, call.fpage)
    whole = call.fpage.size_bits >= SECTION_BITS and bool(pages)
    changed = sum(revoke(ctx.state, p, call.rights, call.flush, ctx.sink, whole) for p in pages)
    if whole:
        _drop_tables(ctx, space)
    return changed


def _drop_tables(ctx: Context, space: Space) -> None:
    """Report that whole tables went; flush everything once if the space owns a domain."""
    ctx.sink.path(
        "unmap_range", space=ref("space", space.sid), page_table=ref("page_table", space.sid)
    )
    if space.domain is not None:
        ctx.state.domains.dirty &= {ctx.state.domains.current}
        ctx.sink.flush_all(ref("space", space.sid))


def _pages_within(space: Space, fpage: Fpage) -> list[Place]:
    span = fpage.pages()
    if len(span) < len(space.pages):
        return [Place(space.sid, page) for page in span if page in space.pages]
    return [Place(space.sid, page) for page in sorted(space.pages) if page in span]


def space_create(ctx: Context, caller: Thread, call: calls.SpaceCreate) -> int:
    """A new, empty space."""
    need_privilege(ctx, caller)
    _check_slot(call.pid_slot)
    sid = ctx.state.next_sid
    ctx.state.next_sid += 1
    ctx.state.spaces[sid] = Space(sid, call.privileged, call.pid_slot)
    ctx.sink.path("space_create", from_tcb=tcb(caller), space=ref("space", sid))
    return sid


def _check_slot(slot: int) -> None:
    if not 0 <= slot < PID_SLOTS:
        raise Refused(f"PID slot {slot}")


def space_delete(ctx: Context, caller: Thread, call: calls.SpaceDelete) -> None:
    """Remove a space in which no thread lives."""
    need_privilege(ctx, caller)
    space = ctx.space(call.space)
    if space.sid == ctx.state.root or _lived_in(ctx, space.sid):
        raise Refused(f"space {space.sid} is in use")
    ctx.sink.path("space_delete", from_tcb=tcb(caller), space=ref("space", space.sid))
    had_pages = bool(space.pages)
    for page in sorted(space.pages):
        revoke(ctx.state, Place(space.sid, page), ALL_RIGHTS, True, ctx.sink, True)
    if had_pages:
        _drop_tables(ctx, space)
    release(ctx.state, space)
    del ctx.state.spaces[space.sid]


def _lived_in(ctx: Context, sid: int) -> bool:
    """Whether a thread lives in the space."""
    return any(t.space == sid for t in ctx.state.threads.values())


def space_slot(ctx: Context, caller: Thread, call: calls.SpaceSlot) -> None:
    """Move the small region of a space to another PID slot."""
    need_privilege(ctx, caller)
    _check_slot(call.pid_slot)
    space = ctx.space(call.space)
    if any(page >> (SLOT_BITS - PAGE_BITS) == 0 for page in space.pages):
        raise Refused(f"space {space.sid} has pages in its slot")
    first = modified_address(space, 0) >> SECTION_BITS
    space.sections -= set(range(first, first + (1 << (SLOT_BITS - SECTION_BITS))))
    space.pid_slot = call.pid_slot
    ctx.sink.path("space_control", from_tcb=tcb(caller), space=ref("space", space.sid))


def thread_create(ctx: Context, caller: Thread, call: calls.ThreadCreate) -> int:
    """A new, inactive thread."""
    need_privilege(ctx, caller)
    ctx.space(call.space)
    _check_thread_arguments(ctx, call.priority, call.pager, call.handler)
    tid = ctx.state.next_tid
    ctx.state.next_tid += 1
    first = not _lived_in(ctx, call.space)
    ctx.state.threads[tid] = Thread(tid, call.space, call.priority, call.pager, call.handler)
    ctx.sink.path("thread_create", from_tcb=tcb(caller), to_tcb=ref("tcb", tid))
    if first:
        ctx.sink.path("utcb_page", utcb_page=ref("utcb_page", call.space))
    return tid


def _check_thread_arguments(
    ctx: Context, priority: int | None, pager: int | None, handler: int | None
) -> None:
    if priority is not None and not 0 <= priority < PRIORITIES:
        raise Refused(f"priority {priority}")
    for other in (pager, handler):
        if other is not None and other != NIL:
            ctx.thread(other)


def thread_modify(ctx: Context, caller: Thread, call: calls.ThreadModify) -> None:
    """Change priority, pager or handler."""
    need_privilege(ctx, caller)
    thread = ctx.thread(call.thread)
    _check_thread_arguments(ctx, call.priority, call.pager, call.handler)
    ctx.sink.path("thread_control", from_tcb=tcb(caller), to_tcb=tcb(thread))
    queued = thread.state is ThreadState.READY and thread.tid != ctx.state.current
    if queued:
        dequeue(ctx.state, thread)
    thread.priority = thread.priority if call.priority is None else call.priority
    thread.pager = thread.pager if call.pager is None else call.pager
    thread.handler = thread.handler if call.handler is None else call.handler
    if queued:
        enqueue(ctx.state, thread)
    prefer_urgent(ctx)


def thread_start(ctx: Context, caller: Thread, call: calls.ThreadStart) -> None:
    """Let an inactive thread run."""
    need_privilege(ctx, caller)
    thread = ctx.thread(call.thread)
    if thread.state is not ThreadState.INACTIVE:
        raise Refused(f"thread {thread.tid} is {thread.state}")
    if call.registers is not None:
        _check_registers(call.registers)
        thread.registers = call.registers
    ctx.sink.path("exchange_registers", from_tcb=tcb(caller), to_tcb=tcb(thread))
    wake(ctx, thread)


def _check_registers(values: tuple[int, ...]) -> None:
    if len(values) != REGISTERS:
        raise Refused(f"{len(values)} registers instead of {REGISTERS}")


def thread_stop(ctx: Context, caller: Thread, call: calls.ThreadStop) -> None:
    """Make a thread inactive, whatever it was doing."""
    need_privilege(ctx, caller)
    thread = ctx.thread(call.thread)
    if thread.state is ThreadState.INACTIVE:
        raise Refused(f"thread {thread.tid} is inactive")
    ctx.sink.path("exchange_registers", from_tcb=tcb(caller), to_tcb=tcb(thread))
    _halt(ctx, thread)


def _halt(ctx: Context, thread: Thread) -> None:
    """Take a thread out of every queue and make it inactive."""
    if thread.state is ThreadState.SENDING:
        unqueue_send(ctx, thread)
    was = thread.state
    thread.state, thread.partner = ThreadState.INACTIVE, NIL
    thread.fault, thread.in_kernel = None, False
    if was is ThreadState.READY:
        leave(ctx, thread)


def registers(ctx: Context, caller: Thread, call: calls.Registers) -> tuple[int, ...]:
    """Read, and write if asked, the registers of a thread that is not running."""
    need_privilege(ctx, caller)
    thread = ctx.thread(call.thread)
    if thread is caller:
        raise Refused("a thread's own registers are in its registers")
    if call.values is not None:
        _check_registers(call.values)
        thread.registers = call.values
    ctx.sink.path("exchange_registers", from_tcb=tcb(caller), to_tcb=tcb(thread))
    return thread.registers


def thread_delete(ctx: Context, caller: Thread, call: calls.ThreadDelete) -> None:
    """Remove another thread; its partners' operations end with an error."""
    need_privilege(ctx, caller)
    thread = ctx.thread(call.thread)
    if thread is caller:
        raise Refused("a thread cannot delete itself")
    ctx.sink.path("thread_delete", from_tcb=tcb(caller), to_tcb=tcb(thread))
    _halt(ctx, thread)
    for irq in [i for i, t in ctx.state.irq_handler.items() if t == thread.tid]:
        _detach(ctx, irq)
    del ctx.state.threads[thread.tid]
    if not _lived_in(ctx, thread.space):
        ctx.sink.path("utcb_page_free", utcb_page=ref("utcb_page", thread.space))
    for other in list(ctx.state.threads.values()):
        if _hangs_on(other, thread.tid):
            _abort(ctx, other)
    prefer_urgent(ctx)


def _hangs_on(other: Thread, tid: int) -> bool:
    """Whether a blocked thread waits for `tid` now, or will after its send."""
    pending = other.pending
    return other.partner == tid or (pending is not None and pending.receive_from == tid)


def _abort(ctx: Context, thread: Thread) -> None:
    """End a blocked IPC with an error; a thread in a fault halts instead."""
    partner = thread.partner
    if thread.fault is not None:
        _halt(ctx, thread)
        return
    if thread.state is ThreadState.SENDING:
        unqueue_send(ctx, thread)
    thread.result = Result(partner, Message(), IpcError.ABORTED)
    thread.state, thread.partner = ThreadState.READY, NIL
    enqueue(ctx.state, thread)


def thread_switch(ctx: Context, caller: Thread, call: calls.ThreadSwitch) -> None:
    """Yield the processor."""
    target = None if call.to == NIL else ctx.thread(call.to)
    ctx.sink.path("yield", from_tcb=tcb(caller))
    enqueue(ctx.state, caller)
    if target is not None and target.state is ThreadState.READY and target is not caller:
        run(ctx, target)
    else:
        dispatch(ctx)


def irq_attach(ctx: Context, caller: Thread, call: calls.IrqAttach) -> None:
    """Attach an interrupt to a thread, or detach it."""
    need_privilege(ctx, caller)
    if call.irq < 0:
        raise Refused(f"interrupt {call.irq}")
    if call.thread != NIL:
        ctx.thread(call.thread)
    ctx.sink.path("thread_control", from_tcb=tcb(caller), to_tcb=ref("tcb", call.thread))
    _detach(ctx, call.irq)
    if call.thread != NIL:
        ctx.state.irq_handler[call.irq] = call.thread
    prefer_urgent(ctx)


def _detach(ctx: Context, irq: int) -> None:
    """Forget an interrupt's handler, and end a wait for that interrupt alone."""
    state = ctx.state
    old = state.threads.get(state.irq_handler.pop(irq, NIL))
    state.irq_pending.discard(irq)
    state.irq_masked.discard(irq)
    if old is None:
        return
    pending: Pending | None = old.pending
    waits = irq_partner(irq)
    if old.partner == waits or (pending is not None and pending.receive_from == waits):
        _abort(ctx, old)
