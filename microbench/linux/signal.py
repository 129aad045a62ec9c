"""Signals: installed, sent to oneself, delivered to a handler, forced by a forbidden access."""

from __future__ import annotations

from collections.abc import Callable

from microbench.linux.faults import SegmentationFault, touch
from microbench.linux.kernel import Linux
from microbench.linux.pagetable import AddressSpace
from microbench.linux.process import Process, Program

Handler = Callable[[], None]
SEGMENT, USER_1 = 11, 10


def sigaction(linux: Linux, process: Process, number: int, handler: Handler) -> Program:
    """sigaction(2): install a handler; the old one."""
    old = process.handlers.get(number)
    process.handlers[number] = handler
    return (yield from linux.simple(process, "sigaction", old))


def kill_self(linux: Linux, process: Process, number: int) -> Program:
    """kill(2) to oneself: the handler runs on the way back.

    Raises
    ------
    KeyError
        If the signal has no handler.
    """
    handler = process.handlers[number]
    linux.host.enter(process, "kill")
    with linux.host.recorder.place("signal"):
        linux.memory.path("signal_send", process)
        linux.memory.path("signal_deliver", process)
    linux.host.leave(process)
    handler()
    yield from _return_from(linux, process)
    return 0


def probe_self(linux: Linux, process: Process) -> Program:
    """kill(2) to oneself with signal 0: only the check, priced as the whole sending."""
    return (yield from linux.simple(process, "signal_send", 0))


def _return_from(linux: Linux, process: Process) -> Program:
    """sigreturn(2), which a handler's return makes."""
    return (yield from linux.simple(process, "sigreturn"))


def write_protected(linux: Linux, process: Process, page: int) -> Program:
    """A store that no mapping allows: a fault, the handler, the way back.

    Raises
    ------
    KeyError
        If nobody handles it.
    AssertionError
        If the store is allowed.
    """
    handler = process.handlers[SEGMENT]
    mm: AddressSpace = process.mm
    vma = mm.mappings.find(page)
    touch(linux.memory, process, page)
    try:
        touch(linux.memory, process, page, write=True)
    except SegmentationFault:
        pass
    else:
        raise AssertionError(f"page {page:#x} of {vma} can be written")
    host = linux.host
    host.fault_enter(process, page, True, False)
    with host.recorder.place("signal"):
        linux.memory.path("signal_forced", process)
        linux.memory.path("signal_deliver_forced", process)
    host.fault_leave(process, False)
    handler()
    yield from _return_from(linux, process)
    return SEGMENT
