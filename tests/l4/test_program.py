"""A small system: a pager that serves pages, a file server, and clients that use both."""

from __future__ import annotations

import pytest

from microbench.l4 import calls
from microbench.l4.faults import translation
from microbench.l4.model import READ, WRITE, Fpage, MapItem, Message
from microbench.l4.policy import POLICIES
from tests.l4.support import PAGE, Checked, page_item, spawn

STORE, FETCH = 1, 2


class System:
    """User programs as plain functions over the kernel's calls."""

    def __init__(self, policy: str, clients: int) -> None:
        self.kernel = Checked(POLICIES[policy])
        do = self.kernel.do
        self.pager = spawn(self.kernel, 1, 120)
        self.kernel.do(calls.ThreadModify(1, priority=0))
        do(calls.receive())
        space = do(calls.SpaceCreate(1))
        self.server = spawn(self.kernel, space, 110, pager=self.pager)
        do(calls.receive())
        self.clients = []
        for n in range(clients):
            home = do(calls.SpaceCreate(n + 2))
            self.clients.append(spawn(self.kernel, home, 100, pager=self.pager))
            do(calls.receive())
        self.next_frame = 1
        self.files: dict[int, int] = {}

    def run_as(self, tid: int) -> None:
        """The root wakes a parked client."""
        assert self.kernel.current == 1
        self.kernel.do(calls.send(tid))
        assert self.kernel.current == tid

    def touch(self, address: int, access: int) -> int:
        """The running client touches memory until the machine lets it; returns the faults."""
        faults = 0
        tid = self.kernel.current
        space = self.kernel.state.spaces[self.kernel.state.threads[tid].space]
        while translation(self.kernel.state, space, address, access) != "present":
            faults += 1
            self.kernel.do(calls.PageFault(address, access))
            if self.kernel.current == self.pager:
                self._page()
            assert self.kernel.current == tid
        return faults

    def _page(self) -> None:
        got = self.kernel.result(self.pager)
        assert got is not None
        page = got.message.words[0] // PAGE
        frame, self.next_frame = self.next_frame, self.next_frame + 1
        item = page_item(frame, page, READ | WRITE)
        self.kernel.do(calls.reply_wait(got.sender, Message(0, (), (item,))))

    def rpc(self, *words: int) -> tuple[int, ...]:
        """The running client asks the server and gets its answer."""
        client = self.kernel.current
        self.kernel.do(calls.call(self.server, Message(0, words)))
        asked = self.kernel.result(self.server)
        assert asked is not None
        op, key, *value = asked.message.words
        if op == STORE:
            self.files[key] = value[0]
        self.kernel.do(calls.reply_wait(asked.sender, Message(0, (self.files[key],))))
        assert self.kernel.current == client
        got = self.kernel.result(client)
        assert got is not None
        return got.message.words


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_clients_share_a_server_and_pages_arrive_once(policy: str) -> None:
    system = System(policy, clients=3)
    for n, tid in enumerate(system.clients):
        system.run_as(tid)
        assert system.touch(8 * PAGE, WRITE) == 1
        assert system.touch(8 * PAGE, WRITE) == 0
        assert system.rpc(STORE, n, 10 * n) == (10 * n,)
        system.kernel.do(calls.receive())
    for n, tid in enumerate(system.clients):
        system.run_as(tid)
        assert system.rpc(FETCH, n) == (10 * n,)
        assert system.touch(8 * PAGE, READ) == 0
        system.kernel.do(calls.receive())
    frames = {s.pages[8].frame for s in system.kernel.state.spaces.values() if s.sid > 2}
    assert len(frames) == 3


def test_the_variants_give_equal_answers_and_different_paths() -> None:
    seen = {}
    for name in sorted(POLICIES):
        system = System(name, clients=1)
        system.run_as(system.clients[0])
        system.kernel.log.events.clear()
        assert [system.rpc(STORE, 1, v) for v in (5, 6)] == [(5,), (6,)]
        seen[name] = [e.detail["how"] for e in system.kernel.log.events if e.kind == "trap"]
    assert seen["okl4-2007"] == ["swi"] * 4
    assert seen["pistachio-2004"] == seen["nicta-2006"] == ["prefetch_abort"] * 4


def test_after_an_unmap_the_client_faults_again() -> None:
    system = System("nicta-2006", clients=1)
    tid = system.clients[0]
    system.run_as(tid)
    system.touch(8 * PAGE, WRITE)
    system.kernel.do(calls.receive())
    frame = system.kernel.state.spaces[3].pages[8].frame
    system.kernel.log.events.clear()
    assert system.kernel.do(calls.Unmap(Fpage(frame * PAGE, 12), 7)) == 1
    live = [e.detail["live"] for e in system.kernel.log.events if e.kind == "unmap_page"]
    assert live == [True]
    system.run_as(tid)
    assert system.touch(8 * PAGE, WRITE) == 1


def test_a_sixteenth_client_makes_somebody_fault_his_sections_in_again() -> None:
    system = System("nicta-2006", clients=16)
    faults = []
    for _ in range(2):
        for tid in system.clients:
            system.run_as(tid)
            faults.append(system.touch(8 * PAGE, WRITE))
            system.rpc(STORE, tid, 1)
            system.kernel.do(calls.receive())
    assert faults[:16] == [1] * 16
    assert sum(faults[16:]) >= 1
    assert set(faults[16:]) <= {0, 1}


def test_many_pages_in_one_item() -> None:
    system = System("nicta-2006", clients=1)
    item = MapItem(Fpage(16 * PAGE, 16), 16 * PAGE, READ)
    assert system.kernel.do(calls.MapControl(1, 3, (item,))) == 16
    system.run_as(system.clients[0])
    assert [system.touch(p * PAGE, READ) for p in range(16, 32)] == [1] + [0] * 15
