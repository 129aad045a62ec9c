"""Pipes and FIFOs: a ring of bytes, readers and writers that sleep on one queue each end.

The buffer of the kernels the talk measured holds one page; that of 2.6.11 and later, sixteen.
A writer that fills the buffer sleeps inside the call, a reader that empties it while a writer
waits stays inside the call too: a long transfer switches twice per buffer.
"""

from __future__ import annotations

from microbench.linux.process import Process, Program, WaitQueue
from microbench.linux.scheduler import Scheduler
from microbench.trace import Region

PAGE = 4096


class Pipe:
    """One pipe.

    Parameters
    ----------
    capacity : int
        Size of its buffer [bytes].
    """

    def __init__(self, scheduler: Scheduler, capacity: int = PAGE) -> None:
        self._scheduler = scheduler
        self._host = scheduler.host
        self.capacity = capacity
        self.data = bytearray()
        self.readers = WaitQueue()
        self.writers = WaitQueue()
        self._object = self._host.kernel_memory("pipe", 1024)
        self._buffer = self._host.kernel_memory("pipe buffer", capacity, align=PAGE)

    def _path(self, name: str, process: Process, **roles: Region) -> None:
        with self._host.recorder.place("pipe"):
            self._host.path(name, process, object=self._object, buffer=self._buffer, **roles)

    def _wake(self, process: Process, queue: WaitQueue) -> None:
        """Wake all sleepers of a queue (each removes itself); the path is paid in any case."""
        woken = [p for p in queue.sleepers if self._scheduler.wake(p)]
        with self._host.recorder.place("wake-up"):
            if not woken:
                self._host.path("pipe_wake_nobody", process, object=self._object)
            for other in woken:
                self._host.path(
                    "pipe_wake_reader",
                    process,
                    object=self._object,
                    other_task=other.kernel_regions["task"],
                    other_stack=other.kernel_regions["stack"],
                )

    def _sleep(self, process: Process, queue: WaitQueue) -> Program:
        self._path("pipe_wait", process)
        yield from self._scheduler.sleep(process, queue)
        self._path("pipe_waited", process)

    def _part(self, position: int, size: int) -> Region:
        return self._buffer.at(position % self.capacity, min(size, self.capacity))

    def write(self, process: Process, user: Region, data: bytes) -> Program:
        """Write all of `data`; the number of bytes written."""
        self._path("pipe_write_begin", process)
        done = 0
        while True:
            free = self.capacity - len(self.data)
            size = min(free, len(data) - done, PAGE)
            if free and (done or len(data) <= free or len(data) > self.capacity):
                self._host.copy_in(process, user.at(done, size), self._part(0, size), size)
                self._path("pipe_write_filled", process)
                self.data += data[done : done + size]
                done += size
            if done == len(data):
                break
            if len(self.data) < self.capacity and done:
                continue
            self._wake(process, self.readers)
            yield from self._sleep(process, self.writers)
        self._wake(process, self.readers)
        self._path("pipe_write_end", process)
        return done

    def read(self, process: Process, user: Region, size: int) -> Program:
        """Read up to `size` bytes, at least one; the bytes."""
        self._path("pipe_read_begin", process)
        got = bytearray()
        while True:
            if self.data:
                part = min(len(self.data), size - len(got), PAGE)
                self._path("pipe_read_found", process)
                self._host.copy_out(process, self._part(0, part), user.at(len(got), part), part)
                self._path("pipe_read_emptied", process)
                got += self.data[:part]
                del self.data[:part]
                if len(got) == size:
                    break
                if self.data:
                    continue
            if got and not self.writers.sleepers:
                break
            if got:
                self._wake(process, self.writers)
            yield from self._sleep(process, self.readers)
        self._wake(process, self.writers)
        self._path("pipe_read_end", process)
        return bytes(got)
