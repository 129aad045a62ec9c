"""FUSE's queue: what waits, what is outstanding, who is woken, and what a dead daemon leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from microbench.linux.fuse import Connection, Request
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.vfs import FsError
from microbench.servers.structures import Mount, mount, structure
from microbench.systems.players import boot

Step = Callable[[Linux, Connection, Process], Program]
BUFFER_VA, BUFFER_BYTES = 0x40_0000, 1 << 16


def play(*casts: tuple[Step, int]) -> tuple[Connection, list[Any]]:
    """Processes with these programs and priorities on one queue; the first ends it."""
    kind = structure("native-fuse")
    mounted = mount(kind, Mount(), boot(kind.host).host)
    linux, connection = mounted.linux, mounted.connection
    assert connection is not None
    said: list[Any] = []
    rest = linux.pipe()

    def program(step: Step) -> Callable[[Linux, Process], Program]:
        def run(linux: Linux, process: Process) -> Program:
            linux.host.user_memory(process, "buffer", BUFFER_VA, BUFFER_BYTES)
            said.append((yield from step(linux, connection, process)))
            yield from linux.read(process, rest, process.user("buffer"), 1)

        return run

    def first(linux: Linux, process: Process) -> Program:
        linux.host.user_memory(process, "buffer", BUFFER_VA, BUFFER_BYTES)
        said.append((yield from casts[0][0](linux, connection, process)))

    linux.spawn("p0", first, casts[0][1])
    for number, (step, priority) in enumerate(casts[1:], 1):
        linux.spawn(f"p{number}", program(step), priority)
    linux.run()
    return connection, said


def taken(connection: Connection, process: Process) -> Program:
    return (yield from connection.device_read(process, process.user("buffer")))


def asks(linux: Linux, connection: Connection, process: Process) -> Program:
    return (yield from connection.ask(process, "GETATTR", node=3))


def serves(linux: Linux, connection: Connection, process: Process) -> Program:
    request: Request = yield from taken(connection, process)
    assert (connection.processing, list(connection.pending)) == ([request], [])
    assert (request.op, request.arguments) == ("GETATTR", {"node": 3})
    buffer = process.user("buffer")
    yield from connection.device_write(process, request, "answer", buffer)
    assert connection.processing == []
    return "served"


@pytest.mark.parametrize("daemon", [115, 120, 125])
def test_a_client_sleeps_until_its_answer_whoever_runs_first(daemon: int) -> None:
    connection, said = play((asks, 120), (serves, daemon))
    assert "answer" in said
    counts = connection.tally
    assert (counts["requests"], counts["GETATTR"], counts["daemon calls"]) == (1, 1, 2)
    assert counts["asynchronous"] == 0


def test_an_error_is_the_client_s() -> None:
    def refuses(linux: Linux, connection: Connection, process: Process) -> Program:
        request = yield from taken(connection, process)
        buffer = process.user("buffer")
        yield from connection.device_write(process, request, None, buffer, "ENOENT")

    with pytest.raises(FsError, match="ENOENT"):
        play((asks, 120), (refuses, 115))


def test_what_nobody_waits_for_is_outstanding_until_answered_and_forget_never() -> None:
    def tells(linux: Linux, connection: Connection, process: Process) -> Program:
        connection.tell(process, "FORGET", node=1)
        connection.tell(process, "RELEASE", node=2)
        assert [r.op for r in connection.pending] == ["FORGET", "RELEASE"]
        for left in ([], ["RELEASE"]):
            yield from taken(connection, process)
            assert [r.op for r in connection.processing] == left
        return connection.tally["asynchronous"]

    assert play((tells, 120))[1] == [2]


def test_only_one_daemon_is_woken_by_a_request() -> None:
    def idles(linux: Linux, connection: Connection, process: Process) -> Program:
        yield from taken(connection, process)

    def tells(linux: Linux, connection: Connection, process: Process) -> Program:
        yield from asks_nothing(linux, process)
        assert len(connection.daemons.sleepers) == 2
        connection.tell(process, "RELEASE")
        return connection.tally["wake-ups"]

    def asks_nothing(linux: Linux, process: Process) -> Program:
        """Let the better ones go to sleep first."""
        linux.scheduler.need_resched = True
        yield from linux.getppid(process)

    assert play((tells, 120), (idles, 115), (idles, 115))[1] == [1]


def test_a_closed_device_ends_what_waits_and_refuses_what_comes() -> None:
    def dies(linux: Linux, connection: Connection, process: Process) -> Program:
        yield from taken(connection, process)
        assert connection.abort(process) == 1
        assert not connection.connected
        assert (list(connection.pending), connection.processing) == ([], [])

    def hopes(linux: Linux, connection: Connection, process: Process) -> Program:
        with pytest.raises(FsError, match="ECONNABORTED"):
            yield from asks(linux, connection, process)
        with pytest.raises(FsError, match="ENOTCONN"):
            yield from asks(linux, connection, process)
        connection.tell(process, "FORGET")
        return connection.tally["requests"]

    assert 1 in play((hopes, 120), (dies, 115))[1]


def test_data_move_page_by_page_and_no_further_than_they_go() -> None:
    def writes(linux: Linux, connection: Connection, process: Process) -> Program:
        pages = [linux.host.kernel_memory("page", 4096, align=4096) for _ in range(3)]
        yield from connection.ask(process, "WRITE", pages, data=bytes(5000))
        return connection.tally["copied"]

    def takes(linux: Linux, connection: Connection, process: Process) -> Program:
        request = yield from taken(connection, process)
        yield from connection.device_write(process, request, 5000, process.user("buffer"))

    assert 5000 in play((writes, 120), (takes, 115))[1]
