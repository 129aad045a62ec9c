"""FUSE, the user's half: a daemon that answers requests with calls on a file system below.

It is a program like any other: it reads the device, does what was asked with system calls of
its own, and writes the answer. How long its answers hold it says itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from microbench.linux.fuse import NO_REPLY, Connection, Request
from microbench.linux.inode import Attributes, Entry
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.vfs import FsError, Vfs

BUFFER_BYTES = 0x21000
BUFFER_VA = 0x0060_0000


@dataclass(frozen=True)
class Timeouts:
    """How long what a daemon answers holds [ns]."""

    name_ns: int
    attributes_ns: int


class PassThrough:
    """A file system that keeps its files in another one, under the same names.

    Parameters
    ----------
    below : Vfs
        Where the files are.
    """

    def __init__(self, connection: Connection, below: Vfs, timeouts: Timeouts) -> None:
        self.connection, self.below, self.timeouts = connection, below, timeouts
        self._names: dict[int, str] = {1: ""}
        self._numbers: dict[str, int] = {"": 1}
        self._next = 1
        self._open: dict[int, list[int]] = {}

    def program(self, linux: Linux, process: Process) -> Program:
        """The daemon's loop."""
        user = linux.host.user_memory(process, "daemon buffer", BUFFER_VA, BUFFER_BYTES)
        while True:
            request = yield from self.connection.device_read(process, user)
            linux.host.user_code(process, "daemon_decode")
            answer: Any = None
            error = ""
            try:
                answer = yield from self._serve(process, request, user)
            except FsError as failed:
                error = failed.code
            if request.op not in NO_REPLY:
                linux.host.user_code(process, "daemon_answer")
                yield from self.connection.device_write(process, request, answer, user, error)

    def _number(self, path: str) -> int:
        if path not in self._numbers:
            self._next += 1
            self._numbers[path], self._names[self._next] = self._next, path
        return self._numbers[path]

    def _entry(self, path: str, size: int) -> Entry:
        attributes = Attributes(self._number(path), size)
        return Entry(attributes, self.timeouts.name_ns, self.timeouts.attributes_ns)

    def _serve(self, process: Process, request: Request, user: Any) -> Program:
        """Do what was asked."""
        name = request.op.lower()
        serve = getattr(self, "_open_" if name == "open" else f"_{name}")
        return (yield from serve(process, request, user))

    def _path(self, request: Request) -> str:
        got = request.arguments
        if "name" in got:
            return f"{self._names[got['parent']]}/{got['name']}"
        return self._names[got["ino"]]

    def _lookup(self, process: Process, request: Request, user: Any) -> Program:
        path = self._path(request)
        try:
            size = yield from self.below.stat(process, path)
        except FsError:
            return None
        return self._entry(path, size)

    def _getattr(self, process: Process, request: Request, user: Any) -> Program:
        path, ino = self._path(request), request.arguments["ino"]
        if self._numbers.get(path) == ino:
            return self._entry(path, (yield from self.below.stat(process, path)))
        size = yield from self.below.fstat(process, self._open[ino][0])  # the name is gone
        return Entry(Attributes(ino, size), self.timeouts.name_ns, self.timeouts.attributes_ns)

    def _access(self, process: Process, request: Request, user: Any) -> Program:
        return (yield from self.below.access(process, self._path(request)))

    def _create(self, process: Process, request: Request, user: Any) -> Program:
        path = self._path(request)
        entry = self._entry(path, 0)
        fd = yield from self.below.open(process, path, create=True)
        self._open.setdefault(entry.attributes.ino, []).append(fd)
        return entry

    def _open_(self, process: Process, request: Request, user: Any) -> Program:
        ino = request.arguments["ino"]
        fd = yield from self.below.open(process, self._names[ino])
        self._open.setdefault(ino, []).append(fd)

    def _flush(self, process: Process, request: Request, user: Any) -> Program:
        return 0
        yield

    def _forget(self, process: Process, request: Request, user: Any) -> Program:
        """The number may be used again."""
        self._names.pop(request.arguments["ino"], None)
        return 0
        yield

    def _release(self, process: Process, request: Request, user: Any) -> Program:
        open_files = self._open.get(request.arguments["ino"])
        if open_files:
            yield from self.below.close(process, open_files.pop())

    def _fsync(self, process: Process, request: Request, user: Any) -> Program:
        fd = self._open[request.arguments["ino"]][0]
        return (yield from self.below.sync(process, fd))

    def _unlink(self, process: Process, request: Request, user: Any) -> Program:
        path = self._path(request)
        done = yield from self.below.unlink(process, path)
        self._numbers.pop(path, None)
        return done

    def _read(self, process: Process, request: Request, user: Any) -> Program:
        got = request.arguments
        fd = self._open[got["ino"]][0]
        return (yield from self.below.read(process, fd, got["size"], got["offset"], user))

    def _write(self, process: Process, request: Request, user: Any) -> Program:
        got = request.arguments
        fd = self._open[got["ino"]][0]
        return (yield from self.below.write(process, fd, got["data"], got["offset"], user))
