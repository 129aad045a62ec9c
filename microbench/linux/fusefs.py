"""FUSE behind the seam: every question becomes a request.

Which requests, how many pages each and how long an answer holds are the protocol's of one
time; `Protocol` names them.
"""

from __future__ import annotations

from dataclasses import dataclass

from microbench.errors import UsageError
from microbench.linux.filesystem import Habits
from microbench.linux.fuse import Connection
from microbench.linux.inode import Inode
from microbench.linux.process import Process, Program
from microbench.trace import Region

PAGE = 4096
SECOND_NS = 1_000_000_000


@dataclass(frozen=True)
class Protocol:
    """What a kernel and a library of one time agreed on.

    Attributes
    ----------
    write_pages : int
        Most pages of a WRITE: one, until larger writes came.
    read_pages : int
        Most pages of a READ.
    reads_at_end : bool
        Whether a read at the end of a file asks for the page behind it.
    """

    name: str
    write_pages: int
    read_pages: int
    reads_at_end: bool


ERAS = {
    "2.6": Protocol("2.6", write_pages=1, read_pages=32, reads_at_end=True),
    "today": Protocol("today", write_pages=32, read_pages=32, reads_at_end=False),
}


def era(name: str) -> Protocol:
    """The protocol of a time.

    Raises
    ------
    UsageError
        If it is not one of `ERAS`.
    """
    if name not in ERAS:
        raise UsageError(f"--era {name}: not one of {', '.join(ERAS)}")
    return ERAS[name]


class FuseFs:
    """A mounted FUSE file system.

    Parameters
    ----------
    direct : bool
        No page cache above the daemon.
    asks_access : bool
        The daemon checks permissions.
    """

    def __init__(
        self,
        connection: Connection,
        protocol: Protocol,
        direct: bool = False,
        asks_access: bool = False,
        write_back: bool = False,
    ) -> None:
        self.connection, self.protocol = connection, protocol
        self.habits = Habits(
            write_back=write_back,
            write_pages=protocol.write_pages,
            read_pages=protocol.read_pages,
            direct=direct,
            keeps_negative=False,
            asks_access=asks_access,
            reads_at_end=protocol.reads_at_end,
        )

    def lookup(self, process: Process, parent: int, name: str) -> Program:
        """LOOKUP."""
        return (yield from self.connection.ask(process, "LOOKUP", parent=parent, name=name))

    def getattr(self, process: Process, ino: int) -> Program:
        """GETATTR."""
        return (yield from self.connection.ask(process, "GETATTR", ino=ino))

    def access(self, process: Process, ino: int) -> Program:
        """ACCESS."""
        return (yield from self.connection.ask(process, "ACCESS", ino=ino))

    def create(self, process: Process, parent: int, name: str) -> Program:
        """CREATE, which opens as well."""
        return (yield from self.connection.ask(process, "CREATE", parent=parent, name=name))

    def open(self, process: Process, ino: int) -> Program:
        """OPEN."""
        return (yield from self.connection.ask(process, "OPEN", ino=ino))

    def flush(self, process: Process, ino: int) -> Program:
        """FLUSH, with each close."""
        return (yield from self.connection.ask(process, "FLUSH", ino=ino))

    def release(self, process: Process, ino: int) -> Program:
        """RELEASE, for which nobody waits."""
        self.connection.tell(process, "RELEASE", ino=ino)
        return 0
        yield

    def forget(self, process: Process, ino: int) -> Program:
        """FORGET, which is not even answered."""
        self.connection.tell(process, "FORGET", ino=ino)
        return 0
        yield

    def sync(self, process: Process, ino: int) -> Program:
        """FSYNC."""
        return (yield from self.connection.ask(process, "FSYNC", ino=ino))

    def unlink(self, process: Process, parent: int, name: str) -> Program:
        """UNLINK."""
        return (yield from self.connection.ask(process, "UNLINK", parent=parent, name=name))

    def read(
        self, process: Process, inode: Inode, offset: int, size: int, target: list[Region]
    ) -> Program:
        """READ; what was read makes the attributes doubtful."""
        ask = self.connection.ask
        data = yield from ask(process, "READ", target, ino=inode.ino, offset=offset, size=size)
        inode.expires_ns = 0
        return data

    def write(
        self, process: Process, inode: Inode, offset: int, data: bytes, source: list[Region]
    ) -> Program:
        """WRITE, in pieces of at most so many pages."""
        done = 0
        while done < len(data):
            part = data[done : done + self.protocol.write_pages * PAGE]
            pages = _part(source, done, len(part))
            yield from self.connection.ask(
                process, "WRITE", pages, ino=inode.ino, offset=offset + done, data=part
            )
            done += len(part)
        return done


def _part(memory: list[Region], start: int, size: int) -> list[Region]:
    """The regions that hold `size` bytes from `start` on."""
    found, at = [], 0
    for region in memory:
        low, high = max(start, at), min(start + size, at + region.size)
        if low < high:
            found.append(region.at(low - at, high - low))
        at += region.size
    return found
