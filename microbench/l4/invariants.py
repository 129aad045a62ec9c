"""What must be true of every kernel state, as named checks.

Knows: one function per statement; each returns the sentence that is false, or None. Used
after every call in tests; cheap enough for small systems, not for the benchmark loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from microbench.l4.domains import COUNT, KERNEL
from microbench.l4.legal import check_message
from microbench.l4.model import (
    ANY,
    NIL,
    Mapping,
    Message,
    Place,
    Refused,
    State,
    ThreadState,
    irq_of,
)
from microbench.l4.policy import MESSAGE_REGISTERS

Check = Callable[[State], str | None]


def queues_agree(s: State) -> str | None:
    """Every READY thread but the current one is in one ready queue, of its priority."""
    places = Counter(tid for queue in s.ready.values() for tid in queue)
    for tid, thread in s.threads.items():
        want = thread.state is ThreadState.READY and tid != s.current
        if places[tid] != int(want):
            return f"thread {tid} ({thread.state}) is in {places[tid]} ready queues"
        if want and tid not in s.ready.get(thread.priority, []):
            return f"thread {tid} is not in the queue of priority {thread.priority}"
    return None if set(places) <= set(s.threads) else "a ready queue names a dead thread"


def no_empty_queues(s: State) -> str | None:
    """Empty queues do not exist, so that equal states compare equal."""
    empty = [k for k, q in (*s.ready.items(), *s.send_queues.items()) if not q]
    return f"empty queues {empty}" if empty else None


def senders_queued(s: State) -> str | None:
    """A thread is SENDING exactly if it is in the send queue of the thread it sends to."""
    places = Counter((tid, to) for to, queue in s.send_queues.items() for tid in queue)
    want = Counter(
        (t.tid, t.pending.to)
        for t in s.threads.values()
        if t.state is ThreadState.SENDING and t.pending is not None
    )
    return None if places == want else f"send queues {dict(places)} but senders {dict(want)}"


def senders_have_messages(s: State) -> str | None:
    """A thread holds a pending message exactly while SENDING, to its partner."""
    for t in s.threads.values():
        if (t.pending is not None) != (t.state is ThreadState.SENDING):
            return f"thread {t.tid} is {t.state} with pending {t.pending}"
        if t.pending is not None and t.pending.to != t.partner:
            return f"thread {t.tid} sends to {t.pending.to} but its partner is {t.partner}"
    return None


def partners_exist(s: State) -> str | None:
    """A blocked thread has a living partner, an attached interrupt, or receives openly."""
    for t in s.threads.values():
        blocked = t.state in (ThreadState.SENDING, ThreadState.RECEIVING)
        if blocked == (t.partner == NIL):
            return f"thread {t.tid} is {t.state} with partner {t.partner}"
        irq = irq_of(t.partner)
        if irq is not None and s.irq_handler.get(irq) != t.tid:
            return f"thread {t.tid} waits for interrupt {irq}, which it does not handle"
        if irq is None and t.partner not in (NIL, ANY) and t.partner not in s.threads:
            return f"thread {t.tid} waits for the dead thread {t.partner}"
    return None


def nobody_waits_for_a_sender(s: State) -> str | None:
    """No thread receives from a thread that is sending to it: that would be a missed meeting."""
    for to, queue in s.send_queues.items():
        irq, receiver = irq_of(to), s.threads.get(to)
        if irq is not None:
            if irq not in s.irq_pending:
                return f"{queue} wait to acknowledge interrupt {irq}, which is not pending"
            continue
        if receiver is None:
            return f"a send queue of the dead thread {to}"
        if receiver.state is ThreadState.RECEIVING and any(
            receiver.partner in (ANY, tid) for tid in queue
        ):
            return f"thread {to} waits for {receiver.partner} while {queue} send to it"
    return None


def nobody_waits_for_a_pending_interrupt(s: State) -> str | None:
    """A pending interrupt's handler is not waiting for it."""
    for irq in s.irq_pending:
        handler = s.threads.get(s.irq_handler.get(irq, NIL))
        if handler is None:
            return f"interrupt {irq} is pending without handler"
        waits = handler.state is ThreadState.RECEIVING
        if waits and (handler.partner == ANY or irq_of(handler.partner) == irq):
            return f"thread {handler.tid} waits though interrupt {irq} is pending"
    return None


def interrupts_masked(s: State) -> str | None:
    """Pending interrupts are masked, masked ones have a handler, handlers live."""
    if not s.irq_pending <= s.irq_masked:
        return "a pending interrupt is not masked"
    if not s.irq_masked <= set(s.irq_handler):
        return "a masked interrupt has no handler"
    dead = set(s.irq_handler.values()) - set(s.threads)
    return f"dead interrupt handlers {dead}" if dead else None


def current_is_ready(s: State) -> str | None:
    """The current thread is READY; if the kernel idles, nobody is ready."""
    if s.current == NIL:
        return f"idle though {s.ready} are ready" if s.ready else None
    thread = s.threads.get(s.current)
    if thread is None or thread.state is not ThreadState.READY:
        return f"the current thread {s.current} is not ready"
    return None


def current_space_runs(s: State) -> str | None:
    """The current thread's space is the active one, and owns the current domain."""
    if s.current == NIL:
        return None
    space = s.spaces[s.threads[s.current].space]
    if s.running_space != space.sid:
        return f"space {s.running_space} runs instead of {space.sid}"
    if space.domain is None or space.domain != s.domains.current:
        return f"domain {s.domains.current} is current, space {space.sid} owns {space.domain}"
    return None


def faults_wait(s: State) -> str | None:
    """A thread with a fault is blocked in the kernel, on somebody in particular."""
    for t in s.threads.values():
        blocked = t.state in (ThreadState.SENDING, ThreadState.RECEIVING)
        if t.fault is not None and not (blocked and t.partner > NIL):
            return f"thread {t.tid} has a {t.fault} but is {t.state} on {t.partner}"
        if t.in_kernel != (t.fault is not None):
            return f"thread {t.tid} is in the kernel without a fault, or the reverse"
    return None


def threads_have_spaces(s: State) -> str | None:
    """Every thread lives in a space that exists."""
    lost = [t.tid for t in s.threads.values() if t.space not in s.spaces]
    return f"threads without space: {lost}" if lost else None


def domains_owned_once(s: State) -> str | None:
    """A domain belongs to at most one space, and both sides agree; the kernel's to none."""
    if len(s.domains.owner) != COUNT or s.domains.owner[KERNEL] is not None:
        return "the kernel domain is lent"
    owned = {d: sid for d, sid in enumerate(s.domains.owner) if sid is not None}
    claimed = {sp.domain: sp.sid for sp in s.spaces.values() if sp.domain is not None}
    return None if owned == claimed else f"owners {owned} but claims {claimed}"


def running_domain_dirty(s: State) -> str | None:
    """The current domain is dirty."""
    d = s.domains
    return None if d.current in d.dirty else f"current domain {d.current} is clean"


def sections_disjoint(s: State) -> str | None:
    """A 1 MB entry belongs to at most one space, which owns a domain."""
    seen: dict[int, int] = {}
    for space in s.spaces.values():
        if space.sections and space.domain is None:
            return f"space {space.sid} has sections without a domain"
        for section in space.sections:
            if section in seen:
                return f"section {section} of spaces {seen[section]} and {space.sid}"
            seen[section] = space.sid
    return None


def parents_have_children(s: State) -> str | None:
    """Every mapping outside the root has a parent with its frame and at least its rights."""
    for space in s.spaces.values():
        for page, node in space.pages.items():
            fault = _parent_fault(s, Place(space.sid, page))
            if fault:
                return f"{Place(space.sid, page)}: {fault}"
            if not 0 < node.rights <= 7:
                return f"{Place(space.sid, page)} has rights {node.rights}"
    return None


def _parent_fault(s: State, place: Place) -> str | None:
    node = s.spaces[place.space].pages[place.page]
    if node.parent is None:
        own = place.space == s.root and place.page == node.frame
        return None if own else "no parent outside the root's own pages"
    above = _at(s, node.parent)
    if above is None or place not in above.children:
        return "its parent does not know it"
    if above.frame != node.frame or node.rights & ~above.rights:
        return "another frame or more rights than its parent"
    return None


def _at(s: State, place: Place) -> Mapping | None:
    space = s.spaces.get(place.space)
    return None if space is None else space.pages.get(place.page)


def children_have_parents(s: State) -> str | None:
    """Every child a mapping names exists and names it as its parent."""
    for space in s.spaces.values():
        for page, node in space.pages.items():
            place = Place(space.sid, page)
            for child in node.children:
                below = _at(s, child)
                if below is None or below.parent != place:
                    return f"{place} names {child}, which is not its child"
    return None


def chains_reach_the_root(s: State) -> str | None:
    """Following parents ends in the root space: no cycles."""
    for space in s.spaces.values():
        for page in space.pages:
            step, seen = Place(space.sid, page), set()
            while step not in seen:
                seen.add(step)
                parent = s.spaces[step.space].pages[step.page].parent
                if parent is None:
                    break
                step = parent
            else:
                return f"the parents of {Place(space.sid, page)} go in a circle"
    return None


def messages_fit(s: State) -> str | None:
    """Every message that waits or arrived is one the interface allows."""
    for t in s.threads.values():
        for holder in (t.pending, t.result):
            try:
                check_message(Message() if holder is None else holder.message, MESSAGE_REGISTERS)
            except Refused as error:
                return f"thread {t.tid} holds {error}"
    return None


def numbers_are_fresh(s: State) -> str | None:
    """The next thread and space numbers were never used."""
    if s.threads and max(s.threads) >= s.next_tid:
        return "a thread number would be used again"
    return "a space number would be used again" if max(s.spaces) >= s.next_sid else None


CHECKS: dict[str, Check] = {
    f.__name__: f
    for f in (
        threads_have_spaces,
        numbers_are_fresh,
        queues_agree,
        no_empty_queues,
        senders_queued,
        senders_have_messages,
        messages_fit,
        partners_exist,
        nobody_waits_for_a_sender,
        nobody_waits_for_a_pending_interrupt,
        interrupts_masked,
        current_is_ready,
        current_space_runs,
        faults_wait,
        domains_owned_once,
        running_domain_dirty,
        sections_disjoint,
        parents_have_children,
        children_have_parents,
        chains_reach_the_root,
    )
}


def broken(state: State) -> list[str]:
    """Every statement that is false of `state`, as `name: sentence`."""
    found = ((name, check(state)) for name, check in CHECKS.items())
    return [f"{name}: {text}" for name, text in found if text is not None]
