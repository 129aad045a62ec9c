"""Which kernel object each step of a queued call touches: whose, and of which end."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.ipc.kernels import named_kernel
from microbench.ipc.memory import USER_PAGES, IpcMemory
from microbench.ipc.queued import QueuedIpc
from microbench.trace import Recorder, Region
from microbench.trace.layout import PAGE_BYTES

CLIENT, SERVER = 1, 2
REQUESTS, REPLIES = 1, 2


class Spied:
    """A system of which each path's memory is kept."""

    def __init__(self) -> None:
        self.system = QueuedIpc(named_kernel("mach"))
        self.ran: list[tuple[str, dict[str, Region]]] = []
        path = self.system.recorder.path

        def spy(template: Any, **bind: Region) -> None:
            self.ran.append((template.name, bind))
            path(template, **bind)

        self.system.recorder.path = spy  # type: ignore[method-assign]

    def object(self, kind: str, number: int) -> Region:
        return self.system.memory.kernel(kind, number)

    def roles(self, name: str, number: int = 0) -> dict[str, Region]:
        """Memory of a path, the first time or later."""
        return [bind for ran, bind in self.ran if ran == name][number]


@pytest.fixture
def trip() -> Spied:
    """A request and its reply."""
    spied = Spied()
    spied.system.round_trip(1)
    return spied


def test_each_way_has_its_port_and_names_the_other_one_for_the_answer(trip: Spied) -> None:
    for number, port in ((0, REQUESTS), (1, REPLIES)):
        for name in ("rights_in", "rights_out"):
            roles = trip.roles(name, number)
            assert roles["port"] == trip.object("port", port)
            assert roles["reply_port"] == trip.object("port", 3 - port)
        for name in ("enqueue", "dequeue"):
            assert trip.roles(name, number)["port"] == trip.object("port", port)
    assert trip.roles("block")["reply_port"] == trip.object("port", REQUESTS)


def test_names_are_those_of_who_runs(trip: Spied) -> None:
    for name, first, second in (("rights_in", 1, 2), ("rights_out", 2, 1)):
        assert trip.roles(name, 0)["names"] == trip.object("names", first)
        assert trip.roles(name, 1)["names"] == trip.object("names", second)


def test_a_message_stays_in_one_buffer_from_the_queue_to_the_pool(trip: Spied) -> None:
    steps = ("rights_in", "enqueue", "dequeue", "rights_out", "buffer_give")
    for number in (0, 1):
        buffers = {trip.roles(name, number)["buffer"] for name in steps}
        assert len(buffers) == 1
    assert trip.roles("enqueue", 0)["buffer"] != trip.roles("enqueue", 1)["buffer"]
    assert trip.roles("enqueue")["buffer"].size == 256, "of a buffer only its head is looked at"


def test_threads_are_who_enters_who_is_woken_and_who_goes_on(trip: Spied) -> None:
    assert trip.roles("send_entry", 0)["thread"] == trip.object("thread", CLIENT)
    assert trip.roles("send_entry", 1)["thread"] == trip.object("thread", SERVER)
    assert trip.roles("wake_up", 0)["receiver"] == trip.object("thread", SERVER)
    assert trip.roles("wake_up", 1)["receiver"] == trip.object("thread", CLIENT)
    assert trip.roles("block", 0)["thread"] == trip.object("thread", CLIENT)
    for name in ("schedule", "switch"):
        assert trip.roles(name, 0)["receiver"] == trip.object("thread", SERVER)
        assert trip.roles(name, 1)["receiver"] == trip.object("thread", CLIENT)
    assert trip.roles("switch", 0)["thread"] == trip.object("thread", CLIENT)
    assert trip.roles("send_entry", 0)["stack"] == trip.object("stack", CLIENT)


def test_the_run_queue_and_the_pool_are_one_for_all(trip: Spied) -> None:
    for role in ("ready_queue", "pool"):
        found = {bind[role] for _, bind in trip.ran if role in bind}
        assert found == {trip.object(role, 0)}


def test_user_code_has_its_thread_s_stack_and_its_space_s_data(trip: Spied) -> None:
    stacks = [bind["user_stack"] for name, bind in trip.ran if name == "user_loop"]
    data = [bind["user_data"] for name, bind in trip.ran if name == "user_loop"]
    assert len(set(stacks)) == len(set(data)) == 2


def test_words_go_from_the_sender_to_the_buffer_and_from_there_to_the_receiver() -> None:
    spied = Spied()
    moved: list[tuple[Region, Region]] = []
    loop = spied.system.recorder.loop

    def spy(**words: Any) -> None:
        moved.append((words["source"], words["target"]))
        loop(**words)

    spied.system.recorder.loop = spy  # type: ignore[method-assign]
    spied.system.round_trip(1)
    client, server = (spied.system.memory.user("user_message", n, n) for n in (CLIENT, SERVER))
    (one, first), (second, two), (three, third), (fourth, four) = moved
    assert (one, two, three, four) == (client, server, server, client)
    assert (first, third) == (second, fourth)
    assert first != third


def test_code_begins_where_its_page_does() -> None:
    memory = IpcMemory(Recorder().layout, True)
    assert memory.text("first", 96).base % PAGE_BYTES == 0


def test_every_physical_page_that_is_taken_is_used() -> None:
    recorder = Recorder()
    memory = IpcMemory(recorder.layout, False)
    for role in USER_PAGES:
        for thread in (1, 2):
            memory.user(role, thread, thread)
    frames = sorted({int(page[1]) for page in recorder.finish().pages})
    assert frames == list(range(frames[0], frames[0] + len(frames)))
