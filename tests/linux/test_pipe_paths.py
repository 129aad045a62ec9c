"""What a pipe's calls run, in order and with which memory; writes that must not be cut."""

from __future__ import annotations

import pytest

from tests.linux.stories import read, write
from tests.linux.told import ToldStory

PAGE = 4096
FILL = ["copy_in()", "pipe_write_filled"]
TAKE = ["pipe_read_found", "copy_out()", "pipe_read_emptied"]
HEADS = ("pipe", "copy_in()", "copy_out()")


def test_alone_a_writer_and_a_reader_wake_nobody_and_pay_for_it() -> None:
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("one", write(pipe, b"abc"), read(pipe, 9))
    story.run()
    assert story.names(*HEADS) == [
        "pipe_write_begin", *FILL, "pipe_wake_nobody", "pipe_write_end",
        "pipe_read_begin", *TAKE, "pipe_wake_nobody", "pipe_read_end",
    ]  # fmt: skip


def test_a_reader_that_finds_nothing_waits_and_takes_when_it_is_back() -> None:
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("reader", read(pipe, 3), priority=110)
    story.cast("writer", write(pipe, b"abc"))
    story.run()
    assert story.names(*HEADS) == [
        "pipe_read_begin", "pipe_wait",
        "pipe_write_begin", *FILL, "pipe_wake_reader", "pipe_write_end",
        "pipe_waited", *TAKE, "pipe_wake_nobody", "pipe_read_end",
    ]  # fmt: skip
    (wake,) = story.named("pipe_wake_reader")
    reader = story.linux.processes[0]
    assert wake.who == "writer"
    assert wake.roles["other_task"] == reader.kernel_regions["task"]
    assert wake.roles["other_stack"] == reader.kernel_regions["stack"]


def test_a_full_pipe_is_waited_for_after_its_reader_is_woken() -> None:
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("writer", write(pipe, bytes(2 * PAGE)))
    story.cast("reader", read(pipe, PAGE))
    story.run()
    assert story.names(*HEADS)[:9] == [
        "pipe_write_begin", *FILL, "pipe_wake_nobody", "pipe_wait",
        "pipe_read_begin", *TAKE,
    ]  # fmt: skip
    assert story.names("pipe_w")[-4:] == [
        "pipe_waited", "pipe_write_filled", "pipe_wake_nobody", "pipe_write_end",
    ]  # fmt: skip


def test_a_large_buffer_is_filled_and_emptied_page_by_page_in_one_call() -> None:
    story = ToldStory(16 * PAGE)
    pipe = story.linux.pipe()
    story.cast("one", write(pipe, bytes(2 * PAGE + 1)), read(pipe, 9 * PAGE))
    story.run()
    assert story.names(*HEADS) == [
        "pipe_write_begin", *FILL * 3, "pipe_wake_nobody", "pipe_write_end",
        "pipe_read_begin", *TAKE * 3, "pipe_wake_nobody", "pipe_read_end",
    ]  # fmt: skip
    assert story.linux.scheduler.switches == 0


def test_every_path_has_the_pipe_s_own_memory_and_its_place() -> None:
    story = ToldStory()
    first, second = story.linux.pipe(), story.linux.pipe()
    story.cast("one", write(first, b"abc"), read(first, 9), write(second, b"d"))
    story.run()
    paths = [a for a in story.paths if a.name.startswith("pipe_")]
    assert {a.place for a in paths if "wake" in a.name} == {"wake-up"}
    assert {a.place for a in paths if "wake" not in a.name} == {"pipe"}
    objects = [a.roles["object"] for a in paths]
    assert len(set(objects[:-4])) == 1
    assert len(set(objects[-4:])) == 1
    assert objects[0] != objects[-1]
    buffers = {a.roles["buffer"].base for a in paths if "buffer" in a.roles}
    assert len(buffers) == 2


@pytest.mark.parametrize("size", [1, 100, PAGE - 1, PAGE])
def test_a_write_that_the_buffer_could_hold_is_never_cut(size: int) -> None:
    """POSIX: PIPE_BUF bytes go in together, also if that is the whole buffer."""
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("first", read(story.linux.pipe(), 1))
    story.cast("a", write(pipe, b"a" * (PAGE - size + 1)))
    story.cast("b", write(pipe, b"b" * size))
    with pytest.raises(RuntimeError, match="deadlock"):
        story.run()
    assert bytes(pipe.data) == b"a" * (PAGE - size + 1)
    assert [p.name for p in pipe.writers.sleepers] == ["b"]


def test_a_write_one_byte_longer_than_the_buffer_may_be_cut() -> None:
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("first", read(story.linux.pipe(), 1))
    story.cast("a", write(pipe, b"a"))
    story.cast("b", write(pipe, b"b" * (PAGE + 1)))
    with pytest.raises(RuntimeError, match="deadlock"):
        story.run()
    assert bytes(pipe.data) == b"a" + b"b" * (PAGE - 1)


def test_a_write_that_was_begun_goes_on_with_whatever_room_there_is() -> None:
    """The rest of a cut write is no longer atomic, however short it is."""
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("reader", read(pipe, 1), read(pipe, 1), priority=130)
    story.cast("writer", write(pipe, b"w" * (PAGE + 900)))
    story.run()
    assert story.said("reader") == [b"w", b"w"]
    assert len(pipe.data) == PAGE, "each byte that was taken has been filled up"
    assert [p.name for p in pipe.writers.sleepers] == ["writer"]


def test_a_read_of_nothing_more_than_asked_leaves_the_rest_and_wakes_the_writer() -> None:
    story = ToldStory()
    pipe = story.linux.pipe()
    story.cast("reader", read(pipe, 10), read(pipe, PAGE), priority=130)
    story.cast("writer", write(pipe, b"w" * PAGE), write(pipe, b"v"), priority=120)
    story.run()
    first, second = story.said("reader")
    assert first == b"w" * 10
    assert second == b"w" * (PAGE - 10) + b"v"
    assert story.said("writer") == [PAGE, 1]


def test_user_memory_moves_on_with_the_bytes_and_the_ring_begins_at_its_page() -> None:
    story = ToldStory(16 * PAGE)
    pipe = story.linux.pipe()
    story.cast("one", write(pipe, bytes(PAGE + 5)), read(pipe, 2 * PAGE))
    story.run()
    user = story.linux.processes[0].user("buffer").base
    assert [(how, at.base - user, size) for how, at, _, size in story.copied] == [
        ("in", 0, PAGE), ("in", PAGE, 5), ("out", 0, PAGE), ("out", PAGE, 5),
    ]  # fmt: skip
    assert {ring.base % PAGE for _, _, ring, _ in story.copied} == {0}
    assert len({ring.base for _, _, ring, _ in story.copied}) == 1
