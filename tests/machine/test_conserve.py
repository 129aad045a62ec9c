"""The conservation checks pass on what the engine does and fail on each kind of mistake."""

from __future__ import annotations

import numpy as np
import pytest
from toy import Toy, toy

from microbench.machine import conserve, engine
from microbench.machine.conserve import ConservationError
from microbench.machine.pricing import Pricer
from microbench.trace import ops

SPEC = toy(tlb__walk_cycles=0.0)


def pricer() -> Pricer:
    t = Toy()
    t.load(0, 32)
    t.store(0, 64, 96)
    t.fetch(0, 60, n=4)
    t.emit(ops.PTE_WRITE, t.data.base)
    t.recorder.loop(10, 4, t.text.at(24), 2, source=t.data, element_bytes=8, body_bytes=48)
    t.recorder.mark()
    return Pricer(SPEC, t.recorder.finish())


def field(name: str, cache: int = 1) -> int:
    found = pricer()
    at = engine.P_CACHES + cache * engine.N_CACHE_FIELDS + engine.CACHE_FIELDS.index(name)
    return int(found.parameters[at])


def test_what_the_engine_does_passes() -> None:
    found = pricer()
    (ledger,) = found.iterations()
    found.check(0, found.trace.marks[-1], ledger.counters)


def test_references_are_counted_from_the_trace_alone() -> None:
    trace = pricer().trace
    # Code: 1 and 2 lines of the fetches; the loop's text visits 24, 32, 40, 48, 56, 64, 24 ...
    # in lines 0, 1, 1, 1, 1, 2, 0, 1, 1, 1: five changes after the first.
    assert conserve.references(trace, 0, len(trace.operations), 5) == (3 + 1 + 5 - 1, 12, 4)
    assert conserve.references(trace, 0, 1, 5) == (0, 2, 0)


@pytest.mark.parametrize("counter", ["i_hits", "i_misses", "d_hits", "d_misses", "store_misses"])
def test_a_lost_reference_is_found(counter: str) -> None:
    found = pricer()
    (ledger,) = found.iterations()
    ledger.counters[engine.COUNTERS.index(counter)] -= 1
    with pytest.raises(ConservationError, match="references"):
        found.check(0, found.trace.marks[-1], ledger.counters)


def broken(change) -> None:
    found = pricer()
    found.iterations()
    change(found)
    conserve.check_state(found.parameters, found.state, found._totals)


def line_in_two_ways(found: Pricer) -> None:
    tags = field("o_tag")
    found.state[tags + 1] = found.state[tags]


def forgotten_place(found: Pricer) -> None:
    where = field("o_where")
    found.state[where : where + field("keys")] = -1


def dirty_nothing(found: Pricer) -> None:
    first = field("o_tag")
    found.state[first : first + 4] = -1
    where = field("o_where")
    found.state[where : where + field("keys")] = -1
    found.state[field("o_dirty")] = 1


def written_back_twice(found: Pricer) -> None:
    found._totals[engine.C_WB] = found._totals[engine.C_DIRTIED] + 1


def full_queue(found: Pricer) -> None:
    found.state[engine.S_QCOUNT] = 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (line_in_two_ways, "two ways"),
        (forgotten_place, "table of places"),
        (dirty_nothing, "dirty"),
        (written_back_twice, "write-backs"),
        (full_queue, "queue"),
    ],
)
def test_each_mistake_is_found(change, says: str) -> None:
    broken(lambda found: None)
    with pytest.raises(ConservationError, match=says):
        broken(change)


def test_debug_mode_checks_every_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(conserve, "DEBUG", True)
    monkeypatch.setattr(Pricer, "check", lambda self, *slice_: seen.append(slice_[:2]))
    pricer().iterations()
    assert seen == [(0, 6)]


def test_time_that_is_in_no_ledger_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = pricer()
    monkeypatch.setattr(engine, "replay", lambda *a: a[-3].__setitem__(engine.S_NOW, 1))
    with pytest.raises(AssertionError, match="not the time that passed"):
        found.run(0, 1)
    assert np.all(found._totals == 0)
