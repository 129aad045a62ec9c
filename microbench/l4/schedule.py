"""Who runs: ready queues by priority, the dispatcher, and the direct switch past it.

Knows: larger numbers are more urgent; equals take turns; a thread that lost the processor
to a more urgent one stays first of its queue. Refuses to know: why a thread became ready.
"""

from __future__ import annotations

from microbench.l4.context import Context, tcb
from microbench.l4.domains import activate
from microbench.l4.events import ref
from microbench.l4.model import NIL, State, Thread, ThreadState


def enqueue(state: State, thread: Thread, first: bool = False) -> None:
    """Put a READY thread into its queue, last or first."""
    queue = state.ready.setdefault(thread.priority, [])
    queue.insert(0 if first else len(queue), thread.tid)


def dequeue(state: State, thread: Thread) -> None:
    """Take a thread out of its ready queue, if it is in one."""
    queue = state.ready.get(thread.priority, [])
    if thread.tid in queue:
        queue.remove(thread.tid)
    if not queue:
        state.ready.pop(thread.priority, None)


def highest(state: State) -> Thread | None:
    """The first of the most urgent queue, or None."""
    if not state.ready:
        return None
    return state.threads[state.ready[max(state.ready)][0]]


def run(ctx: Context, thread: Thread, fast: bool = False) -> None:
    """Make `thread` the current one, now: the direct switch (`fast`: within an IPC path)."""
    state = ctx.state
    dequeue(state, thread)
    if not fast and state.current != thread.tid:
        old = state.threads.get(state.current, thread)
        ctx.sink.path("thread_switch", from_tcb=tcb(old), to_tcb=tcb(thread))
    state.current = thread.tid
    activate(state, state.spaces[thread.space], ctx.sink)


def dispatch(ctx: Context) -> None:
    """Let the most urgent ready thread run; with none, idle in the space that is active."""
    found = highest(ctx.state)
    ctx.sink.path("dispatch", ready_queue=ref("ready_queue", 0))
    if found is None:
        ctx.state.current = NIL
    else:
        run(ctx, found)


def prefer_urgent(ctx: Context) -> None:
    """Replace the current thread if somebody ready is more urgent, or if nobody runs."""
    state, found = ctx.state, highest(ctx.state)
    if found is None:
        return
    if state.current == NIL:
        dispatch(ctx)
    elif found.priority > state.threads[state.current].priority:
        enqueue(state, state.threads[state.current], first=True)
        dispatch(ctx)


def wake(ctx: Context, thread: Thread) -> None:
    """A thread became ready: it runs if it is more urgent than the current one."""
    thread.state = ThreadState.READY
    thread.partner = NIL
    enqueue(ctx.state, thread)
    prefer_urgent(ctx)


def leave(ctx: Context, thread: Thread) -> None:
    """`thread` is ready no more; if it was running, the dispatcher picks the next."""
    dequeue(ctx.state, thread)
    if ctx.state.current == thread.tid:
        dispatch(ctx)


def tick(ctx: Context) -> None:
    """The time slice of the current thread is over: it goes behind its equals.

    A slice that was donated (`ThreadSwitch`, a call to a less urgent thread) ends here too:
    whoever is most urgent runs next.
    """
    state, found = ctx.state, highest(ctx.state)
    if state.current == NIL or found is None:
        return
    running = state.threads[state.current]
    if found.priority >= running.priority:
        enqueue(state, running)
        dispatch(ctx)
