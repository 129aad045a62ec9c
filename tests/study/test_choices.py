"""Choices: each has a neutral side that can be taken, and what hangs on it is found."""

from __future__ import annotations

from microbench.run.setup import load_calibration, prepare
from microbench.study.choices import Choice, choices, medians, text, uncalibrated, without
from microbench.study.values import evaluate, informative


def named(name: str) -> Choice:
    return next(choice for choice in choices() if choice.name == name)


def test_every_calibrated_number_is_listed_once() -> None:
    groups = {"clock_hz": 1}
    numbers = {key.rpartition(".")[2] for key in load_calibration().rows}
    assert sum(c.calibrated for c in choices()) == len(numbers) - 1 + groups["clock_hz"]


def test_equal_priorities_take_two_switches_from_a_socket_round_trip() -> None:
    setup = uncalibrated()
    equal = named("forked partner").without(setup)
    wanted = [v.published for v in evaluate(setup) if v.name == "lat_unix native"]
    before, after = (evaluate(s, wanted)[0].modelled for s in (setup, equal))
    assert 0.45 < after / before < 0.75


def test_the_pipe_decides_its_bandwidth_and_little_else() -> None:
    base = medians(prepare("pxa255"))
    found = without(named("pipe"), base[2])
    assert set(found.rows) == {"bw_pipe native", "bw_pipe l4"}
    said = text([found], base[:2])
    assert "64 KB" in said
    assert "bw_pipe native" in said


def test_values_that_could_not_miss_are_not_counted_as_telling() -> None:
    names = {v.name for v in informative(evaluate(prepare("pxa255")))}
    assert {"lat_ctx -s 0 10 native", "lat_syscall null native", "lat_unix l4"} <= names
    assert not names & {"lat_fifo native", "lat_pipe native", "lat_ctx -s 4 1 l4"}
    assert not any(name.startswith(("bw_mem", "reaim", "lat_proc fork native")) for name in names)
