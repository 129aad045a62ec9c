"""The same program of file calls gives the same answers on every structure."""

from __future__ import annotations

import random

import pytest

from microbench.servers.played import Files, play_files
from microbench.systems.registry import SYSTEMS
from microbench.workloads.files import FileOptions
from microbench.workloads.programs import filecalls as fc
from microbench.workloads.programs.filecalls import FileProgram

PLACES = [name for name, system in SYSTEMS.items() if "files" in system.play]
OPTIONS = [
    FileOptions(),
    FileOptions(cache="off", daemon="threaded"),
    FileOptions(era="today", disk="ata", data="mapped"),
]


def story(seed: int) -> FileProgram:
    """Sixty calls drawn from a seed: files made, written, read, closed, removed, missed."""
    draw = random.Random(seed)
    open_files: dict[int, str] = {}
    names: list[str] = []
    for turn in range(60):
        kind = draw.choice(
            ["open", "write", "write", "read", "read", "stat", "close", "unlink", "drop"]
        )
        try:
            if kind == "open" or not open_files:
                name = draw.choice([*names, f"n{turn}"])
                open_files[(yield fc.Open(name, create=True))] = name
                names = list(dict.fromkeys([*names, name]))
                continue
            fd = draw.choice(sorted(open_files))
            if kind == "write":
                size = draw.choice([0, 1, 100, 4095, 4096, 4097, 9000, 65_537])
                yield fc.Write(fd, draw.randbytes(size), draw.choice([0, 10, 4096, 50_000]))
            elif kind == "read":
                yield fc.Read(fd, draw.choice([0, 1, 5000, 70_000]), draw.choice([0, 3, 8192]))
            elif kind == "stat":
                yield fc.Stat(draw.choice([*names, "nobody"]))
                yield fc.Fstat(fd)
            elif kind == "close":
                yield fc.Close(fd)
                del open_files[fd]
            elif kind == "drop":
                yield fc.Sync(fd)
                yield fc.Drop()
            elif names:  # open or not
                yield fc.Unlink(names[0])
                names.pop(0)
        except fc.FileError as error:
            if error.code != "ENOENT":
                raise


def answers(name: str, seed: int, options: FileOptions) -> list[object]:
    part = Files(lambda _: story(seed), 1, options)
    return SYSTEMS[name].play["files"](part, {"level": "value"}).answers  # type: ignore[no-any-return]


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "nothing believed", "today, a disk"])
@pytest.mark.parametrize("seed", range(8))
def test_every_structure_answers_alike(seed: int, options: FileOptions) -> None:
    told = {name: answers(name, seed, options) for name in PLACES}
    assert any(isinstance(answer, bytes) and answer for answer in told["native"])
    for name in PLACES:
        assert told[name] == told["native"], name


def test_the_player_is_the_registry_s_own() -> None:
    part = Files(lambda _: story(1), 1, FileOptions())
    direct = play_files(part, {"level": "value"}, "systems.native:Native", False)
    assert direct.answers == answers("native", 1, FileOptions())


def odd() -> FileProgram:
    """Calls nobody should make; every one is answered, with an error or without."""
    fd = yield fc.Open("file", create=True)
    yield fc.Write(fd, b"old" * 2000)
    yield fc.Unlink("file")
    other = yield fc.Open("/file", create=True)
    yield fc.Write(other, b"new")
    for call in (
        fc.Read(fd, 9000), fc.Fstat(fd), fc.Stat("//file"), fc.Sync(fd), fc.Close(fd),
        fc.Read(fd, 1), fc.Close(fd), fc.Read(other, 9000), fc.Open("no/where", True),
        fc.Open("file/x", True), fc.Stat(""), fc.Stat("/"), fc.Unlink("nobody"),
        fc.Open("n" * 300, True), fc.Write(other, b""), fc.Read(other, 0),
        fc.Read(other, 9, -1), fc.Read(other, -9), fc.Read(other, 9, 1 << 33),
        fc.Write(other, b"x", -1), fc.Null(99),
    ):  # fmt: skip
        try:
            yield call
        except fc.FileError:
            continue


@pytest.mark.parametrize("options", OPTIONS[::2], ids=["plain", "mapped"])
def test_odd_calls_are_answered_alike(options: FileOptions) -> None:
    part = Files(lambda _: odd(), 1, options)
    told = {n: SYSTEMS[n].play["files"](part, {"level": "value"}).answers for n in PLACES}
    assert told["native"][5:7] == [b"old" * 2000, 6000]
    assert "ENOTDIR" in told["native"]
    assert set(map(str, told.values())) == {str(told["native"])}
