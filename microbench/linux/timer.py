"""Which process the timer's ticks strike, as far as the scheduler cares.

In a run of seconds ticks strike every process of a program alike. A recording holds a few turns
of it; so a tick comes about once a turn, and the next one strikes another process, a golden
section of them further on: a few ticks then stand for many. What a tick costs is priced apart
(`microbench.run.ticks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from microbench.linux.process import Process
from microbench.linux.scheduler import Scheduler

GOLDEN = (3 - 5**0.5) / 2


def stride(count: int) -> int:
    """The step nearest to a golden section that visits all of `count` processes."""
    steps = [step for step in range(1, count + 1) if gcd(step, count) == 1]
    return min(steps, key=lambda step: abs(step - GOLDEN * count))


class Timer:
    """Ticks for the processes of one program.

    Parameters
    ----------
    processes : sequence of Process
        Who is struck in turn.
    """

    def __init__(self, scheduler: Scheduler, processes: Sequence[Process]) -> None:
        self._scheduler, self._processes = scheduler, processes
        self._stride = stride(len(processes))
        self._turn = self._last = 0

    def running(self, process: Process) -> None:
        """A process is in user mode: the tick that is due strikes it if it is its turn."""
        turned = self._scheduler.switches - self._last >= len(self._processes)
        if turned and process is self._processes[self._turn]:
            self._scheduler.ticks += 1
            self._last = self._scheduler.switches
            self._turn = (self._turn + self._stride) % len(self._processes)
