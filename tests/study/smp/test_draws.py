"""Numbers drawn within their ranges: bounds, halves, the same again, and none for a point."""

from dataclasses import replace
from itertools import repeat

import pytest

from microbench.quantity import Quantity
from microbench.reference.series import load_series
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation
from microbench.study.smp import draws
from microbench.study.smp.draws import (
    Drawn,
    draw_all,
    drawn,
    machine_drawn,
    operation_drawn,
    said,
)


@pytest.mark.parametrize(
    ("at", "value"), [(0.0, 10.0), (0.25, 20.0), (0.5, 40.0), (0.75, 80.0), (1.0, 160.0)]
)
def test_halves_lie_on_either_side_of_the_value_in_the_logarithm(at, value):
    assert drawn(Quantity(40, "ns", "", "estimate", 10, 160), at).value == pytest.approx(value)


def test_a_count_stays_whole_and_a_number_without_a_range_stays():
    assert drawn(Quantity(4, "times", "", "estimate", 2, 6), 0.6).value in (4, 5)
    sure = Quantity(4, "ns", "", "manual", 4, 4)
    assert drawn(sure, 0.9) is sure


def test_every_number_of_a_machine_and_an_operation_stays_within_its_ends():
    machine = load_machine("icelake128")
    op = load_operation("fork", "linux-3.5")
    for at in (0.0, 0.3, 1.0):
        where, what = machine_drawn(machine, repeat(at)), operation_drawn(op, repeat(at))
        numbers = [*where.numbers.values(), *what.parts.values(), *what.repeat.values()]
        assert all(n.low <= n.value <= n.high for n in numbers)
        assert where.numbers["topology.cpus"] == machine.numbers["topology.cpus"]
    low, high = (operation_drawn(op, repeat(at)) for at in (0.0, 1.0))
    assert len(low.path) < len(op.path) < len(high.path)  # repeats are written out anew


def test_draws_are_the_same_again_whatever_was_drawn_before(monkeypatch):
    series = load_series()[:2]
    monkeypatch.setattr(draws, "load_series", lambda: series)
    both = draw_all(3, 7)
    monkeypatch.setattr(draws, "load_series", lambda: series[1:])
    alone = draw_all(2, 7)
    assert (both[1].values[:2] == alone[0].values).all()
    assert (draw_all(2, 8)[0].values != alone[0].values).any()


def test_what_is_inside_is_counted_by_hand():
    import numpy as np

    one = replace(load_series()[0], cpus=(1, 2, 4), values=(5.0, 50.0, 10.0))
    found = Drawn(one, np.array([[1.0, 1.0, 1.0], [9.0, 9.0, 9.0]]))
    assert found.inside == 1
    assert "1 of 3" in said([found], 1)
    assert max(map(len, said([found], 1).splitlines())) <= 80


def test_the_talks_options_are_refused_for_many_cpus(mkbench):
    for words in (["--choices"], ["--uncertainty", "2", "--all"]):
        call = mkbench("validate", "smp", *words)
        assert call.returncode == 2
        assert len(call.stderr.splitlines()) == 1
