"""Medians over seeds: which row stands, what its spread says, who is warned of."""

from microbench.row import NO_VALUE, Row
from microbench.study.smp.seeds import over_seeds, warnings


def row(value, metric="slowdown"):
    return Row("smp_fault", "--cpus 2", "m", "s", metric, "x", "smaller", value)


def seeded(values, metric="slowdown"):
    return over_seeds(lambda seed: [row(values[seed - 1], metric)])


def test_the_median_stands_and_the_spread_is_its_range():
    (found,) = seeded([4.0, 1.0, 2.0])
    assert (found.value, found.low, found.high) == (2.0, 1.0, 4.0)


def test_a_row_without_a_value_stays_without_one():
    (found,) = seeded([NO_VALUE, NO_VALUE, NO_VALUE])
    assert found.value != found.value
    assert found.low is None


def test_only_seeds_that_differ_by_more_than_a_quarter_are_warned_of():
    assert warnings(seeded([1.0, 1.0, 1.25])) == []
    (line,) = warnings(seeded([1.0, 1.0, 1.26]))
    assert "s smp_fault --cpus 2: 1 to 1.26 x" in line
    assert warnings(seeded([1.0, 1.0, 9.0], "latency")) == []
