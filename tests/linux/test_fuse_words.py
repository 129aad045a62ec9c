"""FUSE on both sides: requests and their pieces, the paths of the device, what a daemon keeps."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.errors import UsageError
from microbench.linux.daemon import BUFFER_BYTES
from microbench.linux.fuse import HEADER_IN, HEADER_OUT
from microbench.linux.fusefs import ERAS, PAGE, FuseFs, _part, era
from microbench.linux.inode import ROOT
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.vfs import FsError
from microbench.servers.structures import Mount, Mounted, Structure, mount, spawn_daemons
from microbench.trace import Region
from tests.linux.behind import Call, dropping, on, opened, passing, read, write
from tests.linux.told import Told, copies

FD = 4


class Mounts:
    """Calls of one client on files behind a daemon, one after the other."""

    def __init__(self, *calls: Call, **how: Any) -> None:
        self.host, given = Told(), Mount(**how)
        self.mounted: Mounted = mount(Structure("", True), given, self.host)
        self.answers: list[Any] = []
        self.requests: list[dict[str, int]] = []
        self.logs: list[list[str]] = []
        self.copied: list[list[tuple[str, int]]] = []

        def program(linux: Linux, process: Process) -> Program:
            user = linux.host.user_memory(process, "buffer", 0x40_0000, 1 << 18)
            for call in calls:
                before = dict(self.mounted.tally)
                self.host.log.clear()
                self.host.calls.clear()
                try:
                    self.answers.append((yield from call(self.mounted.files, process, user)))
                except FsError as error:
                    self.answers.append(error.code)
                tally = self.mounted.tally
                self.requests.append(
                    {k: tally[k] - before.get(k, 0) for k in tally
                     if k.isupper() and tally[k] > before.get(k, 0)}
                )  # fmt: skip
                self.logs.append(list(self.host.log))
                self.copied.append([(how, size) for how, _, _, size in copies(self.host)])

        self.mounted.linux.spawn("one", program)
        spawn_daemons(self.mounted, given)
        self.mounted.linux.run()


def test_each_call_is_the_requests_of_its_protocol() -> None:
    found = Mounts(
        opened("a", True), write(FD, b"x" * 10), read(FD, 9), on("fstat", FD), on("sync", FD),
        on("null", FD), on("close", FD), opened("a"), on("access", "a"), on("unlink", "a"),
        on("close", FD + 1), on("stat", "a"), asks_access=True,
    )  # fmt: skip
    assert found.answers[1:4] == [10, b"x" * 9, 10]
    assert found.requests == [
        {"LOOKUP": 1, "CREATE": 1}, {"WRITE": 1}, {}, {"GETATTR": 1}, {"FSYNC": 1}, {"FLUSH": 1},
        {"FLUSH": 1, "RELEASE": 1}, {"OPEN": 1}, {"ACCESS": 1}, {"UNLINK": 1},
        {"FLUSH": 1, "RELEASE": 1, "FORGET": 1}, {"LOOKUP": 1},
    ]  # fmt: skip
    assert found.answers[-1] == "ENOENT"


def test_a_request_is_queued_taken_answered_and_its_client_woken() -> None:
    found = Mounts(opened("a", True), on("sync", FD))
    device = ("fuse", "pipe_w", "copy")
    log = [n for n in found.logs[1] if n.startswith(device) and "()" not in n]
    assert log == [
        "fuse_request", "pipe_wake_reader", "pipe_wait",
        "pipe_waited", "copy_out",
        "fuse_device_write", "copy_in", "pipe_wake_reader",
        "fuse_device_read", "pipe_wait",
        "pipe_waited", "fuse_answered",
    ]  # fmt: skip
    fuse = [a for a in found.host.told if a.name.startswith("fuse")]
    assert {a.place for a in fuse} == {"fuse"}
    assert len({a.roles["object"] for a in fuse}) == 1
    wakes = [a for a in found.host.told if a.name == "pipe_wake_reader"]
    assert all({"other_task", "other_stack"} <= a.roles.keys() for a in wakes)
    assert {a.place for a in wakes} == {"wake-up"}
    assert found.copied[1][:2] == [("out", HEADER_IN), ("in", HEADER_OUT)]
    assert (HEADER_IN, HEADER_OUT) == (40, 16), "fuse_in_header and fuse_out_header"


def sent(found: Mounts, call: int) -> list[int]:
    """Bytes each WRITE of a call carried to the daemon."""
    return [n for how, n in found.copied[call] if how == "out" and n != HEADER_IN]


@pytest.mark.parametrize(
    ("time", "writes"), [("2.6", [PAGE, PAGE, 100]), ("today", [PAGE, PAGE, 100])]
)
def test_a_write_is_cut_into_pages_once_and_into_large_pieces_today(
    time: str, writes: list[int]
) -> None:
    found = Mounts(opened("a", True), write(FD, b"x" * (2 * PAGE + 100)), era=time)
    assert found.requests[1] == {"WRITE": 3 if time == "2.6" else 1}
    assert sent(found, 1) == writes, "page by page either way"


def test_a_write_that_begins_within_a_page_is_two_pieces() -> None:
    found = Mounts(opened("a", True), write(FD, b"x" * PAGE, 100), read(FD, 9999), cache="warm")
    assert sent(found, 1) == [PAGE - 100, 100]
    assert found.answers[2] == bytes(100) + b"x" * PAGE


def test_a_read_comes_back_in_the_pages_that_were_asked_for() -> None:
    def both(vfs: Any, process: Process, user: Region) -> Program:
        yield from dropping(vfs, process, user)
        return (yield from vfs.read(process, FD, 3 * PAGE, 0, user))

    found = Mounts(opened("a", True), write(FD, b"y" * (2 * PAGE + 1)), both)
    assert found.answers[2] == b"y" * (2 * PAGE + 1)
    assert found.requests[2]["READ"] == 1
    back = [n for how, n in found.copied[2] if how == "in" and n != HEADER_OUT]
    assert back == [PAGE, PAGE, 1]
    assert found.logs[2].count("fuse_copy_page") == 3


def test_what_was_read_makes_the_attributes_doubtful() -> None:
    found = Mounts(opened("a", True), write(FD, b"y"), on("fstat", FD), on("fstat", FD), dropping,
                   read(FD, 1), on("fstat", FD), on("fstat", FD))  # fmt: skip
    assert [r.get("GETATTR", 0) for r in found.requests] == [0, 0, 1, 0, 0, 0, 1, 0]


def test_answers_hold_as_long_as_the_daemon_says() -> None:
    found = Mounts(
        opened("a", True), passing(60), on("fstat", FD), passing(50), on("fstat", FD),
        on("stat", "a"), passing(100), on("stat", "a"), name_ns=200, attributes_ns=100,
    )  # fmt: skip
    asked = [{k: v for k, v in r.items() if k in ("LOOKUP", "GETATTR")} for r in found.requests]
    assert asked[2] == {}
    assert asked[4] == {"GETATTR": 1}
    assert asked[5] == {}
    assert asked[7].keys() >= {"LOOKUP"}


def test_an_error_of_the_files_below_is_the_client_s() -> None:
    found = Mounts(on("unlink", "nobody"), opened("nobody"), opened("a", True), on("stat", "a/b"))
    assert found.answers == ["ENOENT", "ENOENT", FD, "ENOTDIR"]


def test_a_file_without_a_name_is_asked_for_by_its_descriptor() -> None:
    found = Mounts(opened("a", True), write(FD, b"12345"), on("unlink", "a"), passing(10**10),
                   on("fstat", FD), read(FD, 9), on("close", FD))  # fmt: skip
    assert found.answers[4:6] == [5, b"12345"]
    assert found.requests[4] == {"GETATTR": 1}


def test_two_files_of_one_name_in_turn_are_two() -> None:
    found = Mounts(opened("a", True), write(FD, b"old"), on("unlink", "a"), opened("a", True),
                   write(FD + 1, b"newer"), read(FD, 9), read(FD + 1, 9),
                   on("stat", "a"))  # fmt: skip
    assert found.answers[5:] == [b"old", b"newer", 5]


def test_without_a_cache_every_read_and_write_is_a_request() -> None:
    found = Mounts(opened("a", True), write(FD, b"x" * 9), read(FD, 9), read(FD, 9), cache="off")
    assert found.requests[1:] == [{"WRITE": 1}, {"READ": 1}, {"READ": 1}]
    assert found.answers[2] == b"x" * 9


def test_a_time_has_its_protocol_by_name() -> None:
    assert (era("2.6").write_pages, era("2.6").reads_at_end) == (1, True)
    assert (era("today").write_pages, era("today").reads_at_end) == (32, False)
    assert {e.read_pages for e in ERAS.values()} == {32}, "FUSE_MAX_PAGES_PER_REQ"
    assert era("today").read_pages * PAGE + PAGE == BUFFER_BYTES, "and a page for the header"
    with pytest.raises(UsageError, match=r"--era 9: not one of 2\.6, today"):
        era("9")


def test_a_mount_checks_caches_and_writes_through_unless_it_is_told_else() -> None:
    habits = FuseFs(None, era("2.6")).habits  # type: ignore[arg-type]
    assert (habits.direct, habits.asks_access, habits.write_back) == (False, False, False)
    assert (habits.keeps_negative, habits.write_pages, habits.reads_at_end) == (False, 1, True)


def regions(*sizes: int) -> list[Region]:
    return [Region(f"r{i}", 1000 * i, size) for i, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("start", "size", "parts"),
    [
        (0, 10, [(0, 10)]),
        (0, 30, [(0, 10), (1000, 20)]),
        (9, 2, [(9, 1), (1000, 1)]),
        (10, 5, [(1000, 5)]),
        (15, 25, [(1005, 15), (2000, 10)]),
        (60, 5, []),
        (0, 0, []),
    ],
)
def test_part_of_several_regions(start: int, size: int, parts: list[tuple[int, int]]) -> None:
    found = _part(regions(10, 20, 30), start, size)
    assert [(r.base, r.size) for r in found] == parts


def test_the_root_has_no_name_and_files_are_numbered_behind_it() -> None:
    found = Mounts(opened("a", True), opened("b", True))
    assert {e.ino for e in found.mounted.files.super.dentries.values()} == {ROOT + 1, ROOT + 2}
