"""What a program asks of a file system, as values: the same program runs on every structure.

A program is a generator that yields calls and is sent the answers. Who answers (a kernel, a
daemon behind it, a server on a microkernel) it cannot see.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple


class FileError(Exception):
    """A call failed, by the name of its error number: "ENOENT", "EIO", "ENOTCONN" ..."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Open(NamedTuple):
    """open(2); the answer is a descriptor."""

    path: str
    create: bool = False


class Close(NamedTuple):
    """close(2)."""

    fd: int


class Read(NamedTuple):
    """pread(2): up to `size` bytes from `offset` on; the answer is the bytes."""

    fd: int
    size: int
    offset: int = 0
    unaligned: bool = False


class Write(NamedTuple):
    """pwrite(2); the answer is how many bytes were taken."""

    fd: int
    data: bytes
    offset: int = 0


class Stat(NamedTuple):
    """stat(2); the answer is the size [bytes]."""

    path: str


class Fstat(NamedTuple):
    """fstat(2); the answer is the size [bytes]."""

    fd: int


class Access(NamedTuple):
    """access(2)."""

    path: str


class Unlink(NamedTuple):
    """unlink(2)."""

    path: str


class Null(NamedTuple):
    """A call that reaches the file system, which has nothing to do for it: a flush."""

    fd: int


class Sync(NamedTuple):
    """fsync(2): what was written is on the device afterwards."""

    fd: int


class Drop(NamedTuple):
    """Every cache forgets what is clean: not a call, but what makes one cold."""


class Mark(NamedTuple):
    """End of an iteration."""

    number: int


Call = Open | Close | Read | Write | Stat | Fstat | Access | Unlink | Null | Sync | Drop | Mark
FileProgram = Generator[Call, Any, None]
