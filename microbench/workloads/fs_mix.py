"""fs_mix: what a web, a mail and a file server do with files, turn by turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import quantity, read_toml
from microbench.workloads.base import one_or_more
from microbench.workloads.files import UNTIMED, FileBench, FileOptions, emptied_of, split_options
from microbench.workloads.fs_op import content
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

STEPS = ("read", "log", "delete", "create", "append", "sync", "stat")


@dataclass(frozen=True)
class Mix:
    """One mix of `data/workloads/filemix.toml`.

    Attributes
    ----------
    steps : tuple of str
        One turn.
    file_bytes, append_bytes, files : int
        Size of a file and of an append [bytes], how many files there are.
    """

    steps: tuple[str, ...]
    file_bytes: int
    append_bytes: int
    files: int


@cache
def mixes() -> dict[str, Mix]:
    """The packaged mixes.

    Raises
    ------
    InputError
        For an unknown step, or a number without provenance.
    """
    path = data_dir() / "workloads" / "filemix.toml"
    found = {}
    for name, table in read_toml(path)["mix"].items():
        for step in table["steps"]:
            if step not in STEPS:
                raise InputError(path, f"mix.{name}.steps", step, f"not of {', '.join(STEPS)}")
        units = {"file_bytes": {"bytes"}, "append_bytes": {"bytes"}, "files": {"files"}}
        numbers = {
            key: int(quantity(table.get(key), path, f"mix.{name}.{key}", unit).value)
            for key, unit in units.items()
        }
        found[name] = Mix(tuple(table["steps"]), **numbers)
    return found


def parse(args: list[str]) -> list[FileBench]:
    """One or more mixes.

    Raises
    ------
    UsageError
        For an unknown mix or option.
    """
    rest, options = split_options("fs_mix", args)
    return [
        FileBench(
            "fs_mix", f"{name} {options.words()}".strip(), options,
            partial(_program, mixes()[name], options),
            "rate", "1/s", "larger", len(mixes()[name].steps), 2, 2,
        )
        for name in one_or_more("fs_mix", rest, mixes())
    ]  # fmt: skip


def _program(mix: Mix, options: FileOptions, iterations: int) -> FileProgram:
    data, more = content(mix.file_bytes), content(mix.append_bytes)
    names = [f"file {number}" for number in range(mix.files)]
    for name in names:
        yield from _new(name, data)
    yield from _new("log", b"")
    made, end, turn_of = mix.files, 0, 0
    for turn in range(iterations):
        yield from emptied_of(options, [*names, "log"])
        yield fc.Mark(UNTIMED)
        for step in mix.steps:
            turn_of += 1
            if step == "delete":
                yield fc.Unlink(names.pop(0))
            elif step == "create":
                names.append(f"file {made}")
                yield from _new(names[-1], data)
                made += 1
            elif step == "log":
                yield from _append("log", end, more, False)
                end += len(more)
            else:
                yield from _use(step, names[turn_of % len(names)], data, more)
        yield fc.Mark(turn)


def _new(name: str, data: bytes) -> FileProgram:
    fd = yield fc.Open(name, create=True)
    if data:
        yield fc.Write(fd, data)
    yield fc.Close(fd)


def _append(name: str, end: int, data: bytes, sync: bool) -> FileProgram:
    fd = yield fc.Open(name)
    yield fc.Write(fd, data, end)
    if sync:
        yield fc.Sync(fd)
    yield fc.Close(fd)


def _use(step: str, name: str, data: bytes, more: bytes) -> FileProgram:
    """A step on a file that is there."""
    if step == "stat":
        yield fc.Stat(name)
    elif step == "read":
        yield from _read(name, len(data))
    else:
        yield from _append(name, len(data), more, step == "sync")


def _read(name: str, size: int) -> FileProgram:
    """A whole file: its size asked for, then read until nothing more comes."""
    fd, at = (yield fc.Open(name)), 0
    yield fc.Fstat(fd)
    while part := (yield fc.Read(fd, size, at)):
        at += len(part)
    yield fc.Close(fd)
