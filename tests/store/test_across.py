"""Several results side by side: which rows ask the same question, and what the means are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import MismatchError
from microbench.row import Row
from microbench.store.across import Line, across, labels, means

ROW = Row("lat_x", "", "a", "l4", "latency", "us", "smaller", 2.0)
MEASURED = replace(ROW, role="measured", low=1.5, high=2.5)


def on(machine: str, value: float = 2.0, **more: object) -> Row:
    return replace(ROW, machine=machine, value=value, **more)  # type: ignore[arg-type]


def test_machines_do_not_name_a_row_where_each_side_has_one() -> None:
    (line,) = across([[on("a")], [on("b", 3.0)]])
    assert line.rows == (on("a"), on("b", 3.0))
    assert line.change(1) == 0.5


def test_where_a_side_has_several_the_machine_names_its_rows() -> None:
    found = across([[on("a"), on("b")], [on("b", 4.0), on("c")]])
    assert [line.rows for line in found] == [(on("b"), on("b", 4.0))]


def test_systems_likewise() -> None:
    native = replace(ROW, system="native")
    (line,) = across([[ROW], [native]])
    assert line.rows == (ROW, native)
    assert len(across([[ROW, native], [native, ROW]])) == 2


def test_lines_stand_in_the_order_of_the_first_side() -> None:
    rows = [replace(ROW, benchmark=name) for name in ("c", "a", "b")]
    found = across([rows, rows[::-1]])
    assert [line.first.benchmark for line in found] == ["c", "a", "b"]


def test_a_row_of_one_side_alone_is_no_line() -> None:
    alone = replace(ROW, benchmark="lat_y")
    assert len(across([[ROW, alone], [ROW]])) == 1
    assert across([[ROW], [alone]], strict=False) == []
    with pytest.raises(MismatchError, match="no row in common"):
        across([[ROW], [alone]])


def test_of_three_sides_two_are_enough_and_the_gap_is_seen() -> None:
    (line,) = across([[], [ROW], [on("b", 1.0)]])
    assert line.rows == (None, ROW, on("b", 1.0))
    assert line.first == ROW
    assert line.there == [ROW, on("b", 1.0)]
    assert line.change(1) is None


def test_units_must_agree() -> None:
    with pytest.raises(MismatchError, match="lat_x: unit: ms / us"):
        across([[ROW], [replace(ROW, unit="ms")]])


@pytest.mark.parametrize(("base", "change"), [(0.0, None), (-1.0, None), (4.0, -0.5)])
def test_a_change_needs_something_to_change_from(base: float, change: float | None) -> None:
    assert Line((on("a", base), on("b", 2.0))).change(1) == change


@pytest.mark.parametrize(
    ("low", "high", "unclear"),
    [(2.5, 3.0, True), (2.6, 3.0, False), (1.0, 1.5, True), (1.0, 1.4, False), (1.0, 3.0, True)],
)
def test_measured_intervals_that_touch_are_unclear(low: float, high: float, unclear: bool) -> None:
    other = replace(MEASURED, low=low, high=high)
    assert Line((MEASURED, other)).unclear(1) is unclear
    assert Line((MEASURED, replace(other, role="predict"))).unclear(1) is False
    assert Line((MEASURED, replace(other, high=None))).unclear(1) is False
    assert Line((MEASURED, None)).unclear(1) is False


def test_means_are_geometric_of_times_and_of_inverse_rates() -> None:
    rate = replace(ROW, metric="bandwidth", better="larger")
    lines = [
        Line((on("a", 1.0), on("b", 4.0))),
        Line((rate, replace(rate, value=4.0))),
        Line((ROW, None)),
        Line((on("a", 0.0), on("b", 9.0))),
    ]
    assert means(lines[:1], 2) == [1.0, pytest.approx(4.0)]
    assert means(lines, 2) == [1.0, pytest.approx(2**0.5)]
    assert means([], 2) == [None, None]


def test_a_side_is_called_by_its_machine_if_that_tells_it_apart() -> None:
    assert labels({"f": [on("a")], "g": [on("b")]}) == ["a", "b"]
    assert labels({"f": [on("a")], "g": [on("a")]}) == ["f", "g"]
    assert labels({"f": [on("a"), on("b")], "g": [on("c")]}) == ["f", "g"]
