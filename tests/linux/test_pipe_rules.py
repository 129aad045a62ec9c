"""The rules of a pipe: atomic small writes, early return, no lost wake-up, exact switches."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.linux.stories import Story, read, write

PAGE = 4096


def test_a_write_that_fits_the_buffer_is_atomic() -> None:
    """Two writers of 3,000 bytes share a page: the second waits whole, it does not fill up."""
    story = Story()
    pipe = story.linux.pipe()
    story.cast("reader", read(pipe, 100), read(pipe, 6000))
    story.cast("a", write(pipe, b"a" * 3000))
    story.cast("b", write(pipe, b"b" * 3000))
    story.run()
    data = b"".join(story.said("reader"))
    assert data == b"a" * 3000 + b"b" * 3000
    assert list(map(len, story.said("reader"))) == [100, 5900]


def test_the_second_writer_puts_nothing_into_a_page_that_cannot_take_it_whole() -> None:
    story = Story()
    pipe = story.linux.pipe()
    seen: list[int] = []
    story.cast("first", read(story.linux.pipe(), 1))
    story.cast("a", write(pipe, b"a" * 3000))
    story.cast("b", write(pipe, b"b" * 3000))

    def look(linux, process):
        seen.append(len(pipe.data))
        return 0
        yield

    story.cast("looker", look)
    with pytest.raises(RuntimeError, match="deadlock"):
        story.run()
    assert seen == [3000]
    assert len(pipe.writers.sleepers) == 1


def test_a_write_larger_than_the_buffer_fills_what_there_is() -> None:
    story = Story()
    pipe = story.linux.pipe()
    story.cast("first", read(story.linux.pipe(), 1))
    story.cast("a", write(pipe, b"a" * 1000))
    story.cast("b", write(pipe, b"b" * 5000))
    with pytest.raises(RuntimeError, match="deadlock"):
        story.run()
    assert bytes(pipe.data) == b"a" * 1000 + b"b" * (PAGE - 1000)


def test_a_read_returns_what_is_there_without_waiting_for_more() -> None:
    story = Story()
    pipe = story.linux.pipe()
    story.cast("one", write(pipe, b"0123456789"), read(pipe, 100))
    assert story.run() == [("one", 10), ("one", b"0123456789")]
    assert story.linux.scheduler.switches == 0


def test_a_read_takes_no_more_than_it_asked_for() -> None:
    story = Story()
    pipe = story.linux.pipe()
    story.cast("one", write(pipe, b"abcdef"), read(pipe, 2), read(pipe, 3), read(pipe, 9))
    story.run()
    assert story.said("one") == [6, b"ab", b"cde", b"f"]


def test_a_read_goes_on_while_a_writer_waits_for_room() -> None:
    """One read of 64 KB gets all of a write of 64 KB, a page at a time, in one call."""
    story = Story()
    pipe = story.linux.pipe()
    data = bytes(range(256)) * 256
    story.cast("reader", read(pipe, 65536))
    story.cast("writer", write(pipe, data))
    story.run()
    assert story.said("reader") == [data]
    # to the writer and back, once per page; the last page ends the writer's call as well
    assert story.linux.scheduler.switches == 2 * 16


def test_a_sleeping_reader_is_woken_by_the_first_byte() -> None:
    story = Story()
    pipe, back = story.linux.pipe(), story.linux.pipe()
    story.cast("main", read(back, 1))
    story.cast("reader", read(pipe, 50), write(back, b"!"), priority=115)
    story.cast("writer", write(pipe, b"x"))
    assert ("reader", b"x") in story.run()


def test_a_sleeping_writer_is_woken_when_there_is_room() -> None:
    story = Story()
    pipe = story.linux.pipe()
    story.cast("main", read(pipe, 1), read(pipe, 5000))
    story.cast("writer", write(pipe, b"w" * PAGE), write(pipe, b"v" * 904))
    story.run()
    assert story.said("writer") == [PAGE, 904]
    assert list(map(len, story.said("main"))) == [1, PAGE + 903]


def test_every_sleeper_is_woken_not_only_the_first() -> None:
    story = Story()
    pipe, done = story.linux.pipe(), story.linux.pipe()
    story.cast("main", read(done, 1), read(done, 1))
    for name in ("r1", "r2"):
        story.cast(name, read(pipe, 1), write(done, b"."), priority=115)
    story.cast("writer", write(pipe, b"ab"))
    story.run()
    assert {story.said("r1")[0], story.said("r2")[0]} == {b"a", b"b"}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.sampled_from([4096, 65536]), st.booleans())
def test_no_byte_is_lost_doubled_or_out_of_order(seed: int, capacity: int, urgent: bool) -> None:
    r = Random(seed)
    story = Story(capacity)
    pipe = story.linux.pipe()
    writers = r.randint(1, 3)
    sizes = [[r.choice((1, 7, 900, 4096, 4097, 9000)) for _ in range(3)] for _ in range(writers)]
    left = sum(map(sum, sizes))

    def drain(linux, process):
        got = b""
        while len(got) < left:
            part = yield from linux.read(
                process, pipe, process.user("buffer"), r.choice((1, 500, 4096, 65536))
            )
            assert part
            got += part
        return got

    story.cast("reader", drain, priority=115 if urgent else 120)
    for w in range(writers):
        story.cast(f"w{w}", *(write(pipe, bytes([w]) * n) for n in sizes[w]))
    story.run()
    (data,) = story.said("reader")
    assert [data.count(bytes([w])) for w in range(writers)] == [sum(s) for s in sizes]
    assert pipe.data == b""
    for w in range(writers):
        small = [n for n in sizes[w] if n <= capacity]
        if capacity == 65536 and small:
            runs = [len(run) for run in _runs(data) if run[0] == w]
            assert min(runs) >= min(small)


def _runs(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    start = 0
    for i in range(1, len(data) + 1):
        if i == len(data) or data[i] != data[start]:
            found.append(data[start:i])
            start = i
    return found
