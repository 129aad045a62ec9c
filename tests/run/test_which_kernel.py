"""Whose rows a question gets: a kernel of today where one was recorded, else the functional one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from microbench.errors import UsageError
from microbench.row import Row
from microbench.run import modelled
from microbench.run.calls import calls, own_kernel, playing
from microbench.run.caveats import FOREIGN, caveats
from microbench.run.modelled import by_cause, meant, middle_rows, modelled_rows
from microbench.run.setup import Setup, prepare
from microbench.systems.registry import SYSTEMS, System
from tests.run.made import SETUP, Made, outcome, user

ROW = Row("lat_x", "", "toy", "native", "latency", "us", "smaller", 2.0)


@pytest.mark.parametrize(
    ("named", "args", "recorded"),
    [
        ("lat_pipe", [], True),
        ("lat_proc", ["fork"], True),
        ("lat_proc", ["procedure"], False),
        ("lat_proc", [], True),
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
    assert (own_kernel(named, args, today) is not None) is recorded
    assert own_kernel(named, args, prepare("pxa255")) is None


def test_what_only_a_recorded_kernel_has_needs_one() -> None:
    assert own_kernel("lat_kernel", [], prepare("skylake")) is not None
    with pytest.raises(UsageError, match="lat_kernel: no kernel of today was recorded for pxa255"):
        own_kernel("lat_kernel", [], prepare("pxa255"))


def test_systems_asked_for_go_before_the_machine_s_own_and_that_before_native() -> None:
    today, talk = prepare("skylake"), prepare("pxa255")
    own = own_kernel("lat_pipe", [], today)
    assert meant("lat_pipe", [], today) == own
    assert meant("lat_pipe", [], talk) == ["native"]
    assert meant("lat_pipe", [], today, iter(["l4", "native"])) == ["l4", "native"]
    assert meant("lat_ipc", [], today, ["l4"]) is None


def pairs(*words: Any, **more: Any) -> list[list[tuple[str, str]]]:
    return [[(w.args, system) for w, system in found] for found in calls(*words, **more)]


def test_a_call_is_its_variants_each_on_the_systems_in_their_order() -> None:
    talk = prepare("pxa255")
    assert pairs("lat_ctx", ["-s", "0", "2", "3"], ["l4", "native", "l4"], talk) == [
        [("-s 0 2", "l4"), ("-s 0 2", "native")], [("-s 0 3", "l4"), ("-s 0 3", "native")],
    ]  # fmt: skip
    usual, beside = (pairs("lat_pipe", [], None, talk, beside=b) for b in (False, True))
    assert {system for _, system in usual[0]} == {"native", "l4"}
    assert {system for _, system in beside[0]} > {"native", "l4"}


def test_a_recorded_kernel_stands_among_the_others_where_it_was_asked_for() -> None:
    today = prepare("skylake")
    (own,) = own_kernel("lat_pipe", [], today) or [""]
    for asked in ([own, "native"], ["native", own]):
        found = pairs("lat_syscall", ["null", "read"], asked, today)
        assert [system for _, system in found[0]] == asked
    assert pairs("lat_pipe", [], [own], today) == [[("", own)]]


def test_rows_are_of_the_systems_on_which_there_are_any() -> None:
    today = prepare("skylake")
    (own,) = own_kernel("lat_pipe", [], today) or [""]
    assert playing("lat_pipe", [], ["native", own], today) == ["native", own]
    assert playing("reaim", [], [own, "l4"], today) == ["l4"]
    with pytest.raises(UsageError):
        playing("lat_pipe", [], ["nobody"], today)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Who was asked for rows; they take as many microseconds as a fault takes cycles."""
    found: list[tuple[Any, ...]] = []

    def rows(*words: Any) -> list[Row]:
        found.append(words)
        spec = words[-1].spec
        return [replace(ROW, value=float(spec.value("trap.fault_cycles") or 2))]

    monkeypatch.setattr(modelled, "own_kernel", lambda *words: None)
    monkeypatch.setattr(modelled, "setup_rows", rows)
    return found


def test_rows_are_of_what_is_meant(asked: list[Any]) -> None:
    middle_rows("lat_pipe", ["-n"], SETUP)
    middle_rows("lat_ipc", [], SETUP, ["l4"])
    assert [words[:-1] for words in asked] == [
        ("lat_pipe", ["-n"], ["native"]), ("lat_ipc", [], None),
    ]  # fmt: skip


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


def test_causes_are_those_of_the_first_variant(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Made({"call": 1}), Made({"call": 1}, args="")
    seen: list[Any] = []

    def variants(named: str, args: Any, systems: Any, setup: Any, beside: bool) -> list[Any]:
        seen.append((named, systems, beside))
        return [[(one, "native")], [(other, "native")]]

    def columns(found: Any, setup: Any) -> dict[str, Any]:
        seen.append(found)
        return {"native": outcome(one, "native", {"call": user(trap=7)})}

    monkeypatch.setattr(modelled, "calls", variants)
    monkeypatch.setattr(modelled, "columns", columns)
    assert by_cause("lat_x", ["-n", "1"], SETUP)["traps"] == 7
    assert seen == [("lat_x", ["native"], True), [[(one, "native")]]]


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


@pytest.fixture
def replaying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems whose operations were recorded: one as the machine is, one of its own variant."""
    for name, settings in (("x-1", ()), ("x-2", ("kernel_variant=safe_return",))):
        monkeypatch.setitem(SYSTEMS, name, System(name, f"Linux {name}", {}, settings))


@pytest.mark.parametrize(
    ("system", "words", "said"),
    [
        ("x-1", {}, "x-1 (Linux x-1): variant plain, all on one CPU"),
        ("x-1", {"kernel_variant": "lse"}, "x-1 (Linux x-1): variant lse, all on one CPU"),
        ("x-2", {"kernel_variant": "lse"}, "x-2 (Linux x-2): variant safe return, all on one CPU"),
        ("x-1", {"placement": "spread"}, "variant plain, each process on a CPU of its own"),
        ("x-1", {"placement": "one_cpu"}, "variant plain, all on one CPU"),
    ],
)
def test_a_replay_says_whose_kernel_and_which_variant_it_is(
    replaying: None, system: str, words: dict[str, str], said: str
) -> None:
    spec = replace(SETUP.spec, words={**SETUP.spec.words, "architecture": "armv5", **words})
    (text,) = caveats(Setup(spec), replayed=[system])
    assert text.startswith("the operations are replayed as they were recorded on x-")
    assert text.endswith(said)
