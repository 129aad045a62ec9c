"""A device that takes a time, and processes that sleep on it.

The functional kernel keeps a clock of its own, in nanoseconds, only to decide who is ready
first: user work at a nominal speed, and waits. What a wait really costs the machine decides.
"""

from __future__ import annotations

from microbench.linux.process import SLEEPING, Process, Program, WaitQueue
from microbench.linux.scheduler import Scheduler
from microbench.trace import ops

NOMINAL_NS_PER_INSTRUCTION = 5


class Devices:
    """Timers and block devices of one system."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._recorder = scheduler.host.recorder
        self._now = 0
        self._waiting: list[tuple[int, int, Process]] = []
        self._free = list(range(ops.DEVICES))

    @property
    def now_ns(self) -> int:
        """The functional clock [ns]."""
        return self._now

    def pass_time(self, nanoseconds: int) -> None:
        """Time in which the program under test does nothing [ns]."""
        self._now += nanoseconds

    def sleep(self, process: Process, queue: WaitQueue) -> Program:
        """Block on a queue; with nobody else to run, a device may be what is waited for."""
        queue.sleepers.append(process)
        process.state = SLEEPING
        self.ready()
        yield from self._scheduler.schedule(process)
        if process in queue.sleepers:
            queue.sleepers.remove(process)

    def worked(self, instructions: int) -> None:
        """User work passed; who became ready meanwhile is woken."""
        self._now += instructions * NOMINAL_NS_PER_INSTRUCTION
        while self._waiting and min(self._waiting, key=_due)[0] <= self._now:
            self._finish(min(self._waiting, key=_due))

    def wait(self, process: Process, nanoseconds: int) -> Program:
        """Sleep until the device is done; others run, or the machine idles."""
        yield from self.finish(process, self.begin(nanoseconds))

    def begin(self, nanoseconds: int) -> tuple[int, int]:
        """Start a device and go on; when it is due, and which it is."""
        device = self._free.pop()
        self._recorder.emit(ops.DEVICE_START, device, nanoseconds)
        return self._now + nanoseconds, device

    def finish(self, process: Process, begun: tuple[int, int]) -> Program:
        """Sleep until a device that was started is done."""
        self._waiting.append((*begun, process))
        process.state = SLEEPING
        self.ready()
        yield from self._scheduler.schedule(process)

    def ready(self) -> None:
        """If nobody can run, idle until the first device is done."""
        if self._scheduler.next() is None and self._waiting:
            first = min(self._waiting, key=_due)
            self._now = max(self._now, first[0])
            self._finish(first)

    def _finish(self, entry: tuple[int, int, Process]) -> None:
        self._waiting.remove(entry)
        _, device, process = entry
        with self._recorder.place("idle"):
            self._recorder.emit(ops.DEVICE_WAIT, device)
        self._free.append(device)
        self._scheduler.wake(process)


def _due(entry: tuple[int, int, Process]) -> tuple[int, int]:
    return entry[:2]
