"""What every mechanism of the kernel works on: the state, the sink and the variant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from microbench.l4.events import Ref, Sink, ref
from microbench.l4.model import NIL, Refused, Space, State, Thread
from microbench.l4.policy import Policy


@dataclass
class Context:
    """The kernel as its mechanisms see it."""

    state: State
    sink: Sink
    policy: Policy

    def thread(self, tid: int) -> Thread:
        """A thread by number.

        Raises
        ------
        Refused
            If there is none.
        """
        found = self.state.threads.get(tid)
        if found is None:
            raise Refused(f"no thread {tid}")
        return found

    def space(self, sid: int) -> Space:
        """A space by number.

        Raises
        ------
        Refused
            If there is none.
        """
        found = self.state.spaces.get(sid)
        if found is None:
            raise Refused(f"no space {sid}")
        return found

    def current(self) -> Thread:
        """The running thread.

        Raises
        ------
        Refused
            If the kernel idles.
        """
        if self.state.current == NIL:
            raise Refused("no thread is running")
        return self.state.threads[self.state.current]


def parties(source: Thread, target: Thread) -> dict[str, Ref]:
    """What a path between two threads touches, by the roles of its shape."""
    return _parties(source.tid, target.tid, source.space, target.space)


@cache
def _parties(source: int, target: int, from_space: int, to_space: int) -> dict[str, Ref]:
    return {
        "from_tcb": ref("tcb", source),
        "to_tcb": ref("tcb", target),
        "from_utcb": ref("utcb", source),
        "to_utcb": ref("utcb", target),
        "from_space": ref("space", from_space),
        "to_space": ref("space", to_space),
        "domains": ref("domain_table", 0),
    }


def tcb(thread: Thread) -> Ref:
    """The control block of a thread as an object of a path."""
    return ref("tcb", thread.tid)


def utcb(thread: Thread) -> Ref:
    """The user-visible control block (message registers) of a thread."""
    return ref("utcb", thread.tid)


def space_of(thread: Thread) -> Ref:
    """The space record of a thread."""
    return ref("space", thread.space)
