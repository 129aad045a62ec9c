"""A message at three levels: call and reply apart, ends beside the middle, recorded or drawn."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from microbench.machine.core import CAUSES, COUNTED, WARM, Core
from microbench.run import ipc, recorded_ipc
from microbench.run.ipc import LEVELS, explained, one_way_cycles, outcomes, rows_at_levels
from microbench.run.recorded import CAUSE_OF
from microbench.run.recorded_ipc import (
    LEGS,
    recorded_causes,
    recorded_ledgers,
    recorded_message,
    recorded_ways,
)
from microbench.run.setup import Setup, prepare
from microbench.workloads.lat_ipc import LatIpc
from tests.run.made import SETUP, Made, outcome, user


def test_a_level_is_a_metric_of_its_own_and_an_end_of_the_middle() -> None:
    one = Made({"call": 1}, more=True)
    found = [outcome(one, "l4", {"call": user(trap=n)}) for n in (200, 100, 400)]
    rows = {row.metric: row for row in rows_at_levels(found, SETUP)}
    assert set(rows) == {
        f"{m}{end}" for m in ("latency", "overhead") for end in ("", "_low", "_high")
    }
    middle = rows["latency"]
    assert (middle.value, middle.low, middle.high, middle.cycles) == (2.0, 1.0, 4.0, 200)
    assert (rows["latency_low"].value, rows["latency_high"].value) == (1.0, 4.0)
    assert rows["latency_low"].low is None
    assert (middle.system, middle.machine, middle.benchmark) == ("l4", SETUP.machine, "lat_x")
    assert middle.machine_hash == SETUP.spec.hash


@pytest.fixture(scope="module")
def today() -> Setup:
    return prepare("skylake")


@pytest.fixture(scope="module")
def talk() -> Setup:
    return prepare("pxa255")


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        (LatIpc(), "call0_other_as"),
        (LatIpc(words=4), "call4_other_as"),
        (LatIpc(words=10), "call10_other_as"),
        (LatIpc(same_space=True), "call0_same_as"),
        (LatIpc(slow=True), "-slow/call0_other_as"),
        (LatIpc(words=5), None),
    ],
)
def test_which_recorded_operation_a_message_is(
    today: Setup, message: LatIpc, operation: str | None
) -> None:
    found = recorded_message(message, "sel4", today.spec)
    if found is None:
        assert operation is None
    else:
        assert operation is not None
        assert found[1].endswith(operation)
        assert ("-slow/" in found[1]) == message.slow


def test_what_runs_on_another_system_or_machine_was_not_recorded(today: Setup, talk: Setup) -> None:
    assert recorded_message(LatIpc(), "l4", today.spec) is None
    assert recorded_message(LatIpc(), "sel4", talk.spec) is None
    bare = {k: q for k, q in today.spec.numbers.items() if k != "l1d.latency_cycles"}
    assert recorded_message(LatIpc(), "sel4", replace(today.spec, numbers=bare)) is None


def test_isolation_is_another_configuration(today: Setup) -> None:
    plain = recorded_message(LatIpc(), "sel4", today.spec)
    isolated = recorded_message(LatIpc(), "sel4", prepare("skylake-pti").spec)
    assert plain is not None
    kernel = plain[0]
    assert plain[1].startswith(f"{kernel.configurations['plain']}/")
    if "isolated" in kernel.configurations:
        assert isolated is not None
        assert isolated[1].startswith(f"{kernel.configurations['isolated']}/")
    else:
        assert isolated is None


def test_a_message_in_a_configuration_without_it_is_drawn(
    today: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = SimpleNamespace(configurations={"plain": "c"}, operations=lambda: ["c/call4_same_as"])
    monkeypatch.setattr(recorded_ipc, "kernel_of_architecture", lambda a, family: kernel)
    same = LatIpc(words=4, same_space=True)
    assert recorded_message(same, "sel4", today.spec) == (kernel, "c/call4_same_as")
    assert recorded_message(LatIpc(words=4), "sel4", today.spec) is None
    kernel.configurations = {}
    assert recorded_message(same, "sel4", today.spec) is None


def test_every_cause_of_today_has_a_name_among_the_others() -> None:
    assert set(CAUSE_OF) == set(CAUSES)


def test_legs_and_causes_are_one_sum_at_each_level(today: Setup) -> None:
    found = recorded_message(LatIpc(), "sel4", today.spec)
    assert found is not None
    ways, ledgers = recorded_ways(*found, today.spec), recorded_ledgers(*found, today.spec)
    assert set(ways) == set(ledgers) == set(LEVELS)
    for level in LEVELS:
        by_place = ledgers[level].by_place()
        assert set(by_place) == set(ways[level]) == set(LEGS)
        for leg in LEGS:
            assert by_place[leg] == pytest.approx(ways[level][leg], abs=0.1)
    totals = [ledgers[level].cycles for level in ("low", "value", "high")]
    assert totals == sorted(totals)
    assert totals[0] < totals[2]
    causes = recorded_causes(*found, today.spec)
    assert sum(causes.values()) == pytest.approx(sum(ways["value"].values()))
    assert ledgers["value"].counters.sum() == 0
    by_cause = ledgers["value"].by_cause()
    assert by_cause["trap"] == pytest.approx(causes["entry and exit"], abs=0.1)


def test_a_message_is_warmed_and_then_counted(
    today: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    count = Core.count

    def spy(self: Core, replays: Any, counted: int, *words: Any) -> Any:
        seen.append((len(replays), counted))
        return count(self, replays, counted, *words)

    monkeypatch.setattr(Core, "count", spy)
    found = recorded_message(LatIpc(), "sel4", today.spec)
    assert found is not None
    recorded_ways(*found, today.spec)
    assert set(seen) == {(WARM + COUNTED, COUNTED)}


def test_a_recorded_message_has_an_outcome_at_each_level(today: Setup) -> None:
    low, high = (outcomes(LatIpc(), "sel4", today)[LEVELS.index(x)] for x in ("low", "high"))
    assert low.system == "sel4"
    assert low.metrics[0].value < high.metrics[0].value
    call, reply = (next(m.value for m in low.metrics if m.name == leg) for leg in LEGS)
    assert low.metrics[0].value == pytest.approx((call + reply) / 2)
    assert low.parts["round trip"].counted == 1
    assert low.parts["round trip"].cycles == pytest.approx(call + reply, abs=0.1)


def test_one_way_is_half_of_both(today: Setup, talk: Setup) -> None:
    for setup in (today, talk):
        message = LatIpc()
        system = ipc.system_of(message, setup)
        middle = outcomes(message, system, setup)[0]
        assert one_way_cycles(setup) == pytest.approx(middle.metrics[0].value)
    low, high = (one_way_cycles(talk, level) for level in ("low", "high"))
    assert low < one_way_cycles(talk) < high


def test_two_spaces_are_dearer_than_one_and_both_are_told(talk: Setup) -> None:
    found = explained(LatIpc(words=2), talk)
    assert list(found) == ["one space", "two spaces"]
    assert found["one space"].cycles < found["two spaces"].cycles
    assert np.array_equal(
        found["one space"].ledger.ticks,
        ipc.measured(LatIpc(words=2, same_space=True), talk).ledger.ticks,
    )
