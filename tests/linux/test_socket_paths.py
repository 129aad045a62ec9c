"""What a socket's calls run: on which end, with which buffer, and which path is whose."""

from __future__ import annotations

import pytest

from microbench.linux.unix import MESSAGE_BYTES, SocketPair
from tests.linux.stories import receive, send
from tests.linux.told import ToldStory

HEADS = ("unix", "copy_in()", "copy_out()")
SEND = ["unix_send_begin", "copy_in()", "unix_send_filled", "unix_readable"]
TAKE = ["unix_receive_found", "copy_out()", "unix_receive_emptied"]


def test_a_message_is_sent_and_received_without_anybody_asleep() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("one", send(pair, 0, b"abc"), receive(pair, 1, 9))
    story.run()
    assert story.names(*HEADS) == [
        *SEND, "unix_send_end", "unix_receive_begin", *TAKE, "unix_free",
    ]  # fmt: skip
    assert {a.place for a in story.paths if a.name.startswith("unix")} == {"socket"}


def test_paths_of_a_message_have_the_receiver_s_end_and_one_buffer() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("one", send(pair, 0, b"abc"), receive(pair, 1, 9), send(pair, 1, b"d"))
    story.run()
    there = [a for a in story.paths if a.name.startswith("unix")]
    back = there[-4:]
    ends = {a.roles["object"] for a in there[:-4]}
    assert len(ends) == 1
    assert {a.roles["object"] for a in back} != ends
    assert len({a.roles["object"] for a in back}) == 1
    assert len({a.roles["buffer"] for a in there if "buffer" in a.roles}) == 1


def test_a_receiver_that_sleeps_is_woken_once_by_each_message() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("receiver", receive(pair, 1, 3), priority=110)
    story.cast("sender", send(pair, 0, b"abc"))
    story.run()
    assert story.names(*HEADS) == [
        "unix_receive_begin", "unix_wait", *SEND, "unix_wake_writer", "unix_send_end",
        "unix_waited", *TAKE, "unix_free",
    ]  # fmt: skip
    (wake,) = story.named("unix_wake_writer")
    receiver = story.linux.processes[0]
    assert (wake.who, wake.place) == ("sender", "wake-up")
    assert wake.roles["other_task"] == receiver.kernel_regions["task"]
    assert wake.roles["other_stack"] == receiver.kernel_regions["stack"]
    waits = story.named("unix_wait") + story.named("unix_waited")
    assert {a.who for a in waits} == {"receiver"}
    assert {a.roles["object"] for a in waits} == {wake.roles["object"]}


def test_messages_are_as_long_as_they_may_be_and_each_is_announced() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    data = bytes(2 * MESSAGE_BYTES + 1)
    story.cast("one", send(pair, 0, data), receive(pair, 1, len(data)))
    story.run()
    assert story.names(*HEADS) == [
        *SEND * 3, "unix_send_end", "unix_receive_begin", *TAKE * 3, "unix_free",
    ]  # fmt: skip
    assert story.said("one") == [len(data), data]
    user = story.linux.processes[0].user("buffer").base
    copies = [(how, at.base - user, size) for how, at, _, size in story.copied]
    cuts = [(0, MESSAGE_BYTES), (MESSAGE_BYTES, MESSAGE_BYTES), (2 * MESSAGE_BYTES, 1)]
    assert copies == [(how, at, size) for how in ("in", "out") for at, size in cuts]


def test_a_message_of_the_largest_size_is_one() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    assert MESSAGE_BYTES == 16 * 1024, "what the recorded kernel allocates at once"
    story.cast("one", send(pair, 0, bytes(MESSAGE_BYTES)))
    story.run()
    assert len(pair.ends[1].queue) == 1


def test_part_of_a_message_is_read_on_where_it_was_left() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("one", send(pair, 0, b"abcdef"), receive(pair, 1, 2), receive(pair, 1, 3))
    story.run()
    assert story.said("one")[1:] == [b"ab", b"cde"]
    out = [(kernel.base, size) for how, _, kernel, size in story.copied if how == "out"]
    assert [size for _, size in out] == [2, 3]
    assert out[1][0] - out[0][0] == 2
    assert pair.ends[1].unread == 1


def test_a_read_of_two_messages_fills_the_user_s_memory_without_a_hole() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("one", send(pair, 0, b"abc"), send(pair, 0, b"de"), receive(pair, 1, 9))
    story.run()
    user = story.linux.processes[0].user("buffer").base
    out = [(at.base - user, size) for how, at, _, size in story.copied if how == "out"]
    assert out == [(0, 3), (3, 2)]


@pytest.mark.parametrize(("room", "sent"), [(4, 4), (3, 3), (100, 6)])
def test_what_is_on_the_way_fills_the_send_buffer_to_the_last_byte(room: int, sent: int) -> None:
    """A tiny buffer, so messages of one byte; six of them are all there are."""
    story = ToldStory()
    pair = SocketPair(story.linux.scheduler, send_buffer=room)
    story.cast("receiver", receive(pair, 0, 1))
    story.cast("sender", send(pair, 0, bytes(50)))
    with pytest.raises(RuntimeError, match="deadlock"):
        story.run()
    assert pair.ends[1].unread == sent
    assert [p.name for p in pair.ends[0].sleepers.sleepers] == ["receiver", "sender"]


def test_a_sender_without_room_sleeps_on_its_own_end_until_a_message_is_free() -> None:
    story = ToldStory()
    pair = SocketPair(story.linux.scheduler, send_buffer=1)
    story.cast("main", receive(pair, 1, 1), receive(pair, 1, 1))
    story.cast("sender", send(pair, 0, b"ab"))
    story.run()
    assert story.said("main") == [b"a", b"b"]
    assert {a.who for a in story.named("unix_wait")} == {"main", "sender"}
    sender = [a for a in story.named("unix_wait") if a.who == "sender"]
    main = [a for a in story.named("unix_wait") if a.who == "main"]
    assert sender[0].roles["object"] != main[0].roles["object"]


def test_the_way_back_is_as_good_as_the_way_there() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("one", receive(pair, 0, 4), priority=110)
    story.cast("two", send(pair, 1, b"back"))
    assert story.run() == [("one", b"back")]
    assert (pair.ends[0].unread, pair.ends[1].unread) == (0, 0)


def test_a_receive_ends_with_the_buffer_that_is_free_next() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("one", send(pair, 0, b"abc"), receive(pair, 1, 3), send(pair, 0, b"d"))
    story.run()
    (free,) = story.named("unix_free")
    assert free.roles["buffer"] == story.named("unix_send_begin")[1].roles["buffer"]


def test_user_data_stands_in_where_no_buffer_is_free() -> None:
    story = ToldStory()
    pair = story.linux.socket_pair()
    story.cast("one", *(send(pair, 0, b"xy") for _ in range(6)), receive(pair, 1, 1))
    story.run()
    (free,) = story.named("unix_free")
    assert free.roles["buffer"] == story.linux.processes[0].user("buffer")
