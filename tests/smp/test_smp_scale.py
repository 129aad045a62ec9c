"""Thousands of CPUs in words: flat, best and what does less than one CPU."""

from microbench.smp.simulate import Measured
from microbench.study.smp.scale import _line


def line(cycles, spent):
    points = {n: Measured(n, c, 1.0, 0.0, 1, ("lock", 1.0), spent) for n, c in cycles.items()}
    return _line("linux", "threads", points).split()


def test_a_curve_that_turns_down_says_where_it_was_best():
    found = line({1: 100.0, 4: 110.0, 16: 800.0, 128: 12800.5}, {"lock": 1.02})
    assert found == ["linux", "threads", "4", "3.6", "4", "below", "1", "CPU", "lock", "100%"]


def test_less_than_one_cpu_is_a_value_where_locks_were_measured():
    found = line({1: 100.0, 4: 110.0, 64: 6600.0}, {"lock": 0.9})
    assert found == ["linux", "threads", "4", "3.6", "4", "66.0x", "lock", "90%"]


def test_a_flat_curve_is_best_with_all_and_names_nothing():
    assert line({1: 100.0, 512: 110.0}, {"lock": 0.04}) == [
        *("linux", "threads", "512", "465", "512", "1.1x")
    ]
