"""A program of file calls as a Linux process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.vfs import FsError, Vfs
from microbench.trace import Region
from microbench.workloads.programs import filecalls as fc

BUFFER_VA, BUFFER_BYTES = 0x0040_0000, 0x21000


class Session(Protocol):
    """What a program's marks and drops mean; neither is a call."""

    def drop(self) -> None:
        """Make every cache cold, outside the measurement."""

    def mark(self, number: int) -> None:
        """End a stretch."""


def as_process(
    program: Callable[[], fc.FileProgram], vfs: Vfs, session: Session
) -> Callable[[Linux, Process], Program]:
    """What `Linux.spawn` takes, for a program of file calls."""

    def run(linux: Linux, process: Process) -> Program:
        memory = linux.host.user_memory
        into = memory(process, "read buffer", BUFFER_VA, BUFFER_BYTES)
        source = memory(process, "write buffer", BUFFER_VA + BUFFER_BYTES, BUFFER_BYTES)
        calls, answer, failed = program(), None, ""
        while True:
            try:
                asked = calls.throw(fc.FileError(failed)) if failed else calls.send(answer)
            except StopIteration:
                return
            failed = ""
            if isinstance(asked, fc.Mark):
                session.mark(asked.number)
            elif isinstance(asked, fc.Drop):
                session.drop()
            else:
                try:
                    answer = yield from _answer(vfs, process, asked, into, source)
                except FsError as error:
                    failed = error.code
                process.output.append(failed or answer)

    return run


def _answer(vfs: Vfs, process: Process, asked: fc.Call, into: Region, source: Region) -> Program:
    match asked:
        case fc.Open(path, create):
            return (yield from vfs.open(process, path, create))
        case fc.Close(fd):
            return (yield from vfs.close(process, fd))
        case fc.Read(fd, size, offset, unaligned):
            return (yield from vfs.read(process, fd, size, offset, into, unaligned))
        case fc.Write(fd, data, offset):
            return (yield from vfs.write(process, fd, data, offset, source))
        case fc.Stat(path):
            return (yield from vfs.stat(process, path))
        case fc.Fstat(fd):
            return (yield from vfs.fstat(process, fd))
        case fc.Access(path):
            return (yield from vfs.access(process, path))
        case fc.Unlink(path):
            return (yield from vfs.unlink(process, path))
        case fc.Null(fd):
            return (yield from vfs.null(process, fd))
        case fc.Sync(fd):
            return (yield from vfs.sync(process, fd))
    raise TypeError(f"not a call on files: {asked!r}")
