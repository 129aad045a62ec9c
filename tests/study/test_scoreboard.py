"""The scoreboard: what it claims in the README is what it computes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from microbench.quantity import read_toml
from microbench.run.setup import calibration_file, load_calibration, prepare
from microbench.study.calibrate import Pair, bisect, calibrate, choose, crossing
from microbench.study.scoreboard import summary
from microbench.study.tables import table_rows
from microbench.study.values import TIE_SHARE, evaluate, winner, winners

pytestmark = pytest.mark.usefixtures("kept_in_session")


@pytest.fixture(scope="module")
def values():  # type: ignore[no-untyped-def]
    return evaluate(prepare("pxa255"))


def test_every_row_of_the_talk_is_there_for_both_systems() -> None:
    rows = [row for row in table_rows("all") if row.published is not None]
    assert len({(row.benchmark, row.args) for row in rows}) == 23
    assert len(rows) == 46


def test_the_goals_are_met(values) -> None:  # type: ignore[no-untyped-def]
    found = summary(values, prepare("pxa255"))
    assert found.predict_median_error <= 0.04
    assert found.informative_median_error <= 0.04
    assert 0.80 <= found.coverage_90 <= 0.97
    assert found.share_within_25 >= 0.9
    assert (found.winners_right, found.winners_total) == (23, 23)
    assert found.calibrated_numbers <= 5
    assert found.choices <= 13
    assert found.leave_one_out_median <= 0.08


def test_a_calibrated_row_is_not_counted_as_predicted(values) -> None:  # type: ignore[no-untyped-def]
    roles = [v.published.role for v in values]
    assert roles.count("calibrate") == 5
    assert roles.count("check") == 8
    assert roles.count("predict") == 46 - 13


def test_the_stored_calibration_is_what_calibrate_finds() -> None:
    stored = read_toml(calibration_file())["number"]
    found = {number.key: number.value for number in calibrate()}
    assert {key: table["value"] for key, table in stored.items()} == pytest.approx(found)


def test_each_calibrated_number_names_its_row() -> None:
    rows = load_calibration().rows
    assert len(set(rows.values())) == len(rows) - 1  # both clocks of the pair share one row


def test_ties_are_within_one_and_a_half_per_cent() -> None:
    assert winner(1.0, 1.0 + TIE_SHARE / 2, "smaller") == "tie"
    assert winner(1.0, 1.1, "smaller") == "native"
    assert winner(1.0, 1.1, "larger") == "l4"


def test_winners_compare_published_with_modelled(values) -> None:  # type: ignore[no-untyped-def]
    who = winners(values)
    assert who["lat_ctx", "-s 0 2"] == ("l4", "l4")
    assert who["lat_syscall", "null"] == ("native", "native")
    assert who["bw_mem", "1024 rd"] == ("tie", "tie")


@pytest.mark.parametrize("find", [bisect, crossing])
def test_the_root_or_the_nearer_bound_is_found(find: Callable[..., float]) -> None:
    assert find(lambda v: v - 3.0, 0.0, 10.0) == pytest.approx(3.0, abs=1e-5)
    assert find(lambda v: v**3 - 27.0, 0.0, 10.0) == pytest.approx(3.0, abs=1e-5)
    assert find(lambda v: round(v, 1) - 3.03, 0.0, 10.0) == pytest.approx(3.05, abs=1e-3)
    assert find(lambda v: v + 1.0, 0.0, 10.0) == 0.0
    assert find(lambda v: v - 99.0, 0.0, 10.0) == 10.0


def test_a_nearly_straight_function_is_evaluated_a_few_times() -> None:
    asked: list[float] = []
    crossing(lambda v: asked.append(v) or v + v * v / 100 - 3, 0.0, 10.0)  # type: ignore[func-returns-value]
    assert len(asked) < 10


def test_the_pair_with_times_the_manuals_give_is_chosen_among_equal_clocks() -> None:
    inside = Pair(200e6, 50e6, 18.0, 4.0, 0.05, 4.0, True)
    outside = Pair(200e6, 100e6, 48.0, 8.0, 0.05, 34.0, False)
    slower = Pair(100e6, 50e6, 14.0, 4.0, 1.1, 0.0, True)
    assert choose([outside, inside, slower]) is inside
