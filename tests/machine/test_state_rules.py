"""What must hold of the engine's state and counts: each structure, each counter, each bound."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from toy import Toy, toy

from microbench.machine import conserve, engine
from microbench.machine.conserve import ConservationError, check_slice, check_state, references
from microbench.machine.pricing import Ledger, Pricer, factors_of, scale_of
from microbench.machine.spec import MachineSpec
from microbench.trace import Trace, ops

SPEC = toy(
    l2__size_bytes=512.0, l2__ways=4.0, l2__line_bytes=32.0, l3__size_bytes=1024.0, l3__ways=4.0,
    l3__line_bytes=32.0, tlb__second_entries=8.0, l1d__index="pipt", l1i__index="pipt",
)  # fmt: skip


def ran(spec: MachineSpec = SPEC) -> Pricer:
    """A machine in which every structure holds something."""
    t = Toy()
    t.load(0, 32, 4096)
    t.store(64, 96)
    t.fetch(0, 64, n=4)
    t.recorder.mark()
    found = Pricer(spec, t.recorder.finish())
    found.iterations()
    return found


def hold(found: Pricer) -> None:
    check_state(found.parameters, found.state, found._totals)


def cache(found: Pricer, number: int, field: str) -> int:
    at = engine.P_CACHES + number * engine.N_CACHE_FIELDS + engine.CACHE_FIELDS.index(field)
    return int(found.parameters[at])


def buffer(found: Pricer, number: int, field: str) -> int:
    at = engine.P_TLBS + number * engine.N_TLB_FIELDS + engine.TLB_FIELDS.index(field)
    return int(found.parameters[at])


def test_a_machine_that_ran_is_whole() -> None:
    hold(ran())


@pytest.mark.parametrize("number", range(4))
def test_a_line_that_a_cache_holds_has_its_place_in_the_table_and_no_other(number: int) -> None:
    found = ran()
    tags, where = cache(found, number, "o_tag"), cache(found, number, "o_where")
    lines = cache(found, number, "sets") * cache(found, number, "ways")
    held = [i for i in range(lines) if found.state[tags + i] >= 0]
    assert held
    key = int(found.state[tags + held[0]])
    assert found.state[where + key] == held[0]
    for broken in (-1, held[0] + 1):
        again = ran()
        again.state[where + key] = broken
        with pytest.raises(ConservationError, match=f"cache {number}: the table of places"):
            hold(again)
    ghost = ran()
    free = next(k for k in range(cache(found, number, "keys")) if ghost.state[where + k] < 0)
    ghost.state[where + free] = 0
    with pytest.raises(ConservationError, match=f"cache {number}: the table of places"):
        hold(ghost)
    double = ran()
    other = next(i for i in range(lines) if i != held[0])
    double.state[tags + other] = key
    with pytest.raises(ConservationError, match=f"cache {number}: a line in two ways"):
        hold(double)


@pytest.mark.parametrize("number", range(4))
def test_an_empty_place_is_clean_to_the_last_one(number: int) -> None:
    found = ran()
    tags, dirty = cache(found, number, "o_tag"), cache(found, number, "o_dirty")
    lines = cache(found, number, "sets") * cache(found, number, "ways")
    empty = [i for i in range(lines) if found.state[tags + i] < 0]
    if not empty:
        pytest.skip("this cache is full")
    found.state[dirty + empty[-1]] = 1
    with pytest.raises(ConservationError, match=f"cache {number}: an empty line is dirty"):
        hold(found)


@pytest.mark.parametrize("number", range(3))
def test_an_entry_that_a_buffer_holds_has_its_place_and_no_other(number: int) -> None:
    found = ran()
    entry, where = buffer(found, number, "o_entry"), buffer(found, number, "o_where")
    places = buffer(found, number, "entries")
    held = [i for i in range(places) if found.state[entry + i] >= 0]
    assert held
    key = int(found.state[entry + held[0]])
    lost = ran()
    lost.state[where + key] = -1
    with pytest.raises(ConservationError, match=f"buffer {number}: the table of places"):
        hold(lost)
    double = ran()
    double.state[entry + places - 1] = key
    with pytest.raises(ConservationError, match=f"buffer {number}: a line in two ways"):
        hold(double)
    ghost = ran()
    keys = int(ghost.parameters[engine.P_NENTRY])
    free = next(k for k in range(keys - 1, -1, -1) if ghost.state[where + k] < 0)
    ghost.state[where + free] = 0
    with pytest.raises(ConservationError, match=f"buffer {number}: the table of places"):
        hold(ghost)


def test_as_many_write_backs_as_dirty_lines_may_be_and_no_more() -> None:
    found = ran()
    found._totals[engine.C_WB] = found._totals[engine.C_DIRTIED]
    hold(found)
    found._totals[engine.C_WB] += 1
    with pytest.raises(ConservationError, match=r"\d+ write-backs of \d+ lines that became dirty"):
        hold(found)


@pytest.mark.parametrize(("queued", "whole"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_queue_holds_nothing_to_all_its_places(queued: int, whole: bool) -> None:
    found = ran()
    found.state[engine.S_QCOUNT] = queued
    if whole:
        hold(found)
    else:
        with pytest.raises(ConservationError, match="write queue"):
            hold(found)


# references, counted from the trace alone


def trace(*steps: Callable[[Toy], Any]) -> Trace:
    t = Toy()
    for step in steps:
        step(t)
    t.recorder.mark()
    return t.recorder.finish()


def counted(*steps: Callable[[Toy], Any]) -> tuple[int, int, int]:
    made = trace(*steps)
    return references(made, 0, len(made.operations), 5)


def test_instructions_visit_the_lines_they_span() -> None:
    assert counted(lambda t: t.fetch(0, n=8)) == (1, 0, 0)
    assert counted(lambda t: t.fetch(0, n=9)) == (2, 0, 0)
    assert counted(lambda t: t.fetch(28, n=1)) == (1, 0, 0)
    assert counted(lambda t: t.fetch(28, n=2)) == (2, 0, 0)
    assert counted(lambda t: t.fetch(0, 0, 64, n=1)) == (3, 0, 0)


def test_a_path_counts_as_often_as_it_ran() -> None:
    def twice(t: Toy) -> None:
        for _ in range(3):
            t.load(0, 4)
        t.store(0)

    assert counted(twice) == (0, 6, 1)
    made = trace(twice)
    assert references(made, 1, 3, 5) == (0, 4, 0)


def test_an_entry_of_a_page_table_is_one_store() -> None:
    assert counted(lambda t: t.emit(ops.PTE_WRITE, t.data.base)) == (0, 0, 1)


@pytest.mark.parametrize(
    ("count", "body", "step", "text", "visits"),
    [
        (5, 0, 0, 0, 1),  # one line of code for ever
        (1, 96, 32, 0, 1),
        (5, 96, 32, 0, 5),  # three lines in turn
        (5, 96, 16, 0, 3),  # 0 0 1 1 2
        (4, 32, 32, 0, 1),  # a body of one line begins anew each time
        (4, 33, 32, 0, 4),  # 0 1 0 1
        (3, 64, 40, 28, 3),  # bytes 28, 68, 28: lines 0, 2, 0
    ],
)
def test_a_loop_visits_a_line_whenever_it_changes(
    count: int, body: int, step: int, text: int, visits: int
) -> None:
    def loop(t: Toy) -> None:
        t.recorder.loop(count, 4, t.text.at(text), 2, source=t.data, element_bytes=step,
                        body_bytes=body)  # fmt: skip

    assert counted(loop) == (visits, count, 0)
    pricer = Pricer(toy(), trace(loop))
    ledger = pricer.iterations()[0]
    assert ledger.count("i_hits") + ledger.count("i_misses") == visits


def test_a_loop_loads_and_stores_once_an_element_if_it_does() -> None:
    def loops(t: Toy) -> None:
        t.recorder.loop(3, 4, t.text, 1, source=t.data, target=t.kernel)
        t.recorder.loop(5, 4, t.text, 1, target=t.kernel)
        for _ in range(2):
            t.recorder.loop(7, 4, t.text, 1, source=t.data)

    assert counted(loops)[1:] == (3 + 14, 3 + 5)


@pytest.mark.parametrize("name", ["i", "d", "store"])
@pytest.mark.parametrize("kind", ["hits", "misses"])
def test_each_counter_that_is_wrong_is_named(name: str, kind: str) -> None:
    counter = f"{name}_{kind}"
    pricer = Pricer(SPEC, trace(lambda t: t.load(0), lambda t: t.store(0), lambda t: t.fetch(0)))
    ledger = pricer.iterations()[0]
    check_slice(pricer.trace, 0, 3, pricer.parameters, ledger.counters)
    for by in (1, -1):
        ledger.counters[engine.COUNTERS.index(counter)] += by
        with pytest.raises(ConservationError, match=rf"^{name}: {1 + by} hits and misses, 1 ref"):
            check_slice(pricer.trace, 0, 3, pricer.parameters, ledger.counters)
        ledger.counters[engine.COUNTERS.index(counter)] -= by


def test_debug_is_asked_for_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(conserve, "check_slice", lambda *words: calls.append("slice"))
    monkeypatch.setattr(conserve, "check_state", lambda *words: calls.append("state"))
    ran()
    assert calls == []
    monkeypatch.setattr(conserve, "DEBUG", True)
    ran()
    assert calls == ["slice", "state"]


# ledgers and factors


def test_a_ledger_is_read_by_cause_by_place_and_by_counter() -> None:
    ticks = np.zeros((2, engine.N_CAUSES), np.int64)
    ticks[0, engine.CAUSES.index("trap")] = 150
    ticks[1, engine.CAUSES.index("flush")] = 250
    counters = np.arange(len(engine.COUNTERS))
    ledger = Ledger(ticks, counters, ("user", "pipe"))
    assert ledger.cycles == 4
    assert {k: v for k, v in ledger.by_cause().items() if v} == {"trap": 1.5, "flush": 2.5}
    assert ledger.by_place() == {"user": 1.5, "pipe": 2.5}
    assert ledger.count(engine.COUNTERS[3]) == 3
    both = ledger + ledger
    assert (both.cycles, both.count(engine.COUNTERS[3]), both.places) == (8, 6, ("user", "pipe"))


@pytest.mark.parametrize(
    ("name", "thousandths"),
    [("", 1000), ("linux", 1250), ("l4", 500), ("l4/x", 850), ("l4/y", 500), ("other/x", 1000)],
)
def test_a_path_has_the_factor_of_its_class_times_its_own(name: str, thousandths: int) -> None:
    given = {"linux": 1.25, "l4": 0.5, "l4/x": 1.7}
    assert scale_of(given, name) == thousandths
    found = factors_of(SimpleNamespace(scales=("", name)), given)  # type: ignore[arg-type]
    assert found.tolist() == [1000, thousandths]
    assert factors_of(SimpleNamespace(scales=("l4",)), None).tolist() == [1000]  # type: ignore[arg-type]
