"""Choices: each has a neutral side that can be taken, and what hangs on it is found."""

from __future__ import annotations

import pytest

from microbench.run.setup import load_calibration, prepare
from microbench.study.choices import Choice, Without, choices, text, uncalibrated
from microbench.study.values import evaluate, informative, talk_values

pytestmark = pytest.mark.usefixtures("kept_in_session")


def named(name: str) -> Choice:
    return next(choice for choice in choices() if choice.name == name)


def moved(choice: str, row: str) -> float:
    """A row with the neutral side of a choice over the same row as it stands."""
    wanted = [p for p in talk_values() if p.name == row]
    before, after = (
        evaluate(setup, wanted)[0].modelled
        for setup in (uncalibrated(), named(choice).without(uncalibrated()))
    )
    return after / before


def test_every_calibrated_number_is_listed_once() -> None:
    rows = load_calibration().rows
    clocks = [key for key in rows if key.endswith("clock_hz")]
    assert sum(c.calibrated for c in choices()) == len(rows) - len(clocks) + 1


@pytest.mark.parametrize(
    ("choice", "row", "least"),
    [
        ("pipe", "bw_pipe native", 2.0),
        ("stores under L4", "bw_unix l4", 1.3),
        ("user loops", "lat_ctx -s 4 1 native", 0.5),
    ],
)
def test_the_neutral_side_moves_the_row_that_hangs_on_it(
    choice: str, row: str, least: float
) -> None:
    found = moved(choice, row)
    assert found != pytest.approx(1.0, abs=0.1)
    assert found > least
    assert moved(choice, "lat_syscall null native") == 1.0


def test_the_table_says_what_was_taken_and_what_hangs_on_it() -> None:
    rows = ["bw_pipe native", "bw_pipe l4", "a", "b"]
    said = text([Without(named("pipe"), 0.034, 0.04, rows)], (0.036, 0.038)).splitlines()
    assert "3.6%" in said[1]
    words = " ".join(" ".join(said[2:-1]).split())
    assert "4 KB; 64 KB" in words
    assert words.endswith("bw_pipe native, bw_pipe l4, a and 1 more")
    assert max(map(len, said)) <= 80


def test_values_that_could_not_miss_are_not_counted_as_telling() -> None:
    names = {v.name for v in informative(evaluate(prepare("pxa255")))}
    assert {"lat_ctx -s 0 10 native", "lat_syscall null native", "lat_unix l4"} <= names
    assert not names & {"lat_fifo native", "lat_pipe native", "lat_ctx -s 4 1 l4"}
    assert not any(name.startswith(("bw_mem", "reaim", "lat_proc fork native")) for name in names)
