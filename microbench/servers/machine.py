"""The microkernel with programs on it: who goes on next, what each step asks for, and a clock.

The clock decides who is ready first. What a step costs the machine is decided later, by
whoever prices the trace; the clock has one length for all of them.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import Any

from microbench.errors import MkbenchError
from microbench.l4.calls import Exception_, Interrupt, Ipc, PageFault
from microbench.l4.faults import translation
from microbench.l4.kernel import Kernel
from microbench.l4.model import (
    ANY,
    NIL,
    PAGE_BITS,
    READ,
    WRITE,
    IpcError,
    Message,
    Refused,
    Result,
    ThreadState,
)
from microbench.servers.memory import Memory
from microbench.servers.tasks import (
    EXIT,
    Clock,
    Costs,
    Crash,
    Exit,
    Forget,
    Launch,
    Load,
    Miss,
    Move,
    Note,
    Run,
    Spin,
    Start,
    Store,
    Task,
)

NOMINAL_NS = 1000
"""A step of the clock where nobody worked out what one costs [ns]."""


class Deadlock(MkbenchError):
    """Nobody can run and nothing is to come."""


class Machine:
    """The microkernel with programs on it.

    Parameters
    ----------
    kernel : Kernel
    costs : Costs, optional
        Nobody is told without.
    step_ns : int
        What the clock advances by for a call or a piece of code [ns].

    Attributes
    ----------
    now_ns : int
        The clock.
    tally : Counter
        "ipcs" sent, "switches", "copied" bytes.
    notes : list of (str, int)
        Steps and when they ended [ns].
    faults : dict of int to value
        What a thread does instead of its program's next step; put there from outside.
    hits : list of int
        When a fault was met [ns].
    """

    def __init__(
        self, kernel: Kernel, costs: Costs | None = None, step_ns: int = NOMINAL_NS
    ) -> None:
        self.kernel, self.costs, self.step_ns = kernel, costs, step_ns
        self.now_ns = 0
        self.tally: Counter[str] = Counter()
        self.notes: list[tuple[str, int]] = []
        self.steps = 0
        self.faults: dict[int, Any] = {}
        self.hits: list[int] = []
        self._tasks: dict[int, Task] = {}
        self._asked: dict[int, Any] = {}
        self._answers: dict[int, Any] = {}
        self._events: list[tuple[int, int, int]] = []
        self._latest: dict[int, int] = {}
        self._raised: list[int] = []
        self.memory = Memory(kernel.state)
        self._sequence = 0
        self._ran = NIL

    def add(self, tid: int, task: Task) -> None:
        """Give a thread its program."""
        self._tasks[tid] = task

    def after(self, irq: int, nanoseconds: int) -> None:
        """Raise an interrupt later; a device that is started anew forgets what it was doing."""
        self._sequence += 1
        self._latest[irq] = self._sequence
        self._raised = [old for old in self._raised if old != irq]
        heapq.heappush(self._events, (self.now_ns + nanoseconds, self._sequence, irq))
        if self.costs is not None:
            self.costs.device(irq, nanoseconds)

    # the loop

    def step(self) -> None:
        """One thing happens: an interrupt, or the running thread goes on."""
        self._interrupts()
        tid = self.kernel.current
        if tid == NIL:
            self._idle()
            return
        if tid != self._ran:
            self.tally["switches"] += self._ran != NIL
            self._ran = tid
        self.steps += 1
        self.now_ns += self.step_ns
        if tid not in self._asked:
            self._next(tid)
        else:
            self._again(tid)

    def _idle(self) -> None:
        """Nobody runs: time passes until something does."""
        if not self._events:
            raise Deadlock("every thread waits and nothing is to come")
        self.now_ns = max(self.now_ns, self._events[0][0])

    def _interrupts(self) -> None:
        """Raise what is due and not masked."""
        while self._events and self._events[0][0] <= self.now_ns:
            _, sequence, irq = heapq.heappop(self._events)
            if sequence != self._latest[irq]:
                continue
            self._raised.append(irq)
            if self.costs is not None:
                self.costs.waited(irq)
        if not self._raised:
            return
        state, waiting = self.kernel.state, []
        for irq in self._raised:
            if irq not in state.irq_handler:
                continue
            if irq in state.irq_masked:
                waiting.append(irq)
            else:
                self.kernel.do(Interrupt(irq))
        self._raised = waiting

    def _next(self, tid: int) -> None:
        """Send a program its answer and take what it asks for."""
        if tid in self.faults:
            self._asked[tid] = self.faults.pop(tid)
            self.hits.append(self.now_ns)
            self.note("fault")
            self._serve(tid)
            return
        task = self._tasks[tid]
        try:
            self._asked[tid] = task.send(self._answers.pop(tid, None))
        except StopIteration:
            self._asked[tid] = Exit()
        self._serve(tid)

    def _again(self, tid: int) -> None:
        """A thread that was in the microkernel runs again."""
        if isinstance(self._asked[tid], Ipc):
            self._answers[tid] = self.kernel.result(tid)
            del self._asked[tid]
            self._next(tid)
        else:
            self._serve(tid)

    def _done(self, tid: int, answer: Any = None) -> None:
        self._answers[tid] = answer
        self._asked.pop(tid, None)

    def _serve(self, tid: int) -> None:
        """Do what a program asked for."""
        asked = self._asked[tid]
        match asked:
            case Ipc():
                self._ipc(tid, asked)
            case Load(address, size):
                if self._mapped(tid, address, size, READ):
                    self._done(tid, self.memory.peek(tid, address, size))
            case Store(address, data):
                if self._mapped(tid, address, len(data), WRITE):
                    self.memory.poke(tid, address, data)
                    self._done(tid)
            case Move(source, target, size):
                self._move(tid, source, target, size)
            case Run(shape):
                if self.costs is not None:
                    self.costs.run(tid, shape)
                self._done(tid)
            case Start(irq, nanoseconds):
                self.after(irq, nanoseconds)
                self._done(tid)
            case Note(name):
                self.note(name)
                self._done(tid)
            case Clock():
                self._done(tid, self.now_ns)
            case Forget(gone, frames):
                self.forget(gone)
                self.memory.forget(frames)
                self._done(tid)
            case Miss(other):
                self._done(other)
                self._done(tid)
            case Launch(fresh, task):
                self._tasks[fresh] = task
                self._done(tid)
            case Spin():
                self._spin()
            case Crash(number):
                self.kernel.do(Exception_(number))
            case Exit():
                self.kernel.do(Exception_(EXIT))
            case _:
                self._done(tid, self.kernel.do(asked))

    def note(self, name: str) -> None:
        """A step of a recovery ends now."""
        self.notes.append((name, self.now_ns))
        if self.costs is not None:
            self.costs.note(name)

    def _ipc(self, tid: int, asked: Ipc) -> None:
        """A partner that is gone is an error of the call, not of the caller."""
        self.tally["ipcs"] += asked.to != NIL
        try:
            self.kernel.do(asked)
        except Refused:
            if asked.to in self.kernel.state.threads:
                raise
            if asked.receive_from == ANY:  # a reply to the dead is dropped; wait for the next
                self.kernel.do(asked._replace(to=NIL))
            else:
                self._done(tid, Result(asked.to, Message(), IpcError.ABORTED))

    def _spin(self) -> None:
        """Whoever spins keeps the processor until an interrupt."""
        if not self._events:
            raise Deadlock("a thread spins and nothing is to come")
        self.now_ns = max(self.now_ns, self._events[0][0])

    # memory

    def _mapped(self, tid: int, address: int, size: int, access: int) -> bool:
        """Whether every page of a range may be used; if not, the first one faults."""
        state = self.kernel.state
        for page in range(address >> PAGE_BITS, (address + max(size, 1) - 1 >> PAGE_BITS) + 1):
            at = max(address, page << PAGE_BITS)
            while True:
                space = state.spaces[state.threads[tid].space]
                missing = translation(state, space, at, access)
                if missing == "present":
                    break
                self.kernel.do(PageFault(at, access))
                if missing == "page":
                    self.tally["faults"] += 1
                    return False
        return True

    def _move(self, tid: int, source: int, target: int, size: int) -> None:
        if self._mapped(tid, source, size, READ) and self._mapped(tid, target, size, WRITE):
            self.tally["copied"] += size
            if self.costs is not None:
                self.costs.copy(tid, source, target, size)
            self.memory.poke(tid, target, self.memory.peek(tid, source, size))
            self._done(tid)

    def forget(self, tid: int) -> None:
        """A thread was deleted: its program goes with it."""
        task = self._tasks.pop(tid, None)
        if task is not None:
            task.close()
        self._asked.pop(tid, None)
        self._answers.pop(tid, None)

    def alive(self, tid: int) -> bool:
        """Whether a thread exists and can go on."""
        thread = self.kernel.state.threads.get(tid)
        return thread is not None and thread.state is not ThreadState.INACTIVE
