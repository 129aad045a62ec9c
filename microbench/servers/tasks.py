"""What a program on the functional microkernel may ask for.

A program is a generator. What it yields is a call of the microkernel, an access to its own
memory, or one of the few things below; it is sent the answer when its thread runs again.
Memory that is not mapped faults, and the microkernel tells the pager: nothing is mapped by
hand.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, Protocol

from microbench.l4.model import PAGE_BITS

PAGE = 1 << PAGE_BITS
Task = Generator[Any, Any, None]


class Run(NamedTuple):
    """Code of the program, by the name of its shape."""

    shape: str


class Load(NamedTuple):
    """Read `size` bytes of the task's memory at `address`; the answer is the bytes."""

    address: int
    size: int


class Store(NamedTuple):
    """Write bytes to the task's memory at `address`."""

    address: int
    data: bytes


class Move(NamedTuple):
    """Copy `size` bytes within the task's memory."""

    source: int
    target: int
    size: int


class Start(NamedTuple):
    """A device or timer raises interrupt `irq` in so many nanoseconds."""

    irq: int
    nanoseconds: int


class Exit(NamedTuple):
    """The task ends."""


class Crash(NamedTuple):
    """The task traps: its registers go to its handler."""

    number: int = 1


class Spin(NamedTuple):
    """The task runs on for ever."""


class Clock(NamedTuple):
    """The answer is the time [ns]."""


class Forget(NamedTuple):
    """A deleted thread's program and the contents of frames that are free again."""

    tid: int
    frames: tuple[int, ...] = ()


class Miss(NamedTuple):
    """The access a thread faulted at is given up: its answer is None."""

    tid: int


class Launch(NamedTuple):
    """Give a thread its program."""

    tid: int
    task: Task


class Note(NamedTuple):
    """A step of a recovery ends here."""

    name: str


class Costs(Protocol):
    """Who is told what programs do, beside the microkernel's own sink."""

    def run(self, tid: int, shape: str) -> None:
        """Code of a program ran."""

    def copy(self, tid: int, source: int, target: int, size: int) -> None:
        """A program copied within its memory."""

    def device(self, irq: int, nanoseconds: int) -> None:
        """The device of an interrupt line was started."""

    def waited(self, irq: int) -> None:
        """It is done."""

    def note(self, name: str) -> None:
        """A step ended."""


EXIT = 2
"""Number of the trap by which a task ends itself."""
