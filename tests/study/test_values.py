"""Published beside modelled: errors, ties, winners, and which values could have missed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.reference.load import packaged
from microbench.study.values import Value, informative, pairs, talk_values, winner, winners

SAMPLE = talk_values()[0]


def value(
    system: str = "l4",
    published: float = 10.0,
    modelled: float = 10.0,
    args: str = "",
    role: str = "predict",
    better: str = "smaller",
    kernel: tuple[float, float] = (100.0, 0.5),
) -> Value:
    row = replace(
        SAMPLE, benchmark="lat_x", args=args, system=system, value=published, role=role,
        better=better,
    )  # fmt: skip
    return Value(row, modelled, 0.0, *kernel)


def test_the_error_is_relative_to_what_was_published() -> None:
    assert value(published=8.0, modelled=10.0).error == 0.25
    assert value(published=10.0, modelled=8.0).error == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("native", "l4", "better", "who"),
    [
        (2.0, 1.0, "smaller", "l4"),
        (1.0, 2.0, "smaller", "native"),
        (2.0, 1.0, "larger", "native"),
        (1.0, 2.0, "larger", "l4"),
        (1.0, 1.0, "smaller", "tie"),
        (1.01, 1.0, "smaller", "tie"),
        (1.02, 1.0, "smaller", "l4"),
        (1.0, 1.01, "smaller", "tie"),
        (1.0, 1.02, "smaller", "native"),
        (1.0, 1.01, "larger", "tie"),
    ],
)
def test_the_faster_wins_unless_it_is_a_tie(
    native: float, l4: float, better: str, who: str
) -> None:
    assert winner(native, l4, better) == who


def test_only_rows_with_both_systems_are_pairs() -> None:
    both = [value("native", args="a"), value("l4", args="a"), value("l4", args="b")]
    found = pairs(both)
    assert set(found) == {("lat_x", "a")}
    assert found["lat_x", "a"]["native"] is both[0]


def test_winners_as_published_and_as_modelled() -> None:
    both = [value("native", 10.0, 20.0), value("l4", 20.0, 10.0)]
    assert winners(both) == {("lat_x", ""): ("native", "l4")}
    rates = [value("native", 10.0, 20.0, better="larger"), value("l4", 20.0, 10.0, better="larger")]
    assert winners(rates) == {("lat_x", ""): ("l4", "native")}


def test_a_value_of_user_code_alone_could_not_have_missed() -> None:
    assert informative([value(kernel=(100.0, 0.099))]) == []
    assert len(informative([value(kernel=(100.0, 0.1))])) == 1


def test_the_same_kernel_work_counts_once_for_each_system() -> None:
    first, same = value(args="1"), value(args="2", kernel=(101.9, 0.5))
    other, more = value("native", args="3"), value(args="4", kernel=(105.0, 0.5))
    assert informative([first, same, other, more]) == [first, other, more]


def test_what_was_calibrated_on_is_told_already_wherever_it_stands() -> None:
    predicted, told = value(args="1"), value(args="2", role="calibrate")
    assert informative([predicted, told]) == []
    checked = value(args="2", role="check")
    assert informative([predicted, checked]) == [predicted]


def test_the_talk_s_values_are_those_of_its_machine_that_can_be_run() -> None:
    found = talk_values()
    assert {p.machine for p in found} == {"pxa255"}
    assert "ipc" not in {p.table for p in found}
    assert len(found) < len(packaged())
