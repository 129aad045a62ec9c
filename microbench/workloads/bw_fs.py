"""bw_fs_rd, bw_fs_wr: a file read or written from one end to the other."""

from __future__ import annotations

from functools import partial

from microbench.errors import UsageError
from microbench.workloads.base import parse_size
from microbench.workloads.files import UNTIMED, FileBench, FileOptions, emptied, split_options
from microbench.workloads.fs_op import content
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

MOST_FILE, MOST_UNIT = 4 << 20, 128 << 10
UNIT = "64k"


def parse(name: str, args: list[str]) -> list[FileBench]:
    """A size, and the options, of which `--unit` is the size of a call.

    Raises
    ------
    UsageError
        For anything else.
    """
    args, unit = _unit(name, args)
    rest, options = split_options(name, args)
    if len(rest) != 1:
        raise UsageError(f"{name}: {' '.join(rest)!r} is not SIZE [--unit SIZE]")
    size = parse_size(name, rest[0], most=MOST_FILE)
    piece = parse_size(f"{name} --unit", unit, most=MOST_UNIT)
    words = [rest[0], f"--unit {unit}" if unit != UNIT else "", options.words()]
    program = partial(_program, name == "bw_fs_rd", size, piece, options)
    return [
        FileBench(
            name, " ".join(w for w in words if w), options, program,
            "bandwidth", "MB/s", "larger", size, 2, 2, "pass",
        )
    ]  # fmt: skip


def _unit(name: str, args: list[str]) -> tuple[list[str], str]:
    if "--unit" not in args:
        return args, UNIT
    if args.count("--unit") > 1:
        raise UsageError(f"{name}: --unit is given twice")
    at = args.index("--unit")
    if at + 1 == len(args):
        raise UsageError(f"{name}: --unit needs a value")
    return [*args[:at], *args[at + 2 :]], args[at + 1]


def _program(
    reads: bool, size: int, unit: int, options: FileOptions, iterations: int
) -> FileProgram:
    fd = yield fc.Open("file", create=True)
    data = content(unit)
    for at in range(0, size, unit):
        yield fc.Write(fd, data[: size - at], at)
    yield fc.Sync(fd)
    for turn in range(iterations):
        yield from emptied(options, fd)
        yield fc.Mark(UNTIMED)
        for at in range(0, size, unit):
            yield fc.Read(fd, unit, at) if reads else fc.Write(fd, data[: size - at], at)
        yield fc.Mark(turn)
