"""The kernel's cache of a block device: read when first touched, written behind, in order.

One client waits for one daemon, so time is one number. Writing behind goes on beside it; a read
waits for the one transfer that has begun, then goes first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from microbench.linux.disk import Disk
from microbench.linux.pagecache import runs
from microbench.study.trees.numbers import Numbers

NS = 1e9
LONGEST = 128
"""Blocks of one transfer at most."""


class BlockCache:
    """One disk behind the kernel's cache.

    Attributes
    ----------
    now_ns : float
        Time since the start [ns].
    waits : int
        Transfers that were waited for.
    """

    def __init__(self, given: Numbers) -> None:
        self._disk = Disk(given.disk)
        memory = given.blocks("memory")
        self._background = int(memory * given["dirty_background"])
        self._most = int(memory * given["dirty_most"])
        self._old, self._look = given["old"] * NS, given["look"] * NS
        self._next_look = self._look
        self._there: set[int] = set()
        self._dirty: dict[int, float] = {}
        self._queue: deque[tuple[int, int]] = deque()
        self._queued = 0
        self._free = 0.0
        self.now_ns = 0.0
        self.waits = 0

    def work(self, microseconds: float) -> None:
        """The processor is busy; old pages are written meanwhile."""
        self.now_ns += microseconds * 1e3
        while self._next_look <= self.now_ns:
            self._behind(self._next_look)
            self._next_look += self._look

    def read(self, first: int, count: int = 1) -> None:
        """Have blocks; those that are missing are waited for, neighbours together."""
        if count == 1 and first in self._there:
            return
        missing = [b for b in range(first, first + count) if b not in self._there]
        for start, length in runs(missing):
            self._wait(start, length)
        self._there.update(missing)

    def write(self, block: int, whole: bool, through: bool = False) -> None:
        """Change a block; one that is not written whole is read first."""
        if not whole and block not in self._there:
            self.read(block)
        self._there.add(block)
        if through:
            self._wait(block, 1)
            return
        if block not in self._dirty:
            self._dirty[block] = self.now_ns
            if len(self._dirty) + self._queued > self._most:
                self._throttle()

    def send(self, blocks: Iterable[int] | None = None) -> None:
        """Queue what is dirty, or a piece of a journal."""
        found = sorted(self._dirty) if blocks is None else list(blocks)
        for block in found:
            self._dirty.pop(block, None)
        for first, count in runs(found):
            for at in range(first, first + count, LONGEST):
                self._queue.append((at, min(LONGEST, first + count - at)))
        self._queued += len(found)

    def _behind(self, when: float) -> None:
        """What the kernel writes when it looks."""
        self._serve(when)
        if len(self._dirty) > self._background:
            self.send()
        else:
            self.send(sorted(b for b, since in self._dirty.items() if since <= when - self._old))

    def _serve(self, until: float) -> None:
        """Transfers nobody waits for, as far as they begin before a time."""
        while self._queue and self._free < until:
            first, count = self._queue.popleft()
            self._queued -= count
            self._free += self._disk.time_ns(first, count)
        if not self._queue:
            self._free = max(self._free, until)

    def _wait(self, first: int, count: int) -> None:
        """A transfer somebody waits for."""
        if self._queue:
            self._serve(self.now_ns)
        self._free = max(self._free, self.now_ns) + self._disk.time_ns(first, count)
        self.waits += 1
        self.now_ns = self._free

    def _throttle(self) -> None:
        """A writer waits until no more is dirty than may be."""
        self.send()
        while self._queued > self._most:
            self._serve(self._free + 1)
        self.now_ns = max(self.now_ns, self._free)
