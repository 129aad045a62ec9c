"""Pages of files: found, read ahead in order, filled with what is there, cut by the write sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from microbench.linux.pagecache import runs
from tests.linux.behind import PAGE, Behind, Played, dropping, on, opened, read, write
from tests.linux.told import copies

FD = 4
DATA = bytes(range(251)) * 400


def played(behind: Behind, *calls: Any, content: bytes = DATA) -> tuple[Played, int]:
    """These calls on one open file that holds something."""
    ino = behind.make("a", content)
    return Played(behind, opened("a"), *calls), ino


def reads(found: Played, call: int) -> list[tuple[int, int, int]]:
    """First page, pages and memory of what one call read behind the seam."""
    return [(a[2] // PAGE, a[3] // PAGE, a[4]) for a in found.asked[call] if a[0] == "read"]


def test_the_first_page_is_read_with_as_many_behind_it_as_the_habit_is() -> None:
    found, _ = played(Behind(read_pages=4), read(FD, 1), read(FD, 1, 3 * PAGE), read(FD, 1, PAGE))
    assert [reads(found, call) for call in (1, 2, 3)] == [[(0, 4, 4)], [], []]


def test_a_file_read_in_order_is_read_ahead_and_one_read_here_and_there_is_not() -> None:
    found, _ = played(
        Behind(read_pages=4), read(FD, 4 * PAGE), read(FD, 1, 4 * PAGE), read(FD, 1, 20 * PAGE),
        read(FD, 1, 21 * PAGE), read(FD, 1, 19 * PAGE),
    )  # fmt: skip
    assert [reads(found, call) for call in range(1, 6)] == [
        [(0, 4, 4)], [(4, 4, 4)], [(20, 1, 1)], [(21, 4, 4)], [(19, 1, 1)],
    ]  # fmt: skip


def test_order_is_told_by_the_page_read_last_found_or_not() -> None:
    found, _ = played(
        Behind(read_pages=2), read(FD, 1), read(FD, 1, 5 * PAGE), read(FD, 1, PAGE),
        read(FD, 1, 2 * PAGE),
    )  # fmt: skip
    assert [reads(found, call) for call in range(1, 5)] == [
        [(0, 2, 2)], [(5, 1, 1)], [], [(2, 2, 2)],
    ]  # fmt: skip


def test_what_is_read_ahead_ends_with_the_file_and_at_pages_that_are_there() -> None:
    found, _ = played(
        Behind(read_pages=8), read(FD, 1, 2 * PAGE), read(FD, 1), dropping,
        content=bytes(3 * PAGE + 1),
    )  # fmt: skip
    assert reads(found, 1) == [(2, 1, 1)]
    assert reads(found, 2) == [(0, 2, 2)], "page 2 is there"
    whole, _ = played(Behind(read_pages=8), read(FD, 1), content=bytes(3 * PAGE))
    assert reads(whole, 1) == [(0, 3, 3)]
    longer, _ = played(Behind(read_pages=8), read(FD, 1), content=bytes(3 * PAGE + 1))
    assert reads(longer, 1) == [(0, 4, 4)]


def test_an_emptied_cache_has_no_order_left() -> None:
    found, _ = played(Behind(read_pages=4), read(FD, 1), dropping, read(FD, 1, PAGE))
    assert reads(found, 3) == [(1, 1, 1)]


def test_a_read_takes_what_the_file_has_page_by_page() -> None:
    found, _ = played(
        Behind(), read(FD, 9000, 4000), read(FD, 9, len(DATA) - 4), read(FD, 9, 1 << 20)
    )
    assert found.answers[1:] == [DATA[4000:13_000], DATA[-4:], b""]
    assert found.paths[1] == [
        "file_read_begin", *found.paths[1][1:-1], "file_read_end",
    ]  # fmt: skip
    out = [(kernel.base % PAGE, size) for _, _, kernel, size in copies(found.host)][:4]
    assert out == [(4000, 96), (0, 4096), (0, 4096), (0, 712)]
    user = copies(found.host)[0][1].base
    assert [u.base - user for _, u, _, _ in copies(found.host)[:4]] == [0, 96, 4192, 8288]


def test_paths_of_a_read_are_begin_then_each_page_then_end() -> None:
    found, _ = played(Behind(), read(FD, 2 * PAGE), read(FD, 2 * PAGE))
    page = ["file_read_page", "copy_out()", "file_read_copied"]
    assert found.paths[2] == ["file_read_begin", *page, *page, "file_read_end"]
    adds = found.paths[1].count("page_add")
    assert found.paths[1] == [
        "file_read_begin", *["page_add"] * adds, *page, *page, "file_read_end",
    ]  # fmt: skip
    assert adds == -(-len(DATA) // PAGE)


def test_a_read_at_the_end_asks_for_the_page_there_where_that_is_a_habit() -> None:
    size = 2 * PAGE
    for habit, asked in ((False, []), (True, [(2, 1, 1)])):
        found, _ = played(Behind(reads_at_end=habit), read(FD, 9, size), content=bytes(size))
        assert reads(found, 1) == asked
        assert found.answers[1] == b""
        assert found.paths[1][0] == "file_read_begin"
        assert found.paths[1][-1] == "file_read_end"


def test_what_a_page_lacks_is_zeros() -> None:
    found, _ = played(Behind(), write(FD, b"x", 10), read(FD, 11), content=b"abc")
    assert found.answers[2] == b"abc" + bytes(7) + b"x"


@pytest.mark.parametrize(
    ("offset", "size", "filled"),
    [
        (0, PAGE, []),  # a whole page: nothing is read
        (0, PAGE - 1, [0]),
        (1, PAGE - 1, [0]),
        (0, PAGE + 1, [1]),
        (PAGE, 2 * PAGE, []),
        (3 * PAGE, 100, []),  # all that the last page has
        (3 * PAGE, 99, [3]),
        (4 * PAGE, 5, []),  # behind the end
        (3 * PAGE + 50, 100, [3]),
    ],
)
def test_only_pages_that_are_not_written_whole_are_read_first(
    offset: int, size: int, filled: Sequence[int]
) -> None:
    content = DATA[: 3 * PAGE + 100]
    found, ino = played(
        Behind(read_pages=1), write(FD, b"w" * size, offset), read(FD, 9 * PAGE), on("sync", FD),
        content=content,
    )  # fmt: skip
    assert [first for first, _, _ in reads(found, 1)] == filled
    end = max(len(content), offset + size)
    expected = content[:offset].ljust(offset, b"\0") + b"w" * size + content[offset + size :]
    assert found.answers[2] == expected
    assert len(expected) == end
    assert (
        found.paths[1].count("file_write_page") == (offset + size - 1) // PAGE - offset // PAGE + 1
    )
    assert found.vfs.super.inodes[ino].size == end


def test_written_pages_stay_here_until_they_are_sent_neighbours_together() -> None:
    found, ino = played(
        Behind(), write(FD, b"1" * PAGE), write(FD, b"2" * PAGE, PAGE),
        write(FD, b"4" * 10, 3 * PAGE),
        on("sync", FD), on("sync", FD), content=b"",
    )  # fmt: skip
    assert found.asked[1] == found.asked[2] == []
    sent = [a for a in found.asked[4] if a[0] == "write"]
    assert sent == [("write", ino, 0, 2 * PAGE, 2), ("write", ino, 3 * PAGE, 10, 1)]
    assert [a[0] for a in found.asked[5]] == ["sync"]


@pytest.mark.parametrize(
    ("pages", "offset", "size", "pieces"),
    [
        (1, 0, PAGE, [(0, PAGE)]),
        (1, 0, PAGE + 1, [(0, PAGE), (PAGE, 1)]),
        (1, 100, PAGE, [(100, PAGE - 100), (PAGE, 100)]),
        (2, 100, 2 * PAGE, [(100, 2 * PAGE - 100), (2 * PAGE, 100)]),
        (32, 0, 3 * PAGE, [(0, 3 * PAGE)]),
    ],
)
def test_a_write_through_is_cut_at_the_protocol_s_pages(
    pages: int, offset: int, size: int, pieces: list[tuple[int, int]]
) -> None:
    behind = Behind(write_back=False, write_pages=pages)
    found, ino = played(behind, write(FD, b"w" * size, offset), content=b"")
    sent = [a for a in found.asked[1] if a[0] == "write"]
    assert [a[2:4] for a in sent] == pieces
    memory = [-(-(at + n) // PAGE) - at // PAGE for at, n in pieces]
    assert [a[4] for a in sent] == memory
    assert found.vfs.super.inodes[ino].dirty == set()
    assert found.answers[1] == size
    ins = [(u.base, size) for how, u, _, size in copies(found.host) if how == "in"]
    assert [base - ins[0][0] for base, _ in ins] == [
        sum(n for _, n in ins[:i]) for i in range(len(ins))
    ]


def test_every_copy_is_told_in_bytes() -> None:
    found, _ = played(Behind(), write(FD, b"w" * 5000, 10), read(FD, 300), content=b"")
    assert found.vfs.tally["copied"] == 5300


def test_paths_of_a_page_have_its_own_memory_and_the_place_of_files() -> None:
    found, _ = played(Behind(), write(FD, b"w" * 2 * PAGE), content=b"")
    pages = [a.roles["buffer"].base for a in found.host.told if a.name == "file_write_page"]
    added = [a.roles["buffer"].base for a in found.host.told if a.name == "page_add"]
    assert pages == added
    assert len(set(pages)) == 2
    assert {a.place for a in found.host.told if a.name.startswith(("file", "page"))} == {"file"}


def test_dirty_pages_are_forgotten_only_if_asked_to() -> None:
    found, ino = played(Behind(), write(FD, b"w" * 10), read(FD, 1, PAGE), content=bytes(2 * PAGE))
    inode, cache = found.vfs.super.inodes[ino], found.vfs.cache
    assert (set(inode.pages), inode.dirty) == ({0, 1}, {0})
    cache.forget(inode)
    assert (set(inode.pages), inode.dirty, set(inode.memory)) == ({0}, {0}, {0})
    cache.forget(inode, clean_only=False)
    assert (set(inode.pages), inode.dirty, set(inode.memory)) == (set(), set(), set())


@pytest.mark.parametrize(
    ("numbers", "found"),
    [([], []), ([5], [(5, 1)]), ([1, 2, 3], [(1, 3)]), ([0, 2, 3, 9], [(0, 1), (2, 2), (9, 1)])],
)
def test_neighbours_are_one_run(numbers: list[int], found: list[tuple[int, int]]) -> None:
    assert runs(numbers) == found


def test_pages_that_were_read_together_are_written_apart() -> None:
    content = DATA[: 3 * PAGE]
    behind = Behind(read_pages=3)
    found, ino = played(
        behind, read(FD, 1), write(FD, b"x", 10), write(FD, b"y", PAGE + 10), on("sync", FD),
        content=content,
    )  # fmt: skip
    assert {len(page) for page in found.vfs.super.inodes[ino].pages.values()} == {PAGE}
    expected = bytearray(content)
    expected[10:11], expected[PAGE + 10 : PAGE + 11] = b"x", b"y"
    assert behind.bytes[ino] == expected
