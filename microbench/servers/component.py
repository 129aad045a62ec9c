"""What a manager knows about something that may die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from microbench.l4.model import NIL
from microbench.servers.tasks import Task


@dataclass(eq=False)
class Component:
    """Something that may die.

    Attributes
    ----------
    name : str
        Its label at the name server.
    make : callable
        A fresh program; told how often it died.
    image_pages : int
        What is copied for each start.
    regions : list of (int, int)
        Addresses it may touch: first and one past the last.
    windows : list of (int, int)
        Where a server's pages appear; what is no longer there is missed, not replaced.
    irq : int or None
        Interrupt line that goes to it.
    needs : tuple of str
        Whose silence excuses its own.
    script : bool
        Whether a script starts it again, as network drivers have.
    watched : bool
        Whether it is asked for signs of life.
    restarts : bool
        Whether it is started again.
    tid, space, slot : int
        Its thread, space and PID slot now.
    deaths : int
    due_ticks, waits : int, bool
        Ticks until it is started again, while that is waited for.
    watcher : int
        The thread that carries questions to it.
    asked : bool
        Whether the watcher is away with a question, or none has reported yet.
    owes : bool
        Whether it was asked since it last answered.
    ready : bool
        Whether it answered since it was started.
    ready_ns, asked_ns, answered_ns : int
        When [ns]; a start counts as an answer.
    frames : list of int
        Its memory.
    """

    name: str
    make: Callable[[int], Task]
    priority: int
    image_pages: int = 4
    regions: list[tuple[int, int]] = field(default_factory=list)
    windows: list[tuple[int, int]] = field(default_factory=list)
    irq: int | None = None
    needs: tuple[str, ...] = ()
    watched: bool = True
    restarts: bool = True
    script: bool = False
    tid: int = NIL
    space: int = 0
    slot: int = 0
    deaths: int = 0
    due_ticks: int = 0
    waits: bool = False
    watcher: int = NIL
    asked: bool = True
    owes: bool = False
    ready: bool = False
    ready_ns: int = 0
    asked_ns: int = 0
    answered_ns: int = 0
    frames: list[int] = field(default_factory=list)

    def allowed(self, address: int) -> bool:
        """Whether it may touch an address."""
        return any(first <= address < end for first, end in self.regions)

    def misses(self, address: int) -> bool:
        """Whether a page at an address is a server's to give."""
        return any(first <= address < end for first, end in self.windows)
