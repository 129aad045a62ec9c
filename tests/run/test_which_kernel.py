"""Whose rows a question gets: a kernel of today where one was recorded, else the functional one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from microbench.row import Row
from microbench.run import modelled
from microbench.run.caveats import FOREIGN, caveats
from microbench.run.modelled import by_cause, kernel_for, middle_rows, modelled_rows
from microbench.run.setup import Setup, prepare
from microbench.workloads.recorded import Recipe
from tests.run.made import SETUP, Made, outcome, user

ROW = Row("lat_x", "", "toy", "native", "latency", "us", "smaller", 2.0)


@pytest.mark.parametrize(
    ("named", "args", "recorded"),
    [
        ("lat_pipe", [], True),
        ("lat_proc", ["fork"], True),
        ("lat_proc", ["procedure"], False),
        ("bw_mem", ["1m", "rd"], False),
        ("lat_mem_rd", [], False),
        ("bw_mmap_rd", [], False),
        ("lat_ipc", [], False),
    ],
)
def test_a_kernel_of_today_is_meant_where_a_kernel_takes_part(
    named: str, args: list[str], recorded: bool
) -> None:
    today = prepare("skylake")
    assert (kernel_for(named, args, today) is not None) is recorded
    assert kernel_for(named, args, today, ("native",)) is None
    assert kernel_for(named, args, prepare("pxa255")) is None


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Who was asked for rows; a recorded kernel where the machine has a word for it."""
    found: list[tuple[Any, ...]] = []

    def rows(who: str, *words: Any) -> list[Row]:
        found.append((who, *words))
        spec = words[-1].spec
        return [replace(ROW, value=float(spec.value("trap.fault_cycles") or 2))]

    kernel = "a kernel"
    monkeypatch.setattr(
        modelled, "kernel_of", lambda spec: kernel if "kernel_variant" in spec.words else None
    )
    monkeypatch.setattr(modelled, "recorded_rows", lambda *words: rows("recorded", *words))
    monkeypatch.setattr(modelled, "setup_rows", lambda *words: rows("run", *words))
    return found


WITH_KERNEL = Setup(replace(SETUP.spec, words={**SETUP.spec.words, "kernel_variant": "plain"}))


def test_rows_come_from_the_recorded_kernel_or_a_run_on_native(asked: list[Any]) -> None:
    middle_rows("lat_pipe", ["-n"], WITH_KERNEL)
    middle_rows("lat_pipe", ["-n"], SETUP)
    middle_rows("lat_pipe", [], WITH_KERNEL, iter(["l4", "native"]))
    middle_rows("lat_ipc", [], SETUP, ["l4"])
    assert [words[:-1] for words in asked] == [
        ("recorded", "lat_pipe", ["-n"], "a kernel"),
        ("run", "lat_pipe", ["-n"], ["native"]),
        ("run", "lat_pipe", [], ["l4", "native"]),
        ("run", "lat_ipc", [], None),
    ]


def machine(value: float, low: float, high: float) -> Setup:
    """A machine on which the rows made above are so many microseconds."""
    number = replace(
        SETUP.spec.numbers["trap.fault_cycles"], value=value, low=low, high=high, unit="cycles"
    )
    numbers = {**SETUP.spec.numbers, "trap.fault_cycles": number}
    return replace(SETUP, spec=replace(SETUP.spec, numbers=numbers))


@pytest.mark.parametrize(("low", "high"), [(3, 9), (9, 3), (6, 9), (3, 4)])
def test_a_row_without_a_range_gets_that_of_the_machine_s_ends(
    asked: list[Any], low: float, high: float
) -> None:
    (row,) = modelled_rows("lat_pipe", [], machine(5, low, high))
    assert (row.value, row.low, row.high) == (5, min(5, low, high), max(5, low, high))
    assert len(asked) == 3


def test_a_row_with_a_range_keeps_it_and_nothing_more_is_run(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(ROW, low=1.0, high=3.0)
    monkeypatch.setattr(modelled, "setup_rows", lambda *words: asked.append(words) or [known])
    assert modelled_rows("lat_pipe", [], machine(5, 3, 9)) == [known]
    assert len(asked) == 1
    both = [known, replace(ROW, metric="overhead")]
    monkeypatch.setattr(modelled, "setup_rows", lambda *words: both)
    found = modelled_rows("lat_pipe", [], machine(5, 3, 9))
    assert [(r.low, r.high) for r in found] == [(1.0, 3.0), (2.0, 2.0)]


def test_the_ends_of_a_message_stand_beside_it_and_go_into_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [replace(ROW, metric=m, value=v) for m, v in
            (("latency", 5.0), ("latency_low", 3.0), ("latency_high", 9.0), ("call", 1.0),
             ("call_low", 0.5))]  # fmt: skip
    monkeypatch.setattr(modelled, "setup_rows", lambda *words: rows)
    found = modelled_rows("lat_ipc", [], SETUP)
    assert [(r.metric, r.low, r.high) for r in found] == [("latency", 3.0, 9.0)]
    monkeypatch.setattr(modelled, "setup_rows", lambda *words: rows[3:])
    assert modelled_rows("lat_ipc", [], SETUP) == rows[3:]


def test_causes_are_those_of_who_was_asked(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Made({"call": 1}), Made({"call": 1}, args="")
    seen: list[Any] = []

    def columns(found: Any, systems: Any, setup: Any) -> dict[str, Any]:
        seen.append((found, systems))
        return {"native": outcome(one, "native", {"call": user(trap=7)})}

    monkeypatch.setattr(modelled, "workloads", lambda name, args: [one, other])
    monkeypatch.setattr(modelled, "columns", columns)
    assert by_cause("lat_x", ["-n", "1"], SETUP)["traps"] == 7
    by_cause("lat_x", [], SETUP, ["l4"])
    by_cause("lat_ipc", [], SETUP)
    assert seen == [([one], ("native",)), ([one], ["l4"]), ([one], None)]
    recipes = [Recipe("lat_x", "a", ()), Recipe("lat_x", "b", ())]
    today = prepare("skylake")
    kernel = type("K", (), {"operations": lambda self: ["op"]})()
    monkeypatch.setattr(modelled, "kernel_of", lambda spec: kernel)
    monkeypatch.setattr(modelled, "recipes", lambda *words: recipes)
    monkeypatch.setattr(
        modelled, "priced",
        lambda recipe, *words: type("P", (), {"by_cause": lambda self: {recipe.args: 1.0}})(),
    )  # fmt: skip
    assert by_cause("lat_x", [], today) == {"a": 1.0}


def test_the_talk_s_own_machine_needs_no_word() -> None:
    assert caveats(prepare("pxa255")) == []


def test_a_changed_machine_has_nothing_beside_it_if_its_origin_had() -> None:
    (text,) = caveats(prepare("pxa255", ["l1d.ways=8"]))
    assert text == "nothing was published about pxa255, l1d.ways=8, so nothing stands beside it"


def test_guesses_of_other_machines_are_counted_and_foreign_paths_named() -> None:
    found = caveats(prepare("k8"))
    assert any(text.startswith("k8: of ") for text in found)
    assert found[-1] == FOREIGN
    assert FOREIGN not in caveats(prepare("k8"), "message")
    assert caveats(prepare("k8"), "message") == found[:-1]
    assert FOREIGN not in caveats(prepare("sa1100"))


def test_a_machine_without_doubts_is_not_named() -> None:
    plain = replace(SETUP.spec, words={**SETUP.spec.words, "architecture": "armv5"})
    assert caveats(Setup(plain)) == []
    armv4 = replace(SETUP.spec, words={**SETUP.spec.words, "architecture": "armv4"})
    assert caveats(Setup(armv4)) == []
    assert caveats(Setup(SETUP.spec)) == [FOREIGN]
