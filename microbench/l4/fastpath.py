"""When an IPC may take the assembler path: named conditions, all of which must hold.

Knows: what the fast paths of the real kernels test before they commit. Refuses to know:
what to do then. A condition never changes state, so a test can ask for each by name.

References
----------
`pist-traps` (2004) and `okl4-traps` (2007): the tests, in words in the path file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.l4.calls import Ipc
from microbench.l4.context import Context
from microbench.l4.model import ANY, NIL, Thread, ThreadState, irq_of
from microbench.l4.schedule import highest

Condition = Callable[[Context, Thread, Ipc], bool]


def _partner(ctx: Context, ipc: Ipc) -> Thread | None:
    return ctx.state.threads.get(ipc.to)


def sends(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """There is a send phase, to a thread that exists."""
    return _partner(ctx, ipc) is not None


def plain_message(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """No typed items, and no more words than the copy loop takes."""
    return not ipc.message.items and len(ipc.message.words) <= ctx.policy.fast_words


def receives_for_ever(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """There is a receive phase, with infinite timeout, and not from an interrupt."""
    return ipc.receive_from != NIL and ipc.receive_waits and irq_of(ipc.receive_from) is None


def partner_waits(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """The receiver waits, for anybody or for the caller."""
    to = _partner(ctx, ipc)
    return to is not None and to.state is ThreadState.RECEIVING and to.partner in (ANY, caller.tid)


def partner_plain(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """The receiver does not wait inside the kernel, unless the path can finish that."""
    to = _partner(ctx, ipc)
    return to is not None and (not to.in_kernel or ctx.policy.exception_fast)


def no_resources(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """Neither thread has extra state to save."""
    to = _partner(ctx, ipc)
    return not caller.resources and to is not None and not to.resources


def has_domain(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """The receiver's space owns a domain."""
    to = _partner(ctx, ipc)
    return to is not None and ctx.state.spaces[to.space].domain is not None


def will_block(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """Nobody the caller wants to receive from is sending already, nor an interrupt waiting."""
    if ipc.receive_from == ipc.to:
        return True
    if ipc.receive_from != ANY:
        return ctx.policy.closed_wait and _is_quiet(ctx, caller, ipc.receive_from)
    waiting = {i for i in ctx.state.irq_pending if ctx.state.irq_handler.get(i) == caller.tid}
    return not ctx.state.send_queues.get(caller.tid) and not waiting


def _is_quiet(ctx: Context, caller: Thread, source: int) -> bool:
    return source in ctx.state.threads and source not in ctx.state.send_queues.get(caller.tid, [])


def urgent_enough(ctx: Context, caller: Thread, ipc: Ipc) -> bool:
    """Nobody ready is more urgent than the receiver (where the kernel asks)."""
    to, rival = _partner(ctx, ipc), highest(ctx.state)
    if not ctx.policy.priority_test or rival is None or to is None:
        return True
    return to.priority >= rival.priority


CONDITIONS: dict[str, Condition] = {
    "sends": sends,
    "plain message": plain_message,
    "receives for ever": receives_for_ever,
    "partner waits": partner_waits,
    "partner plain": partner_plain,
    "no resources": no_resources,
    "has domain": has_domain,
    "will block": will_block,
    "urgent enough": urgent_enough,
}


_ALL = tuple(CONDITIONS.values())


def holds(ctx: Context, caller: Thread, ipc: Ipc, tests: Sequence[Condition] = _ALL) -> bool:
    """Whether all conditions, or those given, hold; by default: whether the fast path is taken."""
    return all(test(ctx, caller, ipc) for test in tests)


def failed(ctx: Context, caller: Thread, ipc: Ipc) -> list[str]:
    """Names of the conditions that do not hold."""
    return [name for name, test in CONDITIONS.items() if not test(ctx, caller, ipc)]
