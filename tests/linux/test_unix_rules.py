"""The rules of a socket pair: order, sizes, room, buffers used again, who is woken."""

from __future__ import annotations

import pytest

from microbench.linux.unix import MESSAGE_BYTES, POOL, SEND_BUFFER, SocketPair
from microbench.trace import ops
from tests.linux.stories import Story, receive, send


def pair_of(story: Story) -> SocketPair:
    return story.linux.socket_pair()


def test_the_two_directions_do_not_mix() -> None:
    story = Story()
    pair = pair_of(story)
    story.cast(
        "one", send(pair, 0, b"there"), send(pair, 1, b"back"), receive(pair, 0, 9),
        receive(pair, 1, 9),
    )  # fmt: skip
    story.run()
    assert story.said("one") == [5, 4, b"back", b"there"]


def test_nothing_is_sent_where_there_are_no_bytes() -> None:
    story = Story()
    pair = pair_of(story)
    story.cast("one", send(pair, 0, b""), send(pair, 0, b"x"), receive(pair, 1, 9))
    story.run()
    assert story.said("one") == [0, 1, b"x"]


def test_a_receive_takes_several_messages_and_part_of_one() -> None:
    story = Story()
    pair = pair_of(story)
    story.cast(
        "one", send(pair, 0, b"abc"), send(pair, 0, b"defg"), receive(pair, 1, 5),
        receive(pair, 1, 99),
    )  # fmt: skip
    story.run()
    assert story.said("one") == [3, 4, b"abcde", b"fg"]
    assert pair.ends[1].unread == 0


def test_a_receiver_sleeps_until_there_is_something() -> None:
    story = Story()
    pair = pair_of(story)
    story.cast("receiver", receive(pair, 1, 10))
    story.cast("sender", send(pair, 0, b"late"))
    assert story.run() == [("sender", 4), ("receiver", b"late")]


def test_a_sender_waits_for_room_and_goes_on_with_it() -> None:
    story = Story()
    pair = pair_of(story)
    data = bytes(range(256)) * 512  # twice the send buffer
    story.cast("receiver", *(receive(pair, 1, len(data)) for _ in range(1)))
    story.cast("sender", send(pair, 0, data))
    story.run()
    (got,) = story.said("receiver")
    assert data.startswith(got)
    assert 0 < len(got) <= SEND_BUFFER


def test_large_sends_are_cut_into_messages() -> None:
    story = Story()
    pair = pair_of(story)
    story.cast("one", send(pair, 0, bytes(MESSAGE_BYTES + 1)))
    story.run()
    assert [len(m.data) for m in pair.ends[1].queue] == [MESSAGE_BYTES, 1]
    assert pair.ends[1].unread == MESSAGE_BYTES + 1


def test_a_message_is_at_most_half_the_send_buffer_less_its_head() -> None:
    """So that one can be read while the next is filled; a tiny buffer still takes a byte."""
    for buffer, sizes in ((1128, [500, 500, 1]), (130, [1, 1])):
        story = Story()
        pair = SocketPair(story.linux.scheduler, send_buffer=buffer)
        story.cast("one", send(pair, 0, bytes(sum(sizes))))
        story.run()
        assert [len(m.data) for m in pair.ends[1].queue] == sizes


def test_the_buffer_freed_last_is_used_first() -> None:
    story = Story()
    pair = pair_of(story)
    used = []

    def look(linux, process):
        used.append(pair.ends[1].queue[-1].memory.base)
        return None
        yield

    turn = (send(pair, 0, b"x"), look, receive(pair, 1, 1))
    story.cast("one", *turn, *turn, send(pair, 0, b"y"), look, send(pair, 0, b"z"), look)
    story.run()
    assert used[0] == used[1] == used[2]
    assert used[3] != used[2]


def test_the_pool_is_what_bounds_small_messages() -> None:
    story = Story()
    pair = pair_of(story)
    story.cast("receiver", receive(pair, 0, 1))
    story.cast("sender", *(send(pair, 0, b"x") for _ in range(POOL + 1)))
    with pytest.raises(RuntimeError, match="deadlock"):
        story.run()
    assert len(pair.ends[1].queue) == POOL
    assert story.said("sender") == [1] * POOL


def test_only_an_emptied_buffer_tells_the_sender() -> None:
    """Part of a message read wakes nobody; its end wakes who sleeps on the sender's socket."""
    story = Story()
    pair = pair_of(story)
    story.cast("main", receive(pair, 1, 2), receive(pair, 1, 2))
    story.cast("partner", send(pair, 0, b"1234"), receive(pair, 0, 1))
    story.run()
    trace = story.linux.host.recorder.finish()
    names = [trace.names[int(o[1])] for o in trace.operations if o[0] == ops.PATH]
    wakes = [i for i, name in enumerate(names) if name == "unix_wake_writer"]
    ends = [i for i, name in enumerate(names) if name == "unix_receive_emptied"]
    assert len(wakes) == 2  # the receiver by the send, the sender by the last byte
    assert ends[0] < ends[1] < wakes[1]
