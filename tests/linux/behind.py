"""A file system that stands behind the seam and writes down what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from microbench.linux.devices import Devices
from microbench.linux.filesystem import Habits
from microbench.linux.inode import FOREVER, ROOT, Attributes, Entry, Inode
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.vfs import FsError, Vfs
from microbench.trace import Region
from tests.linux.told import Told

PAGE = 4096


class Behind:
    """Files by name, with their bytes.

    Attributes
    ----------
    asked : list of tuple
        Each question with its arguments, the process left out.
    name_ns, attributes_ns : int
        How long its answers hold.
    """

    def __init__(self, **habits: Any) -> None:
        self.habits = Habits(**habits)
        self.asked: list[tuple[Any, ...]] = []
        self.names: dict[tuple[int, str], int] = {}
        self.bytes: dict[int, bytearray] = {}
        self.directories = {ROOT}
        self.name_ns = self.attributes_ns = FOREVER

    def make(self, name: str, content: bytes = b"", parent: int = ROOT) -> int:
        """A file that is there."""
        ino = ROOT + 1 + len(self.names)
        self.names[parent, name] = ino
        self.bytes[ino] = bytearray(content)
        return ino

    def folder(self, name: str, parent: int = ROOT) -> int:
        """A directory that is there."""
        ino = self.make(name, parent=parent)
        self.directories.add(ino)
        return ino

    def _entry(self, ino: int) -> Entry:
        size = len(self.bytes[ino])
        return Entry(
            Attributes(ino, size, ino in self.directories), self.name_ns, self.attributes_ns
        )

    def _say(self, answer: Any, *words: Any) -> Program:
        self.asked.append(words)
        return answer
        yield

    def lookup(self, process: Process, parent: int, name: str) -> Program:
        """By name."""
        ino = self.names.get((parent, name))
        return self._say(None if ino is None else self._entry(ino), "lookup", parent, name)

    def getattr(self, process: Process, ino: int) -> Program:
        """Attributes as they are."""
        return self._say(self._entry(ino), "getattr", ino)

    def access(self, process: Process, ino: int) -> Program:
        """Allowed."""
        return self._say(0, "access", ino)

    def create(self, process: Process, parent: int, name: str) -> Program:
        """A new file."""
        return self._say(self._entry(self.make(name, parent=parent)), "create", parent, name)

    def open(self, process: Process, ino: int) -> Program:
        """Noted."""
        return self._say(0, "open", ino)

    def flush(self, process: Process, ino: int) -> Program:
        """Noted."""
        return self._say(0, "flush", ino)

    def release(self, process: Process, ino: int) -> Program:
        """Noted."""
        return self._say(0, "release", ino)

    def forget(self, process: Process, ino: int) -> Program:
        """Noted."""
        return self._say(0, "forget", ino)

    def sync(self, process: Process, ino: int) -> Program:
        """Noted."""
        return self._say(0, "sync", ino)

    def unlink(self, process: Process, parent: int, name: str) -> Program:
        """A name less."""
        del self.names[parent, name]
        return self._say(0, "unlink", parent, name)

    def read(
        self, process: Process, inode: Inode, offset: int, size: int, target: list[Region]
    ) -> Program:
        """The bytes there are."""
        data = bytes(self.bytes[inode.ino][offset : offset + size])
        return self._say(data, "read", inode.ino, offset, size, len(target))

    def write(
        self, process: Process, inode: Inode, offset: int, data: bytes, source: list[Region]
    ) -> Program:
        """Kept."""
        held = self.bytes[inode.ino]
        held.extend(bytes(max(0, offset + len(data) - len(held))))
        held[offset : offset + len(data)] = data
        return self._say(len(data), "write", inode.ino, offset, len(data), len(source))


Call = Callable[[Vfs, Process, Region], Generator[None, None, Any]]


class Played:
    """Calls of one process on files behind the seam, one after the other.

    Attributes
    ----------
    answers : list
        Of each call; of one that failed the name of the error.
    asked, paths : list
        What each call asked for behind the seam, and which paths of files it ran.
    """

    def __init__(self, behind: Behind, *calls: Call) -> None:
        self.host = Told()
        linux = Linux(self.host)
        self.devices = Devices(linux.scheduler)
        self.vfs = Vfs(linux, self.devices, behind)
        self.answers: list[Any] = []
        self.asked: list[list[tuple[Any, ...]]] = []
        self.paths: list[list[str]] = []

        def program(linux: Linux, process: Process) -> Program:
            user = linux.host.user_memory(process, "buffer", 0x40_0000, 1 << 18)
            for call in calls:
                behind.asked.clear()
                self.host.log.clear()
                try:
                    self.answers.append((yield from call(self.vfs, process, user)))
                except FsError as error:
                    self.answers.append(error.code)
                self.asked.append(list(behind.asked))
                skipped = ("enter", "leave", "copy_in", "copy_out")
                self.paths.append([n for n in self.host.log if n not in skipped])

        linux.spawn("one", program)
        linux.run()


def opened(name: str, create: bool = False) -> Call:
    """open(2)."""
    return lambda vfs, process, user: vfs.open(process, name, create)


def on(call: str, *words: Any) -> Call:
    """Any call that needs no memory: stat, close, unlink ..."""
    return lambda vfs, process, user: getattr(vfs, call)(process, *words)


def read(fd: int, size: int, offset: int = 0, unaligned: bool = False) -> Call:
    """pread(2)."""
    return lambda vfs, process, user: vfs.read(process, fd, size, offset, user, unaligned)


def write(fd: int, data: bytes, offset: int = 0) -> Call:
    """pwrite(2)."""
    return lambda vfs, process, user: vfs.write(process, fd, data, offset, user)


def passing(nanoseconds: int) -> Call:
    """Time goes by."""

    def call(vfs: Vfs, process: Process, user: Region) -> Program:
        vfs.devices.pass_time(nanoseconds)
        return None
        yield

    return call


def dropping(vfs: Vfs, process: Process, user: Region) -> Program:
    """What is clean is forgotten."""
    vfs.drop()
    return None
    yield
