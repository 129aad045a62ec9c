"""FUSE, the kernel's half: requests in a queue, a device that a daemon reads and writes.

One queue and one lock per mount; a request wakes one daemon; the answer wakes its client. A
daemon that dies ends what is outstanding with ECONNABORTED and everything later with ENOTCONN,
as the stock kernel does.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from microbench.linux.devices import Devices
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program, WaitQueue
from microbench.linux.vfs import FsError
from microbench.trace import Region

HEADER_IN, HEADER_OUT = 40, 16
NO_REPLY = ("FORGET",)


@dataclass(eq=False)
class Request:
    """One request.

    Attributes
    ----------
    op : str
        LOOKUP, GETATTR, READ ...
    arguments : dict
        By name.
    pages : list of Region
        Where its data lies, or shall lie.
    waits : bool
        Whether a client sleeps until it is answered.
    """

    op: str
    arguments: dict[str, Any]
    pages: list[Region] = field(default_factory=list)
    waits: bool = True
    answer: Any = None
    error: str = ""
    done: bool = False
    client: WaitQueue = field(default_factory=WaitQueue)


class Connection:
    """A mount's queue.

    Attributes
    ----------
    tally : Counter
        "requests", "asynchronous", "wake-ups", "daemon calls", "copied", and each operation.
    """

    def __init__(self, linux: Linux, devices: Devices, tally: Counter[str]) -> None:
        self._linux, self._devices, self.tally = linux, devices, tally
        self._object = linux.host.kernel_memory("fuse connection", 1024)
        self._request = linux.host.kernel_memory("fuse request", 512)
        self.pending: deque[Request] = deque()
        self.processing: list[Request] = []
        self.daemons = WaitQueue()
        self.connected = True

    def path(self, name: str, process: Process, place: str = "fuse", **roles: Region) -> None:
        """One of the queue's paths."""
        roles = {"buffer": self._request, **roles}
        with self._linux.host.recorder.place(place):
            self._linux.host.path(name, process, object=self._object, **roles)

    def _wake(self, process: Process, queue: WaitQueue) -> bool:
        """Wake the first who sleeps; the others need not know."""
        for other in queue.sleepers:
            if self._linux.scheduler.wake(other):
                self.tally["wake-ups"] += 1
                self.path(
                    "pipe_wake_reader",
                    process,
                    "wake-up",
                    other_task=other.kernel_regions["task"],
                    other_stack=other.kernel_regions["stack"],
                )
                return True
        return False

    def _sleep(self, process: Process, queue: WaitQueue) -> Program:
        self.path("pipe_wait", process)
        yield from self._devices.sleep(process, queue)
        self.path("pipe_waited", process)

    def _queue(self, process: Process, request: Request) -> None:
        if not self.connected:
            raise FsError("ENOTCONN")
        self.tally["requests"] += 1
        self.tally[request.op] += 1
        self.tally["asynchronous"] += not request.waits
        self.path("fuse_request", process)
        self.pending.append(request)
        self._wake(process, self.daemons)

    def ask(
        self, process: Process, op: str, pages: list[Region] | None = None, **arguments: Any
    ) -> Program:
        """A request and the sleep until it is answered; the answer."""
        request = Request(op, arguments, pages or [])
        self._queue(process, request)
        while not request.done:
            yield from self._sleep(process, request.client)
        self.path("fuse_answered", process)
        if request.error:
            raise FsError(request.error)
        return request.answer

    def tell(self, process: Process, op: str, **arguments: Any) -> None:
        """A request nobody waits for."""
        if self.connected:
            self._queue(process, Request(op, arguments, waits=False))

    # the device, called by the daemon

    def device_read(self, daemon: Process, user: Region) -> Program:
        """read(2) of the device: the next request."""
        self.tally["daemon calls"] += 1
        return (yield from self._linux.call(daemon, "read", self._take(daemon, user)))

    def _take(self, daemon: Process, user: Region) -> Program:
        self.path("fuse_device_read", daemon)
        while not self.pending:
            yield from self._sleep(daemon, self.daemons)
        request = self.pending.popleft()
        if request.op not in NO_REPLY:
            self.processing.append(request)
        host = self._linux.host
        host.copy_out(daemon, self._request, user, HEADER_IN)
        if request.op == "WRITE":
            self._copy_pages(daemon, request.pages, user, len(request.arguments["data"]), True)
        return request

    def _copy_pages(
        self, daemon: Process, pages: list[Region], user: Region, size: int, out: bool
    ) -> None:
        """Between the daemon's buffer and the pages of a request, page by page."""
        done = 0
        for page in pages:
            part = min(page.size, size - done)
            if part <= 0:
                break
            self.path("fuse_copy_page", daemon)
            copy = self._linux.host.copy_out if out else self._linux.host.copy_in
            ends = (page.at(0, part), user.at(done, part))
            copy(daemon, *(ends if out else ends[::-1]), part)
            self.tally["copied"] += part
            done += part

    def device_write(
        self, daemon: Process, request: Request, answer: Any, user: Region, error: str = ""
    ) -> Program:
        """writev(2) to the device: the answer of a request."""
        self.tally["daemon calls"] += 1
        body = self._give(daemon, request, answer, user, error)
        return (yield from self._linux.call(daemon, "write", body))

    def _give(
        self, daemon: Process, request: Request, answer: Any, user: Region, error: str
    ) -> Program:
        self.path("fuse_device_write", daemon)
        self._linux.host.copy_in(daemon, user, self._request, HEADER_OUT)
        if request.op == "READ" and not error:
            self._copy_pages(daemon, request.pages, user, len(answer), False)
        if request in self.processing:
            self.processing.remove(request)
        self._finish(daemon, request, answer, error)
        return 0
        yield

    def _finish(self, process: Process, request: Request, answer: Any, error: str) -> None:
        request.answer, request.error, request.done = answer, error, True
        if request.waits:
            self._wake(process, request.client)

    def abort(self, process: Process) -> int:
        """The device was closed: outstanding requests fail; how many there were."""
        self.connected = False
        lost = [*self.pending, *self.processing]
        self.pending.clear()
        self.processing.clear()
        for request in lost:
            self._finish(process, request, None, "ECONNABORTED")
        return len(lost)
