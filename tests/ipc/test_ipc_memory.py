"""Where the objects of an IPC lie: once each, kernel's and user's apart, no false clash."""

from __future__ import annotations

from itertools import pairwise

import pytest

from microbench.ipc.memory import (
    CODE_AT,
    OBJECT_BYTES,
    PER_THREAD,
    SPACE_BYTES,
    USER_PAGES,
    UTCB_BYTES,
    IpcMemory,
)
from microbench.trace import Recorder, ops
from microbench.trace.layout import PAGE_BYTES, Region


def memory(large: bool = False) -> tuple[IpcMemory, Recorder]:
    recorder = Recorder()
    return IpcMemory(recorder.layout, large), recorder


def va(recorder: Recorder, region: Region) -> int:
    """Virtual address a region begins at."""
    page = recorder.finish().pages[region.base >> 12]
    return int(page[0]) * PAGE_BYTES + region.base % PAGE_BYTES


def test_an_object_lies_where_it_lay_and_no_two_share_a_place() -> None:
    found, _ = memory()
    first = found.kernel("tcb", 1)
    others = [found.kernel("tcb", 2), found.kernel("queue", 1), found.kernel("tcb", 3)]
    assert found.kernel("tcb", 1) == first
    assert len({first.base, *(o.base for o in others)}) == 4
    assert {r.base >> 12 for r in others}.isdisjoint({first.base >> 12})


def test_objects_are_staggered_within_their_pages() -> None:
    found, _ = memory()
    offsets = [found.kernel("tcb", n).base % PAGE_BYTES for n in range(17)]
    assert offsets[:16] == [n * OBJECT_BYTES for n in range(16)]
    assert offsets[16] == 0


def test_an_object_fits_its_page() -> None:
    found, _ = memory()
    for n, size in enumerate((1024, 1024, 1024, 1025, 1000)):
        region = found.kernel("buffer", n, size)
        assert region.size == size
        assert region.base % PAGE_BYTES + size <= PAGE_BYTES
    assert found.kernel("buffer", 3).base % PAGE_BYTES == 0


def test_code_lies_path_behind_path() -> None:
    found, _ = memory()
    first, second = found.text("a", 96), found.text("b", 32)
    assert second.base == first.base + 96
    assert found.text("a", 96) == first
    assert found.text("c", 32).base == second.base + 32


@pytest.mark.parametrize("large", [True, False])
def test_code_is_mapped_by_large_pages_and_data_as_the_kernel_does(large: bool) -> None:
    found, recorder = memory(large)
    regions = found.text("a", 32), found.kernel("tcb", 1)
    pages = recorder.finish().pages
    flags = [bool(pages[r.base >> 12, 4] & ops.LARGE) for r in regions]
    assert flags == [True, large]


def test_each_thread_has_its_stack_and_all_share_the_code() -> None:
    found, _ = memory()
    for role in USER_PAGES:
        one, two = found.user(role, 1, 1), found.user(role, 2, 1)
        assert (one != two) == (role in PER_THREAD)
        assert found.user(role, 1, 1) == one
        assert found.user(role, 1, 2) != one


def test_code_is_one_physical_page_in_all_spaces() -> None:
    found, recorder = memory()
    for role in USER_PAGES:
        one, two = found.user(role, 1, 1), found.user(role, 1, 2)
        pages = recorder.finish().pages
        same = pages[one.base >> 12, 1] == pages[two.base >> 12, 1]
        assert same == (role in CODE_AT)


def test_addresses_of_a_space_and_a_thread_are_its_own() -> None:
    found, recorder = memory()
    one, other = found.user("user_utcb", 1, 1), found.user("user_utcb", 2, 3)
    at = USER_PAGES["user_utcb"]
    assert va(recorder, one) // PAGE_BYTES == (at + PAGE_BYTES + SPACE_BYTES) // PAGE_BYTES
    assert (
        va(recorder, other) // PAGE_BYTES == (at + 2 * PAGE_BYTES + 3 * SPACE_BYTES) // PAGE_BYTES
    )
    assert one.size == UTCB_BYTES
    code = found.user("user_loop", 1, 1)
    assert va(recorder, code) == USER_PAGES["user_loop"] + SPACE_BYTES + CODE_AT["user_loop"]
    assert code.size == OBJECT_BYTES


def test_user_pages_begin_at_pages_of_their_own() -> None:
    assert {at % PAGE_BYTES for at in USER_PAGES.values()} == {0}
    gap = min(b - a for a, b in pairwise(sorted(USER_PAGES.values())))
    assert gap >= 256 * PAGE_BYTES
    assert max(USER_PAGES.values()) + gap < SPACE_BYTES
    assert {at % 32 for at in CODE_AT.values()} == {0}, "code begins at a line"
