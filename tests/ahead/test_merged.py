"""Helpers that numba merges into what calls them."""

from __future__ import annotations

import pytest

pytest.importorskip("numba")

from numba import njit

from microbench.jit import merged

ONE, TWO = 1, 2


def _plus(x: int, y: int) -> int:
    return x + y


def test_a_helper_is_compiled_once_whatever_constants_it_is_given() -> None:
    plus = merged(_plus)

    def both(x: int) -> int:
        return plus(x, ONE) * plus(x, TWO)

    assert njit(both)(3) == both(3) == 20
    assert len(plus.signatures) == 1
