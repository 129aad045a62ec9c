"""Each named check notices the damage it is there for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from microbench.l4 import calls
from microbench.l4.invariants import CHECKS, broken
from microbench.l4.model import NIL, FaultKind, Mapping, Pending, Place, Result, State, ThreadState
from tests.l4.support import client_and_server, page_item, words


def rich() -> State:
    """A state with a bit of everything: client running, server waiting, pages, an interrupt."""
    kernel, client, _server = client_and_server()
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.MapControl(1, 2, (page_item(4, 4), page_item(5, 5))))
    kernel.do(calls.MapControl(2, 3, (page_item(4, 6),)))
    kernel.do(calls.ThreadCreate(2, 5))
    kernel.do(calls.IrqAttach(1, 1))
    kernel.do(calls.ThreadSwitch(1))
    kernel.do(calls.send(client, words(1)))
    assert kernel.current == client
    return kernel.state


CLIENT, SERVER, IDLE = 3, 2, 4
Damage = Callable[[State], object]
DAMAGE: dict[str, Damage] = {
    "threads_have_spaces": lambda s: setattr(s.threads[IDLE], "space", 99),
    "numbers_are_fresh": lambda s: setattr(s, "next_tid", 2),
    "queues_agree": lambda s: s.ready.setdefault(3, []).append(IDLE),
    "no_empty_queues": lambda s: s.ready.update({7: []}),
    "senders_queued": lambda s: s.send_queues.clear(),
    "senders_have_messages": lambda s: setattr(s.threads[1], "pending", None),
    "messages_fit": lambda s: setattr(s.threads[SERVER], "result", Result(1, words(*range(64)))),
    "partners_exist": lambda s: setattr(s.threads[SERVER], "partner", 99),
    "nobody_waits_for_a_sender": lambda s: s.send_queues.update({SERVER: [CLIENT]}),
    "nobody_waits_for_a_pending_interrupt": lambda s: _pend(s),
    "interrupts_masked": lambda s: s.irq_pending.add(1),
    "current_is_ready": lambda s: setattr(s.threads[CLIENT], "state", ThreadState.INACTIVE),
    "current_space_runs": lambda s: setattr(s, "running_space", 1),
    "faults_wait": lambda s: setattr(s.threads[CLIENT], "fault", FaultKind.EXCEPTION),
    "domains_owned_once": lambda s: setattr(s.spaces[2], "domain", s.spaces[1].domain),
    "running_domain_dirty": lambda s: s.domains.dirty.clear(),
    "sections_disjoint": lambda s: [s.spaces[i].sections.add(5) for i in (1, 2)],
    "parents_have_children": lambda s: s.spaces[2].pages[4].children.clear(),
    "children_have_parents": lambda s: s.spaces[2].pages[5].children.add(Place(3, 9)),
    "chains_reach_the_root": lambda s: _circle(s),
}


def _pend(state: State) -> None:
    state.irq_handler[1] = SERVER
    state.irq_masked.add(1)
    state.irq_pending.add(1)


def _circle(state: State) -> None:
    here = Place(2, 9)
    state.spaces[2].pages[9] = Mapping(9, 7, here, {here})


def test_the_rich_state_is_sound() -> None:
    state = rich()
    assert broken(state) == []
    assert state.threads[1].pending == Pending(CLIENT, words(1), NIL, True)


@pytest.mark.parametrize("name", CHECKS)
def test_damage_is_noticed(name: str) -> None:
    state = rich()
    DAMAGE[name](state)
    assert any(line.startswith(f"{name}:") for line in broken(state))
