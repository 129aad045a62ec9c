"""The virtual file system: names believed and asked for, descriptors, what an unlink leaves."""

from __future__ import annotations

import pytest

from microbench.linux.inode import ROOT
from tests.linux.behind import Behind, Played, dropping, on, opened, passing, read, write
from tests.linux.told import copies

FIRST = 4
"""The first descriptor behind the three that every program has, and one."""


def test_open_asks_for_a_name_once_and_then_opens() -> None:
    behind = Behind()
    ino = behind.make("a")
    found = Played(behind, opened("a"), opened("/a"))
    assert found.answers == [FIRST, FIRST + 1]
    assert found.asked == [[("lookup", ROOT, "a"), ("open", ino)], [("open", ino)]]
    assert found.paths == [["open", "vfs_lookup"], ["open"]]


def test_open_creates_what_is_not_there_only_if_asked() -> None:
    behind = Behind()
    found = Played(behind, opened("a"), opened("a", True), opened("a", True))
    assert found.answers == ["ENOENT", FIRST, FIRST + 1]
    assert found.asked[1] == [("create", ROOT, "a")], "that it is not there was remembered"
    assert found.asked[2] == [("open", ROOT + 1)]
    assert found.paths[1] == ["open", "vfs_create"]


def test_a_path_is_walked_name_by_name_through_directories() -> None:
    behind = Behind()
    outer = behind.folder("outer")
    inner = behind.folder("inner", outer)
    file = behind.make("f", b"abc", inner)
    found = Played(
        behind, on("stat", "//outer/inner//f"), on("stat", "outer/f/x"),
        on("stat", "outer/inner/f/x"),
    )  # fmt: skip
    assert found.answers == [3, "ENOENT", "ENOTDIR"]
    assert found.asked[0] == [
        ("lookup", ROOT, "outer"), ("lookup", outer, "inner"), ("lookup", inner, "f"),
    ]  # fmt: skip
    assert found.paths[0] == ["stat", *["vfs_lookup"] * 3]
    assert file == found.vfs.super.dentries[inner, "f"].ino


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "ENOENT"),
        ("///", "ENOENT"),
        ("n" * 255, "ENOENT"),
        ("n" * 256, "ENAMETOOLONG"),
        ("é" * 128, "ENAMETOOLONG"),
        ("d/" + "n" * 256, "ENAMETOOLONG"),
        ("n" * 256 + "/a", "ENAMETOOLONG"),
    ],
)
def test_names_are_of_one_to_255_bytes(path: str, code: str) -> None:
    assert Played(Behind(), on("stat", path)).answers == [code]


def test_an_absent_name_is_remembered_where_that_is_a_habit() -> None:
    for keeps, asked in ((True, 1), (False, 2)):
        found = Played(Behind(keeps_negative=keeps), on("stat", "x"), on("stat", "x"))
        assert found.answers == ["ENOENT"] * 2
        assert len(found.asked[0]) + len(found.asked[1]) == asked


def test_a_name_is_believed_until_the_moment_its_time_is_over() -> None:
    behind = Behind()
    behind.make("a", b"12")
    behind.name_ns = 100
    look = on("stat", "a")
    found = Played(behind, look, passing(99), look, passing(1), look)
    assert [len(asked) for asked in found.asked] == [1, 0, 0, 0, 1]


def test_attributes_are_asked_for_when_their_time_is_over_and_the_new_size_told() -> None:
    behind = Behind()
    ino = behind.make("a", b"12")
    behind.attributes_ns = 100
    look = on("stat", "a")

    def grow(vfs, process, user):
        behind.bytes[ino] += b"345"
        return None
        yield

    found = Played(behind, look, grow, passing(99), look, passing(1), look, look)
    assert found.answers[::1] == [2, None, None, 2, None, 5, 5]
    assert [asked for asked in found.asked if asked][1:] == [[("getattr", ino)]]


def test_fstat_asks_as_stat_does_but_for_no_name() -> None:
    behind = Behind()
    ino = behind.make("a", b"12")
    behind.attributes_ns = 0
    found = Played(behind, opened("a"), on("fstat", FIRST), on("fstat", 99))
    assert found.answers == [FIRST, 2, "EBADF"]
    assert found.asked[1:] == [[("getattr", ino)], []]
    assert found.paths[1:] == [["fstat"], ["fstat"]]


def test_what_was_written_here_goes_before_the_size_behind() -> None:
    behind = Behind()
    behind.make("a", b"12")
    behind.attributes_ns = 0
    found = Played(behind, opened("a"), write(FIRST, b"x" * 9), on("fstat", FIRST))
    assert found.answers[2] == 9
    through = Behind(write_back=False)
    through.make("a", b"12")
    found = Played(through, opened("a"), write(FIRST, b"x" * 9), on("fstat", FIRST))
    assert found.answers[2] == 9
    assert found.asked[2] == [("getattr", ROOT + 1)], "a write through makes the size doubtful"


def test_access_is_checked_here_unless_somebody_else_does() -> None:
    for asks in (False, True):
        behind = Behind(asks_access=asks)
        ino = behind.make("a")
        found = Played(behind, on("access", "a"), on("access", "b"))
        assert found.answers == [0, "ENOENT"]
        assert (("access", ino) in found.asked[0]) is asks
        assert found.paths[0] == ["stat", "vfs_lookup"]


def test_a_close_flushes_and_releases_and_the_descriptor_is_gone() -> None:
    behind = Behind()
    ino = behind.make("a")
    found = Played(behind, opened("a"), on("close", FIRST), on("close", FIRST), read(FIRST, 1))
    assert found.answers == [FIRST, None, "EBADF", "EBADF"]
    assert found.asked[1] == [("flush", ino), ("release", ino)]
    assert found.paths[1:3] == [["close"], []]


def test_a_copied_descriptor_that_closes_is_a_flush() -> None:
    behind = Behind()
    ino = behind.make("a")
    found = Played(behind, opened("a"), on("null", FIRST), on("null", 99), on("fstat", FIRST))
    assert found.answers == [FIRST, None, "EBADF", 0]
    assert found.asked[1] == [("flush", ino)]
    assert found.paths[1] == ["close"]


def test_a_sync_writes_back_and_then_asks_for_the_device() -> None:
    behind = Behind()
    ino = behind.make("a")
    found = Played(behind, opened("a"), write(FIRST, b"abc"), on("sync", FIRST), on("sync", FIRST))
    assert found.asked[1:] == [[], [("write", ino, 0, 3, 1), ("sync", ino)], [("sync", ino)]]
    assert found.paths[2] == ["close"]
    assert bytes(behind.bytes[ino]) == b"abc"
    assert found.vfs.super.inodes[ino].dirty == set()


def test_an_unlinked_file_goes_at_once_if_nobody_has_it_open() -> None:
    behind = Behind()
    ino = behind.make("a", b"1")
    found = Played(behind, on("unlink", "a"), on("stat", "a"), on("unlink", "a"))
    assert found.answers == [None, "ENOENT", "ENOENT"]
    assert found.asked == [[("lookup", ROOT, "a"), ("unlink", ROOT, "a"), ("forget", ino)], [], []]
    assert found.paths[0] == ["stat", "vfs_lookup", "vfs_unlink"]
    assert ino not in found.vfs.super.inodes


def test_one_that_is_open_goes_with_its_last_descriptor() -> None:
    behind = Behind()
    ino = behind.make("a", b"12")
    found = Played(
        behind, opened("a"), opened("a"), on("unlink", "a"), read(FIRST, 9), on("close", FIRST),
        on("fstat", FIRST + 1), on("close", FIRST + 1),
    )  # fmt: skip
    assert found.answers[3] == b"12"
    assert found.answers[5] == 2
    assert ("forget", ino) not in [*found.asked[2], *found.asked[4]]
    assert found.asked[6] == [("flush", ino), ("release", ino), ("forget", ino)]
    assert ino not in found.vfs.super.inodes


def test_a_file_that_was_closed_but_keeps_its_name_stays() -> None:
    behind = Behind()
    ino = behind.make("a")
    found = Played(behind, opened("a"), on("close", FIRST))
    assert ("forget", ino) not in found.asked[1]
    assert ino in found.vfs.super.inodes


def test_where_absence_is_no_habit_an_unlinked_name_is_asked_for() -> None:
    behind = Behind(keeps_negative=False)
    behind.make("a")
    found = Played(behind, on("unlink", "a"), on("stat", "a"))
    assert found.asked[1] == [("lookup", ROOT, "a")]


@pytest.mark.parametrize("call", [read(FIRST, -1), read(FIRST, 1, -1), write(FIRST, b"x", -1)])
def test_sizes_and_places_below_nought_are_refused(call) -> None:
    behind = Behind()
    behind.make("a", b"abc")
    found = Played(behind, opened("a"), call, read(FIRST, 0, 0), read(FIRST, 2, 0))
    assert found.answers[1:] == ["EINVAL", b"", b"ab"]


def test_direct_reads_go_to_the_user_in_the_largest_pieces() -> None:
    behind = Behind(direct=True, read_pages=2)
    ino = behind.make("a", bytes(range(256)) * 80)
    found = Played(
        behind, opened("a"), read(FIRST, 20_000), read(FIRST, 20_000, 100, True),
        read(FIRST, 99_999, 8192),
    )  # fmt: skip
    data = bytes(behind.bytes[ino])
    assert found.answers[1:] == [data[:20_000], data[100:20_100], data[8192:]]
    assert [a[2:4] for a in found.asked[1]] == [(0, 8192), (8192, 8192), (16384, 3616)]
    assert [a[3] for a in found.asked[2]] == [6144, 6144, 6144, 1568], "half a page less"
    assert [a[3] for a in found.asked[3]] == [8192, 8192], "the second one came back short"
    assert found.vfs.super.inodes[ino].pages == {}


def test_direct_writes_go_through_and_make_the_file_longer() -> None:
    behind = Behind(direct=True, write_back=False)
    ino = behind.make("a", b"abc")
    found = Played(behind, opened("a"), write(FIRST, b"xy", 1), write(FIRST, b"zz", 5))
    assert found.asked[1:] == [[("write", ino, 1, 2, 1)], [("write", ino, 5, 2, 1)]]
    assert found.paths[1] == ["file_write_begin"]
    assert bytes(behind.bytes[ino]) == b"axy\0\0zz"
    assert found.vfs.super.inodes[ino].size == 7
    assert found.vfs.super.inodes[ino].expires_ns == 0


def test_what_is_clean_and_closed_is_dropped_with_all_names() -> None:
    behind = Behind()
    closed, kept, dirty = (behind.make(name, b"12") for name in ("closed", "kept", "dirty"))
    found = Played(
        behind, opened("kept"), read(FIRST, 1), opened("dirty"), write(FIRST + 1, b"3"),
        on("stat", "closed"), dropping,
        on("fstat", FIRST), read(FIRST, 2), read(FIRST + 1, 1), on("stat", "closed"),
    )  # fmt: skip
    inodes = found.vfs.super.inodes
    assert found.asked[6] == [("getattr", kept)]
    assert [a[0] for a in found.asked[7]] == ["read"]
    assert found.asked[8] == [], "dirty pages stay"
    assert found.asked[9] == [("lookup", ROOT, "closed")]
    assert set(inodes) == {ROOT, closed, kept, dirty}


def test_dropping_frees_memory_for_the_next_pages() -> None:
    behind = Behind()
    behind.make("a", bytes(8192))
    found = Played(behind, opened("a"), read(FIRST, 8192), dropping, read(FIRST, 8192))
    used = {at.base >> 12 for how, _, at, _ in copies(found.host) if how == "out"}
    assert len(used) == 2
