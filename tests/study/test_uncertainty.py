"""Draws are the same for the same seed, others for another, and stay within stated ranges."""

from __future__ import annotations

import numpy as np
import pytest

from microbench.run.setup import prepare
from microbench.study import uncertainty, values
from microbench.study.leaveout import ALTERNATES
from microbench.study.uncertainty import draw, drawn, image_values, machine_guesses
from microbench.study.values import talk_values
from microbench.workloads.programs.images import guesses

FEW = {*ALTERNATES, "lat_pipe l4", "bw_unix native", "lat_proc fork l4"}
"""The rows that are set anew in each draw, and some that hang on them and on program images."""


def test_draws_repeat_with_their_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [p for p in talk_values() if p.name in FEW]
    for module in (uncertainty, values):
        monkeypatch.setattr(module, "talk_values", lambda: few)
    setup = prepare("pxa255")
    first, again, other = draw(setup, 1, 7), draw(setup, 1, 7), draw(setup, 1, 8)
    assert np.array_equal(first.errors, again.errors)
    assert np.all(first.errors != other.errors)


def test_positions_reach_the_ends_of_the_ranges() -> None:
    setup = prepare("pxa255")
    machine = machine_guesses(setup)
    low = drawn(setup, np.zeros(500))
    high = drawn(setup, np.ones(500))
    assert machine
    for key, number in machine.items():
        assert low.spec.value(key) == number.low
        assert high.spec.value(key) == number.high
    ends = image_values(np.ones(len(guesses())))
    assert ends == {name: q.high for name, q in guesses().items()}


def test_a_calibrated_number_is_not_a_guess() -> None:
    setup = prepare("pxa255")
    assert "sdram.overhead_clocks" not in machine_guesses(setup)
