"""The scalability law: a curve it made is found again; nothing negative."""

import math

import pytest

from microbench.errors import UsageError
from microbench.smp.usl import Usl, usl_fit

CPUS = [1, 2, 4, 8, 16, 32]


def test_a_curve_of_the_law_is_found_again():
    law = Usl(10.0, 0.05, 0.001)
    got = usl_fit(CPUS, [law(n) for n in CPUS])
    assert got.serial == pytest.approx(0.05)
    assert got.crosstalk == pytest.approx(0.001)
    assert got.best == pytest.approx(math.sqrt(950))


def test_a_linear_curve_has_neither_term():
    got = usl_fit(CPUS, [7.0 * n for n in CPUS])
    assert (got.serial, got.crosstalk) == (0.0, 0.0)
    assert got.best == math.inf


def test_a_curve_above_linear_is_not_answered_with_a_negative_term():
    got = usl_fit(CPUS, [n**1.2 for n in CPUS])
    assert got.serial >= 0
    assert got.crosstalk >= 0


@pytest.mark.parametrize("cpus", [[1, 2], [2, 4, 8]])
def test_too_few_points_or_none_of_one_cpu_are_refused(cpus):
    with pytest.raises(UsageError):
        usl_fit(cpus, [1.0] * len(cpus))
