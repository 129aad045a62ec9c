"""The kernel put together: processes, the system-call table and the loop that runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from microbench.linux.credit import priority as dynamic_priority
from microbench.linux.files import File
from microbench.linux.host import Host
from microbench.linux.memory import Memory
from microbench.linux.pipe import PAGE, Pipe
from microbench.linux.process import HEAP_BYTES, MIDDLE, STACK_BYTES, TASK_BYTES, Process, Program
from microbench.linux.scheduler import Scheduler
from microbench.linux.timer import Timer
from microbench.linux.unix import SocketPair
from microbench.trace import Region, ops

ORDINARY = 120
"""Priority of a process that is neither better nor worse than others."""


class Linux:
    """One running system.

    Parameters
    ----------
    host : Host
        What it runs on.
    pipe_bytes : int
        Size of a pipe's buffer [bytes]: 4,096 before 2.6.11, 65,536 since.
    stores_merge, plain_loops : float
        Not 0: the neutral side of a choice. Stores merge on every host; user loops are those of
        an optimising compiler.
    sleep : float
        Factor on how long ReAIM-style jobs sleep.
    ticks : float
        0: the timer never interrupts.

    Attributes
    ----------
    images : object or None
        Programs and libraries for those who start them; None leaves it to the module that reads
        their description.
    """

    def __init__(
        self,
        host: Host,
        pipe_bytes: float = PAGE,
        *,
        stores_merge: float = 0,
        plain_loops: float = 0,
        sleep: float = 1.0,
        ticks: float = 1,
    ) -> None:
        self.host = host
        self.scheduler = Scheduler(host)
        self.processes: list[Process] = []
        self.pipe_bytes = int(pipe_bytes)
        self.plain_loops, self.sleep, self.ticks = plain_loops, sleep, ticks
        if stores_merge:
            host.recorder.emit(ops.COALESCING, 1)
        self.images: Any = None
        self.memory = Memory(host)
        self.reaped: list[dict[str, Region]] = []
        self.timer: Timer | None = None

    def strike_in_turn(self) -> None:
        """From now on ticks strike all processes alike; see `microbench.linux.timer`."""
        if self.ticks:
            self.timer = Timer(self.scheduler, self.processes)

    def spawn(
        self,
        name: str,
        program: Callable[[Linux, Process], Program],
        priority: int = ORDINARY,
        credit: int = MIDDLE,
    ) -> Process:
        """A process set up outside the measurement, with its program.

        Parameters
        ----------
        credit : int
            For having slept before [ns].
        """
        regions = {
            "stack": self.host.kernel_memory("stack", STACK_BYTES, align=STACK_BYTES),
            "task": self.host.kernel_memory("task", TASK_BYTES),
            "process": self.host.kernel_memory("process", HEAP_BYTES),
        }
        process = self.new_process(name, priority, regions)
        process.credit = credit
        process.priority = dynamic_priority(process)
        self.host.new_space(process)
        process.program = self._first(process, program(self, process))
        self.scheduler.add(process)
        return process

    def new_process(self, name: str, priority: int, regions: dict[str, Region]) -> Process:
        """A process without a space and without a program."""
        process = Process(len(self.processes) + 1, name, priority, kernel_regions=regions)
        self.processes.append(process)
        return process

    def _first(self, process: Process, program: Program) -> Program:
        self.host.start(process)
        yield from program

    def run(self) -> None:
        """Run until the process that was spawned first has finished."""
        first = self.processes[0]
        self.scheduler.current = self.scheduler.next()
        assert self.scheduler.current is not None
        self.scheduler.queues[self.scheduler.current.priority].popleft()
        while True:
            current = self.scheduler.current
            assert current is not None
            assert current.program is not None
            try:
                next(current.program)
            except StopIteration:
                if current is first:
                    return
                raise RuntimeError(f"{current.name} ended without exit") from None

    def pipe(self) -> Pipe:
        """A new pipe."""
        return Pipe(self.scheduler, self.pipe_bytes)

    def call(self, process: Process, name: str, body: Program) -> Program:
        """One system call: user stub, entry, body, perhaps another process, exit."""
        if self.timer is not None:
            self.timer.running(process)
        self.host.enter(process, name)
        answer = yield from body
        yield from self.scheduler.preempt(process)
        self.host.leave(process)
        return answer

    def write(self, process: Process, pipe: Pipe, user: Region, data: bytes) -> Program:
        """write(2) to a pipe."""
        return (yield from self.call(process, "write", pipe.write(process, user, data)))

    def read(self, process: Process, pipe: Pipe, user: Region, size: int) -> Program:
        """read(2) from a pipe."""
        return (yield from self.call(process, "read", pipe.read(process, user, size)))

    def simple(self, process: Process, name: str, answer: object = 0) -> Program:
        """A call that is one recorded path: getppid, stat, open ..."""
        return (yield from self.call(process, name, self._simple(process, name, answer)))

    def _simple(self, process: Process, name: str, answer: object) -> Program:
        with self.host.recorder.place("syscall"):
            self.host.path(name, process, buffer=process.kernel_regions["process"])
        return answer
        yield

    def getppid(self, process: Process) -> Program:
        """getppid(2), the null call."""
        parent = 0 if process.parent is None else process.parent.pid
        return (yield from self.simple(process, "getppid", parent))

    def socket_pair(self) -> SocketPair:
        """socketpair(2) of two stream sockets, set up outside the measurement."""
        return SocketPair(self.scheduler)

    def send(
        self, process: Process, pair: SocketPair, end: int, user: Region, data: bytes
    ) -> Program:
        """write(2) to a socket."""
        return (yield from self.call(process, "write", pair.send(process, end, user, data)))

    def receive(
        self, process: Process, pair: SocketPair, end: int, user: Region, size: int
    ) -> Program:
        """read(2) from a socket."""
        return (yield from self.call(process, "read", pair.receive(process, end, user, size)))

    def file(self, content: bytes) -> File:
        """A file that is open and in the page cache."""
        return File(self.host, content)

    def seek(self, process: Process, file: File, position: int) -> Program:
        """lseek(2)."""
        return (yield from self.call(process, "lseek", file.seek(process, position)))

    def read_file(self, process: Process, file: File, user: Region, size: int) -> Program:
        """read(2) from a file."""
        return (yield from self.call(process, "read", file.read(process, user, size)))
