"""A process: its state, its program and the memory the paths touch for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from microbench.trace import Region

Program = Generator[None, None, Any]
"""User or kernel code that may be switched out: it yields when somebody else runs.

Code that never blocks has the same form, so that callers need not know: a `yield` that is
not reached, behind its `return`."""

RUNNING, SLEEPING, ZOMBIE = "running", "sleeping", "zombie"
STACK_BYTES = 8192
TASK_BYTES = 0x2C0
HEAP_BYTES = 4096
MIDDLE = 500_000_000
"""Credit that makes a process neither better nor worse than its static priority [ns]."""


@dataclass(eq=False)
class Process:
    """One process.

    Attributes
    ----------
    pid : int
    name : str
    priority : int
        Smaller is better, as the kernel orders them. At first also the `static_priority`, which
        stays.
    credit : int
        For having slept of late [ns]; see `microbench.linux.credit`.
    since : int
        The tick of its last switch or wake-up.
    woken : bool
        Whether it was woken and has not run since.
    space : int
        Number of its address space.
    kernel_regions, user_regions : dict of str to Region
        What the roles "stack", "task", "process" and "user_text", "user_stack", "user_data"
        mean for this process.
    files : list
        Open files by descriptor.
    output : list
        What the program reported; the answer that must not depend on the host.
    mm : AddressSpace or None
        Its address space, where its pages are modelled one by one.
    open_files : int
        Descriptors that exit closes.
    handlers : dict of int to callable
        What it does on a signal.
    waiting : WaitQueue
        Where it sleeps until a child exits.
    """

    pid: int
    name: str
    priority: int = 120
    space: int = 0
    state: str = RUNNING
    program: Program | None = None
    kernel_regions: dict[str, Region] = field(default_factory=dict)
    user_regions: dict[str, Region] = field(default_factory=dict)
    files: list[Any] = field(default_factory=list)
    output: list[Any] = field(default_factory=list)
    parent: Process | None = None
    children: list[Process] = field(default_factory=list)
    exit_code: int | None = None
    mm: Any = None
    open_files: int = 0
    handlers: dict[int, Any] = field(default_factory=dict)
    waiting: WaitQueue = field(default_factory=lambda: WaitQueue())
    static_priority: int = field(init=False)
    credit: int = MIDDLE
    since: int = 0
    woken: bool = False

    def __post_init__(self) -> None:
        self.static_priority = self.priority

    def user(self, name: str) -> Region:
        """One of its user regions."""
        return self.user_regions[name]


class WaitQueue:
    """Processes asleep on one condition, in order of arrival."""

    def __init__(self) -> None:
        self.sleepers: deque[Process] = deque()
