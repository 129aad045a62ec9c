"""The calls of the microkernel and the events of the machine, as values.

Knows: their arguments. Refuses to know: what they do (`kernel.HANDLERS` names the function
of each). A call is always made by the running thread; there is no other way in.
"""

from __future__ import annotations

from typing import NamedTuple

from microbench.l4.model import ANY, NIL, REGISTERS, Fpage, MapItem, Message

NOTHING = Message()


class Ipc(NamedTuple):
    """Send phase to `to` (NIL: none), then receive phase from `receive_from` (NIL: none).

    `send_waits` and `receive_waits` are the timeouts: infinite or zero.
    """

    to: int = NIL
    receive_from: int = NIL
    message: Message = NOTHING
    send_waits: bool = True
    receive_waits: bool = True


def send(to: int, message: Message = NOTHING, waits: bool = True) -> Ipc:
    """Send only."""
    return Ipc(to, NIL, message, waits)


def receive(source: int = ANY, waits: bool = True) -> Ipc:
    """Receive only; open by default, closed from `source`."""
    return Ipc(NIL, source, receive_waits=waits)


def call(to: int, message: Message = NOTHING) -> Ipc:
    """Send to `to` and wait for its answer."""
    return Ipc(to, to, message)


def reply_wait(to: int, message: Message = NOTHING, source: int = ANY) -> Ipc:
    """Answer `to` without waiting for it, then receive from anybody (or `source`)."""
    return Ipc(to, source, message, send_waits=False)


class MapControl(NamedTuple):
    """Map or grant `items` of space `source` into space `target`; privileged."""

    source: int
    target: int
    items: tuple[MapItem, ...]


class Unmap(NamedTuple):
    """Take `rights` on `fpage` from all derived mappings; `flush`: from one's own as well.

    `space` NIL is the caller's own space; another one needs privilege.
    """

    fpage: Fpage
    rights: int
    flush: bool = False
    space: int = NIL


class SpaceCreate(NamedTuple):
    """Make an empty space in a PID slot; privileged. The answer is its number."""

    pid_slot: int = 0
    privileged: bool = False


class SpaceDelete(NamedTuple):
    """Remove a space without threads, with its mappings and what was derived; privileged."""

    space: int


class SpaceSlot(NamedTuple):
    """Give a space without mappings below 32 MB another PID slot; privileged."""

    space: int
    pid_slot: int


class ThreadCreate(NamedTuple):
    """Make an inactive thread; privileged. The answer is its number."""

    space: int
    priority: int
    pager: int = NIL
    handler: int = NIL


class ThreadDelete(NamedTuple):
    """Remove a thread; whoever waits for it is told; privileged."""

    thread: int


class ThreadStart(NamedTuple):
    """Make an inactive thread ready, with `registers` if given; privileged."""

    thread: int
    registers: tuple[int, ...] | None = None


class ThreadStop(NamedTuple):
    """Abort a thread's IPC and make it inactive; privileged."""

    thread: int


class ThreadModify(NamedTuple):
    """Change priority, pager or handler (None: as before); privileged."""

    thread: int
    priority: int | None = None
    pager: int | None = None
    handler: int | None = None


class Registers(NamedTuple):
    """Read a stopped or waiting thread's registers (the answer); write them if given."""

    thread: int
    values: tuple[int, ...] | None = None


class ThreadSwitch(NamedTuple):
    """Yield: to `to` if it is ready, else to the dispatcher."""

    to: int = NIL


class IrqAttach(NamedTuple):
    """Make a thread the handler of an interrupt (NIL: nobody); privileged."""

    irq: int
    thread: int


class PageFault(NamedTuple):
    """Machine event: the running thread touched `address` at `ip` wanting `access` rights."""

    address: int
    access: int
    ip: int = 0


class Exception_(NamedTuple):
    """Machine event: the running thread trapped with `number`, its registers as they were."""

    number: int
    registers: tuple[int, ...] = (0,) * REGISTERS


class Interrupt(NamedTuple):
    """Machine event: interrupt line `irq`."""

    irq: int


class Tick(NamedTuple):
    """Machine event: the running thread's time slice ended."""
