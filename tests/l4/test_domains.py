"""Fifteen spaces live at once; the sixteenth takes a domain from another."""

from __future__ import annotations

import pytest

from microbench.l4 import calls
from microbench.l4.domains import COUNT, boot_domains, choose, modified_address, scramble
from microbench.l4.events import Ref
from microbench.l4.model import READ, Message, Refused, Space
from tests.l4.support import Checked, client_and_server, page_item, spawn

USABLE = COUNT - 1


def ring(spaces: int, seed: int = 1) -> tuple[Checked, list[int]]:
    """A kernel with a waiting thread in each of `spaces` further spaces, root running."""
    kernel = Checked(seed=seed)
    kernel.do(calls.ThreadModify(1, priority=0))
    tids = []
    for slot in range(spaces):
        tids.append(spawn(kernel, kernel.do(calls.SpaceCreate(slot + 1)), 9))
        kernel.do(calls.receive())
    assert kernel.current == 1
    return kernel, tids


def recycles(kernel: Checked) -> list[tuple[object, object]]:
    return [
        (e.detail["domain"], e.detail["flush_caches"])
        for e in kernel.log.events
        if e.kind == "recycle"
    ]


def test_the_highest_clean_domain_comes_first() -> None:
    kernel, tids = ring(3)
    owners = [kernel.state.spaces[kernel.state.threads[t].space].domain for t in tids]
    assert kernel.state.spaces[1].domain == 15
    assert owners == [14, 13, 12]


def test_fifteen_spaces_never_recycle() -> None:
    kernel, tids = ring(USABLE - 1)
    for tid in tids * 2:
        kernel.do(calls.send(tid))
        kernel.do(calls.receive())
    assert recycles(kernel) == []
    assert kernel.state.domains.draws == 0


def test_the_sixteenth_space_recycles_a_dirty_domain_and_flushes() -> None:
    kernel, _tids = ring(USABLE)
    found = recycles(kernel)
    assert len(found) == 1
    domain, flushed = found[0]
    assert flushed
    assert domain not in (0, 15)
    homeless = [s for s in kernel.state.spaces.values() if s.domain is None]
    assert len(homeless) == 1


def test_after_a_flush_only_the_current_and_the_new_domain_are_dirty() -> None:
    kernel, tids = ring(USABLE)
    newest = kernel.state.spaces[kernel.state.threads[tids[-1]].space].domain
    assert kernel.state.domains.dirty == {15, newest}


def test_the_next_recycle_takes_a_clean_domain_and_flushes_no_cache() -> None:
    kernel, tids = ring(USABLE)
    kernel.log.events.clear()
    homeless = next(s.sid for s in kernel.state.spaces.values() if s.domain is None)
    victim = next(t for t in tids if kernel.state.threads[t].space == homeless)
    assert kernel.seen(calls.send(victim))[:2] == ["ipc_slow", "ipc_transfer"]
    found = recycles(kernel)
    assert len(found) == 1
    assert found[0][1] is False
    assert "domain_recycle" in kernel.log.paths()


def test_a_recycled_space_lost_its_sections() -> None:
    kernel, client, _server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.MapControl(1, kernel.state.threads[client].space, (page_item(4, 4),)))
    kernel.do(calls.ThreadSwitch(client))
    kernel.do(calls.PageFault(4 << 12, READ))
    space = kernel.state.spaces[kernel.state.threads[client].space]
    assert space.sections
    kernel.do(calls.receive())
    while space.domain is not None:
        tid = spawn(kernel, kernel.do(calls.SpaceCreate(9)), 9)
        assert kernel.current == tid
        kernel.do(calls.receive())
    assert not space.sections


def test_the_same_seed_draws_the_same_victims() -> None:
    runs = [ring(USABLE + 4, seed=7)[0].state for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].domains.draws >= 1
    draws = {scramble(seed, 1) % COUNT for seed in range(20)}
    assert len(draws) > 5


def test_a_draw_is_never_the_kernel_nor_the_current_domain() -> None:
    domains = boot_domains(3)
    domains.dirty = set(range(1, COUNT))
    domains.current = 6
    drawn = {choose(domains) for _ in range(400)}
    assert drawn == set(range(1, COUNT)) - {6}


def test_pid_slots_move_the_lowest_32_mb() -> None:
    space = Space(5, False, 3)
    assert modified_address(space, 0x1000) == 3 * 32 * 1024 * 1024 + 0x1000
    assert modified_address(space, 32 * 1024 * 1024 - 1) == 4 * 32 * 1024 * 1024 - 1
    assert modified_address(space, 32 * 1024 * 1024) == 32 * 1024 * 1024


@pytest.mark.parametrize(("slot", "clashes"), [(1, True), (2, False)])
def test_two_spaces_clash_only_in_the_same_slot(slot: int, clashes: bool) -> None:
    kernel = Checked()
    kernel.do(calls.ThreadModify(1, priority=0))
    spaces = [kernel.do(calls.SpaceCreate(s)) for s in (1, slot)]
    for sid in spaces:
        kernel.do(calls.MapControl(1, sid, (page_item(sid, 4),)))
    kernel.log.events.clear()
    for sid in spaces:
        spawn(kernel, sid, 9)
        kernel.do(calls.PageFault(4 << 12, READ))
        kernel.do(calls.receive())
    assert bool(recycles(kernel)) == clashes
    assert [e.detail["space"] for e in kernel.log.events if e.kind == "section"] == [
        Ref("space", sid) for sid in spaces
    ]


def test_a_deleted_space_gives_its_domain_back() -> None:
    kernel, tids = ring(2)
    space = kernel.state.spaces[kernel.state.threads[tids[0]].space]
    domain = space.domain
    assert domain is not None
    kernel.do(calls.ThreadDelete(tids[0]))
    kernel.do(calls.SpaceDelete(space.sid))
    assert kernel.state.domains.owner[domain] is None
    assert domain in kernel.state.domains.dirty


def test_a_space_with_low_pages_keeps_its_slot() -> None:
    kernel, _ = ring(1)
    kernel.do(calls.SpaceSlot(2, 5))
    assert kernel.state.spaces[2].pid_slot == 5
    kernel.do(calls.MapControl(1, 2, (page_item(4, 4),)))
    with pytest.raises(Refused):
        kernel.do(calls.SpaceSlot(2, 6))


def test_the_message_of_a_recycled_receiver_arrives() -> None:
    kernel, tids = ring(USABLE)
    for tid in tids:
        kernel.do(calls.send(tid, Message(1, (tid,))))
        got = kernel.result(tid)
        assert got is not None
        assert got.message.words == (tid,)
        kernel.do(calls.receive())
