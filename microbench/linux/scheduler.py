"""Who runs: the constant-time scheduler's run queue, wake-ups and the switch itself.

Strict priority, first come first served within one; a woken process preempts only on the way
back to user mode and only if its priority is strictly better, as in a kernel without
preemption. Priority is dynamic: `microbench.linux.credit`.
"""

from __future__ import annotations

from collections import deque

from microbench.linux import credit
from microbench.linux.host import Host
from microbench.linux.process import RUNNING, SLEEPING, Process, Program, WaitQueue


class Scheduler:
    """The run queue of one CPU.

    Attributes
    ----------
    current : Process or None
    switches : int
        How often another process was switched to.
    ticks : int
        The scheduler's clock: ticks of the timer so far.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.current: Process | None = None
        self.queues: dict[int, deque[Process]] = {}
        self.need_resched = False
        self.switches = self.ticks = 0

    def add(self, process: Process) -> None:
        """Make a process runnable, behind its equals."""
        process.state = RUNNING
        self.queues.setdefault(process.priority, deque()).append(process)

    def next(self) -> Process | None:
        """The best runnable process, not yet taken off its queue."""
        for priority in sorted(self.queues):
            if self.queues[priority]:
                return self.queues[priority][0]
        return None

    def wake(self, process: Process) -> bool:
        """Make a sleeper runnable; whether it was asleep."""
        if process.state != SLEEPING:
            return False
        credit.slept(process, self.ticks - process.since)
        process.woken, process.since = True, self.ticks
        self.add(process)
        if self.current is not None and process.priority < self.current.priority:
            self.need_resched = True
        return True

    def sleep(self, process: Process, queue: WaitQueue) -> Program:
        """Block the current process on a queue until it is woken."""
        queue.sleepers.append(process)
        process.state = SLEEPING
        yield from self.schedule(process)
        if process in queue.sleepers:
            queue.sleepers.remove(process)

    def preempt(self, process: Process) -> Program:
        """On the way to user mode: let a better process run first."""
        if self.need_resched:
            self.need_resched = False
            self.queues.setdefault(process.priority, deque()).appendleft(process)
            yield from self.schedule(process)

    def schedule(self, process: Process) -> Program:
        """Give up the CPU; returns when the process runs again."""
        following = self.next()
        if following is None:
            raise RuntimeError(f"deadlock: {process.name} sleeps and nobody can run")
        self.queues[following.priority].popleft()
        self._account(process, following)
        if following is process:
            return
        self._switch(process, following)
        yield
        with self.host.recorder.place("schedule"):
            self.host.path("schedule_in", process, other_task=following.kernel_regions["task"])

    def _account(self, process: Process, following: Process) -> None:
        """Charge who ran; who was woken and waited since slept for a part of that."""
        if following.woken:
            credit.slept(following, self.ticks - following.since, credit.QUEUED)
            following.woken = False
        credit.ran(process, self.ticks - process.since)
        process.since = following.since = self.ticks

    def _switch(self, process: Process, following: Process) -> None:
        other = {
            "other_task": following.kernel_regions["task"],
            "other_stack": following.kernel_regions["stack"],
            "object": following.kernel_regions["process"],
        }
        with self.host.recorder.place("schedule"):
            self.host.path("schedule_out", process, **other)
        self.host.switch(process, following)
        with self.host.recorder.place("schedule"):
            self.host.path("schedule_across", process, **other)
        self.switches += 1
        self.current = following
        self.need_resched = False
