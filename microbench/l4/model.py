"""Everything the microkernel remembers, in one record, and the values its calls carry.

Knows: threads, spaces, mappings, domains, queues. Refuses to know: how they change (the
other files) and what it costs (`events.Sink`). Two equal `State`s are the same kernel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from microbench.errors import MkbenchError

NIL = 0  # no thread
ANY = -1  # any thread (open receive)
IRQ_BASE = -100  # interrupt n is the partner IRQ_BASE - n
PAGE_BITS = 12
SECTION_BITS = 20
SLOT_BITS = 25  # a PID slot is 32 MB
PID_SLOTS = 128
REGISTERS = 17  # r0..r15 and the status word
READ, WRITE, EXECUTE = 4, 2, 1
ALL_RIGHTS = READ | WRITE | EXECUTE


class Refused(MkbenchError):
    """An illegal call. The kernel state is what it was before."""


class ThreadState(StrEnum):
    """What a thread is doing; the current thread is READY too."""

    INACTIVE = "inactive"
    READY = "ready"
    SENDING = "sending"
    RECEIVING = "receiving"


class IpcError(StrEnum):
    """Why a legal IPC did not complete."""

    SEND_TIMEOUT = "send timeout"
    RECEIVE_TIMEOUT = "receive timeout"
    ABORTED = "partner or operation gone"


class FaultKind(StrEnum):
    """What a thread that waits for its pager or handler had done."""

    PAGE_FAULT = "page fault"
    EXCEPTION = "exception"


class Fpage(NamedTuple):
    """A flexpage: 2**`size_bits` bytes at `base` [bytes], aligned to its size."""

    base: int
    size_bits: int

    def pages(self) -> range:
        """Its 4 KB page numbers."""
        first = self.base >> PAGE_BITS
        return range(first, first + (1 << (self.size_bits - PAGE_BITS)))


class MapItem(NamedTuple):
    """A typed message item: give the receiver `fpage` of the sender at `base` [bytes]."""

    fpage: Fpage
    base: int
    rights: int
    grant: bool = False


class Message(NamedTuple):
    """A message: label, untyped words (message registers 1..n, 32 bit), typed items."""

    label: int = 0
    words: tuple[int, ...] = ()
    items: tuple[MapItem, ...] = ()


class Result(NamedTuple):
    """What an IPC brought its thread: a sender with a message, or an error."""

    sender: int
    message: Message
    error: IpcError | None = None


class Pending(NamedTuple):
    """A blocked send, and the receive that follows it (`receive_from` NIL: none)."""

    to: int
    message: Message
    receive_from: int
    receive_waits: bool


@dataclass
class Thread:
    """A thread control block.

    `partner` is meaningful while SENDING or RECEIVING: a thread, ANY, or an interrupt.
    `fault` is set while the thread waits for its pager or exception handler;
    `fault_address` [bytes] is where the last page fault was.
    `in_kernel` says that it blocked below the assembler path: a reply must finish its
    interrupted kernel work, so that the old fast path cannot wake it.
    """

    tid: int
    space: int
    priority: int
    pager: int
    handler: int
    state: ThreadState = ThreadState.INACTIVE
    partner: int = NIL
    pending: Pending | None = None
    result: Result | None = None
    fault: FaultKind | None = None
    fault_address: int = 0
    in_kernel: bool = False
    resources: bool = False
    registers: tuple[int, ...] = (0,) * REGISTERS


class Place(NamedTuple):
    """A page in a space."""

    space: int
    page: int


@dataclass
class Mapping:
    """A node of the map database: a page, where it came from and who got it from here."""

    frame: int
    rights: int
    parent: Place | None
    children: set[Place] = field(default_factory=set)


@dataclass
class Space:
    """An address space: its pages, its PID slot, its domain and its live sections.

    `sections` are the 1 MB entries this space holds in the shared level-1 table; they exist
    only while the space owns a domain. `privileged` spaces may use the control calls.
    """

    sid: int
    privileged: bool
    pid_slot: int
    domain: int | None = None
    pages: dict[int, Mapping] = field(default_factory=dict)
    sections: set[int] = field(default_factory=set)


@dataclass
class Domains:
    """The domain table. Index 0 is the kernel's; `dirty` and `current` as the kernel keeps them.

    `draws` counts the pseudo-random victims taken so far: with `seed` it is all the
    randomness there is.
    """

    owner: list[int | None]
    dirty: set[int] = field(default_factory=set)
    current: int = 0
    seed: int = 1
    draws: int = 0


@dataclass
class State:
    """The whole kernel state: equal states behave alike for ever.

    `ready` holds, per priority, the READY threads other than the current one, in order.
    `send_queues` holds, per receiver, the SENDING threads in order of arrival.
    `running_space` is the space the machine has active, also while idle.
    """

    frames: int
    root: int
    domains: Domains
    threads: dict[int, Thread] = field(default_factory=dict)
    spaces: dict[int, Space] = field(default_factory=dict)
    ready: dict[int, list[int]] = field(default_factory=dict)
    send_queues: dict[int, list[int]] = field(default_factory=dict)
    irq_handler: dict[int, int] = field(default_factory=dict)
    irq_pending: set[int] = field(default_factory=set)
    irq_masked: set[int] = field(default_factory=set)
    current: int = NIL
    running_space: int = 0
    next_tid: int = 1
    next_sid: int = 1


def irq_of(partner: int) -> int | None:
    """Interrupt number a partner name stands for, or None."""
    return IRQ_BASE - partner if partner <= IRQ_BASE else None


def irq_partner(irq: int) -> int:
    """Partner name of interrupt `irq`."""
    return IRQ_BASE - irq
