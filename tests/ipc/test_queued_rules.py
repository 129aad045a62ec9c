"""The rules of queued IPC: what a call runs, in which order, and what it leaves behind."""

from __future__ import annotations

import pytest

from microbench.ipc.kernels import named_kernel
from microbench.ipc.ports import QUEUE_LIMIT, RightsError
from microbench.ipc.queued import QueuedIpc
from microbench.trace import Trace, ops


def said(trace: Trace, first: int = 0) -> list[str]:
    """Names of paths, and of traps and switches, in order."""
    plain = {ops.TRAP: "trap", ops.TRAP_RETURN: "return", ops.SWITCH: "SWITCH", ops.LOOP: "copy"}
    return [
        trace.names[int(row[1])] if row[0] == ops.PATH else plain[int(row[0])]
        for row in trace.operations[first:]
        if row[0] == ops.PATH or int(row[0]) in plain
    ]


def fresh() -> QueuedIpc:
    return QueuedIpc(named_kernel("mach"))


def test_a_send_to_a_waiting_receiver_copies_in_queues_and_wakes() -> None:
    system = fresh()
    assert system.send("request", (1, 2))
    assert said(system.recorder.finish()) == [
        "trap", "send_entry", "buffer_take", "copy", "rights_in", "enqueue", "wake_up",
    ]  # fmt: skip
    assert (list(system.ready), system.requests.waiting) == ([2], None)


def test_a_second_send_wakes_nobody() -> None:
    system = fresh()
    system.send("request", ())
    before = len(system.recorder.finish().operations)
    system.send("request", ())
    assert "wake_up" not in said(system.recorder.finish(), before)
    assert list(system.ready) == [2]


def test_a_receive_from_an_empty_port_blocks_and_the_next_takes_its_message() -> None:
    system = fresh()
    system.send("request", (7,))
    before = len(system.recorder.finish().operations)
    system.receive("reply")
    assert said(system.recorder.finish(), before) == [
        "block", "schedule", "switch", "SWITCH", "dequeue", "rights_out", "copy", "buffer_give",
        "return",
    ]  # fmt: skip
    assert (system.current, system.replies.waiting, system.received) == (2, 1, [(7,)])


def test_a_receive_from_a_port_with_messages_does_not_block() -> None:
    system = fresh()
    for n in (1, 2):
        system.send("request", (n,))
    system.receive("reply")
    assert system.current == 2
    before = len(system.recorder.finish().operations)
    system.receive("request")
    assert "block" not in said(system.recorder.finish(), before)
    assert (system.current, system.received) == (2, [(1,), (2,)])


def test_a_full_port_sends_the_caller_back_at_once() -> None:
    system = fresh()
    for n in range(QUEUE_LIMIT):
        system.send("request", (n,))
    before, free = len(system.recorder.finish().operations), len(system.free)
    assert not system.send("request", (9,))
    assert said(system.recorder.finish(), before) == ["trap", "send_entry", "return"]
    assert len(system.free) == free


def test_buffers_are_taken_from_the_front_and_given_back_behind() -> None:
    system = fresh()
    before = list(system.free)
    system.round_trip(0)
    assert list(system.free) == [*before[2:], *before[:2]]


def test_a_send_works_on_the_buffer_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    system = fresh()
    system.send("request", ())
    taken, worked = system.free[0], []
    monkeypatch.setattr(
        system, "_path", lambda name, thread, buffer=None, *more: worked.append((name, buffer))
    )
    system.send("request", ())
    assert taken != 0
    assert {buffer for name, buffer in worked if name != "send_entry"} == {taken}


def test_a_refused_right_runs_nothing() -> None:
    system = fresh()
    with pytest.raises(RightsError):
        system.receive("request")
    with pytest.raises(RightsError):
        system.send("reply", ())
    assert said(system.recorder.finish()) == []


def test_both_copies_are_header_and_words_one_in_one_out() -> None:
    system = fresh()
    trace = system.run(5, 1)
    header = system.kernel.number("header_words")
    assert {int(row[2]) for row in trace.loops} == {5 + header}
    assert said(trace).count("copy") == 4


def test_a_round_trip_is_two_calls_each_with_its_place() -> None:
    trace = fresh().run(1, 3)
    kinds = said(trace)
    assert (kinds.count("trap"), kinds.count("return"), kinds.count("SWITCH")) == (6, 6, 6)
    assert len(trace.marks) == 3
    used = {trace.places[int(row[4])] for row in trace.operations}
    wanted = {f"{way}: {what}" for way in ("call", "reply") for what in ("kernel", "copy", "user")}
    assert wanted <= used


def test_the_register_of_a_space_is_written_only_where_there_are_two() -> None:
    def writes(system: QueuedIpc) -> list[int]:
        rows = system.run(0, 1).operations
        return [int(row[2]) for row in rows if row[0] == ops.SWITCH]

    assert writes(fresh()) == [ops.COUNTED] * 2
    two = fresh().run(0, 1)
    one = QueuedIpc(named_kernel("mach"), same_space=True).run(0, 1)
    isolated = QueuedIpc(named_kernel("mach"), isolated=True).run(0, 1)
    assert len(one.refs) == len(isolated.refs) <= len(two.refs)
