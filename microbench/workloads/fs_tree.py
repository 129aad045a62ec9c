"""lat_fs and fs_tree: many small files made, looked at, read and removed."""

from __future__ import annotations

from functools import partial

from microbench.errors import UsageError
from microbench.reading import whole
from microbench.workloads.base import parse_size
from microbench.workloads.files import UNTIMED, FileBench, FileOptions, emptied_of, split_options
from microbench.workloads.fs_op import content
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

PHASES = ("create", "stat", "read", "delete")
LAT_FS_FILES, MOST_FILES, MOST_SIZE = 16, 400, 128 << 10


def parse(name: str, args: list[str]) -> list[FileBench]:
    """lat_fs: sizes; fs_tree: how many files, and their size.

    Raises
    ------
    UsageError
        For anything else.
    """
    rest, options = split_options(name, args)
    if name == "lat_fs":
        if not rest:
            raise UsageError("lat_fs: give sizes: 0k 1k 4k 10k")
        return [
            _bench(name, [size], LAT_FS_FILES, size, phase, options)
            for size in rest
            for phase in ("create", "delete")
        ]
    if len(rest) != 2 or whole(rest[0], 1, MOST_FILES) is None:
        raise UsageError(f"fs_tree: {' '.join(rest)!r} is not FILES SIZE, FILES 1 to {MOST_FILES}")
    return [_bench(name, rest, int(rest[0]), rest[1], phase, options) for phase in PHASES]


def _bench(
    name: str, words: list[str], files: int, text: str, phase: str, options: FileOptions
) -> FileBench:
    size = parse_size(name, text, 0, MOST_SIZE)
    args = " ".join(word for word in [*words, phase, options.words()] if word)
    program = partial(_program, files, size, phase, options)
    if name == "lat_fs":
        return FileBench(name, args, options, program, "rate", "1/s", "larger", files, 1, 2)
    return FileBench(name, args, options, program, "time", "us", "smaller", 1, 1, 1, "phase")


def _program(
    files: int, size: int, timed: str, options: FileOptions, iterations: int
) -> FileProgram:
    """All phases in turn; the mark behind one of them ends what is timed."""
    data = content(size)
    for turn in range(iterations):
        names = [f"file {turn} {number}" for number in range(files)]
        for phase in PHASES:
            yield from emptied_of(options, names if phase != "create" else ())
            yield fc.Mark(UNTIMED)
            for name in names:
                yield from _file(phase, name, data)
            yield fc.Mark(turn if phase == timed else UNTIMED)


def _file(phase: str, name: str, data: bytes) -> FileProgram:
    """One file's part of a phase."""
    if phase == "create":
        fd = yield fc.Open(name, create=True)
        if data:
            yield fc.Write(fd, data)
        yield fc.Close(fd)
    elif phase == "stat":
        yield fc.Stat(name)
    elif phase == "read":
        fd = yield fc.Open(name)
        yield fc.Read(fd, max(1, len(data)))
        yield fc.Close(fd)
    else:
        yield fc.Unlink(name)
