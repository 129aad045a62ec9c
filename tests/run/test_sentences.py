"""What makes the difference between systems, in words: signs, digits, the largest causes first."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.run import explain
from microbench.run.explain import NAMED, columns, difference, reasons
from microbench.run.runner import Outcome
from tests.run.made import SETUP, Made, outcome, user

ONE = Made({"call": 1})


def said(*group: Outcome) -> list[str]:
    return reasons([group], SETUP)


def of(system: str, **causes: float) -> Outcome:
    return outcome(ONE, system, {"call": user(**causes)})


def test_who_pays_more_is_named_whoever_it_is() -> None:
    dear, cheap = of("native", trap=300), of("l4", trap=100)
    assert said(dear, cheap) == [
        "lat_x -n 1: native 3.000 us; l4 1.000 us; native pays 2.000 us more: traps +2.000"
    ]
    assert said(of("native", trap=100), of("l4", trap=300)) == [
        "lat_x -n 1: native 1.000 us; l4 3.000 us; l4 pays 2.000 us more: traps +2.000"
    ]


def test_what_the_dearer_one_pays_less_has_a_minus() -> None:
    (text,) = said(of("native", trap=500, flush=0), of("l4", trap=100, flush=100))
    assert text.endswith("native pays 3.000 us more: traps +4.000, flush -1.000")


def test_native_is_the_base_wherever_it_stands_and_else_the_first() -> None:
    native, l4, other = of("native", trap=100), of("l4", trap=200), of("l4-x", trap=400)
    assert [t.split(";")[0] for t in said(l4, native)] == ["lat_x -n 1: native 1.000 us"]
    assert [t.split(";")[0] for t in said(l4, other)] == ["lat_x -n 1: l4 2.000 us"]
    assert len(said(native, l4, other)) == 2


def test_less_than_a_cycle_is_no_difference() -> None:
    assert said(of("native", trap=100), of("l4", trap=100.99)) == []
    assert len(said(of("native", trap=100), of("l4", trap=101))) == 1
    assert len(said(of("native", trap=101), of("l4", trap=100))) == 1
    assert said(of("native", trap=100)) == []


def test_so_many_causes_are_named_and_the_rest_is_one_number() -> None:
    many = {"trap": 500, "flush": 400, "tlb": 300, "idle": 200}
    assert len(many) == NAMED
    (text,) = said(of("native", **many), of("l4"))
    assert text.endswith("more: traps +5.000, flush +4.000, TLB +3.000, idle +2.000")
    (text,) = said(of("native", **many, write_stall=60, branches=40), of("l4"))
    assert text.endswith("idle +2.000, the rest +1.000")
    (text,) = said(of("l4-x"), of("l4", **many, write_stall=60, branches=40))
    assert text.endswith("l4 pays 15.00 us more: traps +5.000, flush +4.000, TLB +3.000, "
                         "idle +2.000, the rest +1.000")  # fmt: skip


def test_parts_are_written_as_the_sum_they_are() -> None:
    ring = Made({"ring": 0.5, "overhead": -1}, units={"ring": "hop"})
    parts = {"ring": user(trap=600), "overhead": user(trap=100)}
    other = outcome(ring, "l4", {**parts, "overhead": user(trap=50)})
    (text,) = said(outcome(ring, "native", parts), other)
    assert "native 2.000 us = hop 3.000 - overhead 1.000;" in text
    assert "l4 2.500 us = hop 3.000 - overhead 0.5000;" in text
    assert "l4 pays 0.5000 us more: traps +0.5000" in text


@pytest.mark.parametrize(
    ("cycles", "digits"),
    [
        (101, "1.010"), (123_456, "1235"), (12_344, "123.4"), (1_234_567, "12346"), (50, "0.5000"),
        (2, "0.02000"),
    ],
)  # fmt: skip
def test_four_digits_and_never_an_exponent(cycles: int, digits: str) -> None:
    (text,) = said(of("native", trap=cycles), of("l4"))
    assert text.startswith(f"lat_x -n 1: native {digits} us; l4 0.000 us; ")


def test_a_name_without_arguments_has_no_blank() -> None:
    plain = Made({"call": 1}, args="")
    (text,) = said(*(outcome(plain, s, {"call": user(trap=n)}) for s, n in
                     (("native", 100), ("l4", 200))))  # fmt: skip
    assert text.startswith("lat_x: native")


def test_gaps_are_ranked_by_size_and_what_is_equal_is_left_out() -> None:
    found = difference({"a": 1.0, "b": 5.0, "c": 2.0}, {"c": 2.0, "d": 3.0})
    assert found == [("b", 5.0), ("d", -3.0), ("a", 1.0)]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was run, on which system."""
    asked: list[tuple[Any, ...]] = []

    def run_on(workload: Any, system: str, setup: Any) -> tuple[Any, ...]:
        asked.append((workload.args, system))
        return outcome(workload, system, {"call": user(trap=1)}), None

    monkeypatch.setattr(explain, "run_on", run_on)
    return asked


def test_one_variant_is_told_by_its_systems_and_several_by_their_arguments(
    runs: list[Any],
) -> None:
    assert list(columns([[(ONE, "a"), (ONE, "b")]], SETUP)) == ["a", "b"]
    other = Made({"call": 1}, args="")
    assert list(columns([[(ONE, "a")], [(other, "a")]], SETUP)) == ["-n 1", "lat_x"]
    assert runs == [("-n 1", "a"), ("-n 1", "b"), ("-n 1", "a"), ("", "a")]


def test_a_workload_s_own_label_goes_before_its_arguments(runs: list[Any]) -> None:
    first, second = Made({"call": 1}), Made({"call": 1}, args="-n 2")
    first.label = "one space"  # type: ignore[attr-defined]
    assert list(columns([[(first, "a")], [(second, "a")]], SETUP)) == ["one space", "-n 2"]


@pytest.mark.parametrize(
    ("systems", "own", "chosen"),
    [(["l4"], ["today"], ["l4"]), (None, ["today"], ["today"]), (None, None, None)],
)
def test_a_breakdown_is_of_the_first_variant_on_the_systems_asked_for_or_the_machine_s_own(
    runs: list[Any], monkeypatch: pytest.MonkeyPatch, systems: Any, own: Any, chosen: Any
) -> None:
    asked: list[tuple[Any, ...]] = []

    def calls(name: str, args: Any, systems: Any, setup: Any, beside: bool) -> list[Any]:
        asked.append((name, args, systems, beside))
        return [[(ONE, "a")], [(Made({"call": 2}), "b")]]

    monkeypatch.setattr(explain, "calls", calls)
    monkeypatch.setattr(explain, "own_kernel", lambda *words: own)
    assert explain.breakdown("lat_x", "-n 1", systems=systems)["a"]["traps"] == 1
    assert asked == [("lat_x", ["-n", "1"], chosen, True)]
    assert runs == [("-n 1", "a")]
