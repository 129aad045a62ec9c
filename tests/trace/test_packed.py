"""References in one word each: every field at both ends, and no room beyond."""

from __future__ import annotations

import numpy as np
import pytest

from microbench.trace.packed import AUX, COUNT, OFFSET, ROLE, UnpackableError, pack

ENDS = [
    (0, 0, -(1 << 31), 0, 0),
    (3, 63, (1 << 31) - 1, 4095, 4095),
    (1, 2, -4, 3, 5),
]


def test_fields_come_back() -> None:
    for row, word in zip(ENDS, pack(np.array(ENDS, np.int64)).tolist(), strict=True):
        fields = (word & 3, word >> ROLE & 63, word >> OFFSET, word >> COUNT & 4095)
        assert (*fields, word >> AUX & 4095) == row


@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("side", [-1, 1])
def test_what_does_not_fit_is_refused(column: int, side: int) -> None:
    table = np.array(ENDS[:2], np.int64)
    table[0 if side < 0 else 1, column] += side
    with pytest.raises(UnpackableError):
        pack(table)


def test_no_references() -> None:
    assert len(pack(np.zeros((0, 5), np.int64))) == 0
