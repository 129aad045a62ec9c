"""The seam: what the virtual file system asks of whoever stands behind it.

A kernel file system, a daemon behind a queue or a server behind IPC: each is asked in the
same words. Every method is kernel code that may be switched out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from microbench.linux.inode import Inode
from microbench.linux.process import Process, Program
from microbench.trace import Region


@dataclass(frozen=True)
class Habits:
    """How the virtual file system has to treat what stands behind it.

    Attributes
    ----------
    write_back : bool
        Written pages stay dirty here; otherwise each goes through before the call returns.
    write_pages : int
        Most pages of one write that goes through.
    read_pages : int
        Most pages of one read, and of the window read ahead.
    direct : bool
        No page cache: reads and writes go straight to the user's memory.
    keeps_negative : bool
        The absence of a name is remembered.
    asks_access : bool
        Permissions are not checked here.
    reads_at_end : bool
        A read that begins at the end of the file asks for the page there.
    """

    write_back: bool = True
    write_pages: int = 32
    read_pages: int = 32
    direct: bool = False
    keeps_negative: bool = True
    asks_access: bool = False
    reads_at_end: bool = False


class FileSystem(Protocol):
    """What stands behind the seam."""

    habits: Habits

    def lookup(self, process: Process, parent: int, name: str) -> Program:
        """An `Entry`, or None where there is no such name."""

    def getattr(self, process: Process, ino: int) -> Program:
        """An `Entry` with fresh attributes."""

    def access(self, process: Process, ino: int) -> Program:
        """Whether a file may be used."""

    def create(self, process: Process, parent: int, name: str) -> Program:
        """The `Entry` of a new, empty, open file."""

    def open(self, process: Process, ino: int) -> Program:
        """A file is opened."""

    def flush(self, process: Process, ino: int) -> Program:
        """A descriptor is closed."""

    def release(self, process: Process, ino: int) -> Program:
        """An open file is gone; nobody waits."""

    def forget(self, process: Process, ino: int) -> Program:
        """The kernel no longer remembers a file; nobody waits."""

    def unlink(self, process: Process, parent: int, name: str) -> Program:
        """A name goes."""

    def sync(self, process: Process, ino: int) -> Program:
        """What was written of a file is on the device."""

    def read(
        self, process: Process, inode: Inode, offset: int, size: int, target: list[Region]
    ) -> Program:
        """The bytes from `offset` on, laid into `target`."""

    def write(
        self, process: Process, inode: Inode, offset: int, data: bytes, source: list[Region]
    ) -> Program:
        """Bytes go to where they belong."""
