"""fs_op: one operation on a file, with every structure a file system can have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from microbench.errors import UsageError
from microbench.workloads.base import parse_size
from microbench.workloads.files import UNTIMED, FileBench, FileOptions, emptied, split_options
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

SIZED = ("read", "write")
DEFAULT_SIZE = "4k"
MOST = 128 * 1024


def parse(args: list[str]) -> list[FileBench]:
    """Operations, a size for those that have one, and options.

    Raises
    ------
    UsageError
        For an unknown operation or option, or a size out of range.
    """
    rest, options = split_options("fs_op", args)
    size = DEFAULT_SIZE
    if rest and rest[-1] not in OPERATIONS and rest[-1][:1].isdigit():
        size = rest.pop()
    if not rest or any(op not in OPERATIONS for op in rest):
        raise UsageError(f"fs_op: {' '.join(rest)!r} is not one of {', '.join(OPERATIONS)} [SIZE]")
    return [_bench(op, size, options) for op in rest]


def _bench(op: str, size: str, options: FileOptions) -> FileBench:
    count = parse_size("fs_op", size, 1, MOST)
    words = [op, size if op in SIZED else "", options.words()]
    args = " ".join(word for word in words if word)
    return FileBench("fs_op", args, options, partial(_program, op, count, options))


def content(size: int, seed: int = 0) -> bytes:
    """Bytes that tell where in a file they are."""
    return bytes((seed + i + i // 251) % 251 for i in range(size))


def _program(op: str, size: int, options: FileOptions, iterations: int) -> FileProgram:
    """A file set up, then the operation again and again, each with what it needs before."""
    fd = yield fc.Open("file", create=True)
    yield fc.Write(fd, content(size))
    yield fc.Sync(fd)
    yield from _prepare(op, iterations)
    for turn in range(iterations):
        yield from emptied(options, fd)
        yield fc.Mark(UNTIMED)
        yield from OPERATIONS[op](fd, turn, size)
        yield fc.Mark(turn)


def _prepare(op: str, iterations: int) -> FileProgram:
    """What must be there before the operations."""
    for turn in range(iterations if op in ("close", "unlink") else 0):
        opened = yield fc.Open(f"file {turn}", create=True)
        if op == "unlink":
            yield fc.Close(opened)


def _open(fd: int, turn: int, size: int) -> FileProgram:
    opened = yield fc.Open("file")
    yield fc.Close(opened)


def _one(make: Callable[[int, int, int], fc.Call]) -> Callable[[int, int, int], FileProgram]:
    def operation(fd: int, turn: int, size: int) -> FileProgram:
        yield make(fd, turn, size)

    return operation


OPERATIONS: dict[str, Callable[[int, int, int], FileProgram]] = {
    "null": _one(lambda fd, turn, size: fc.Null(fd)),
    "getattr": _one(lambda fd, turn, size: fc.Fstat(fd)),
    "lookup": _one(lambda fd, turn, size: fc.Stat("file")),
    "open": _open,
    "close": _one(lambda fd, turn, size: fc.Close(fd + 1 + turn)),
    "read": _one(lambda fd, turn, size: fc.Read(fd, size)),
    "write": _one(lambda fd, turn, size: fc.Write(fd, content(size, turn))),
    "create": _one(lambda fd, turn, size: fc.Open(f"new {turn}", create=True)),
    "unlink": _one(lambda fd, turn, size: fc.Unlink(f"file {turn}")),
}
"""Operation to what is timed, given the open file, the turn and the size; `open` also closes."""
