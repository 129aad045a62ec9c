"""Each rule of a well-formed trace, on both sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from trace_sample import sample

from microbench.trace import Trace, ops
from microbench.trace.check import MalformedError, check

END = 3 << 12  # of the sample's pages


def changed(name: str, row: int, column: int, value: int) -> Trace:
    trace = sample()
    array = getattr(trace, name).copy()
    array[row, column] = value
    return replace(trace, **{name: array})


def operation(kind: int) -> int:
    return int(np.flatnonzero(sample().operations[:, 0] == kind)[0])


@pytest.mark.parametrize(
    ("name", "row", "column", "good", "bad"),
    [
        ("pages", 0, 2, 2, 3),
        ("pages", 0, 5, 2, -1),
        ("pages", 0, 4, 15, 16),
        ("templates", 0, 1, 5, 6),
        ("templates", 0, 2, 1, 2),
        ("refs", 0, 0, 2, 4),
        ("refs", 0, 1, 1, 2),
        ("refs", 1, 2, 4, END),
        ("refs", 1, 2, 0, -8192),
        ("refs", 0, 3, 1, 0),
        ("refs", 1, 3, 8, 1 << 12),
        ("refs", 1, 4, 1, 1 << 12),
        ("refs", 3, 3, 7, 8),
        ("frames", 0, 0, 0, END),
        ("frames", 0, 1, 0, -5),
        ("loops", 0, 0, END - 64, END - 60),
        ("loops", 0, 2, 1, 0),
        ("loops", 0, 2, 100, 1 << 33),
        ("loops", 0, 3, 8, 1 << 31),
        ("loops", 0, 8, END - 1, END),
        ("loops", 0, 9, END - 1024, END),
    ],
)
def test_tables(name: str, row: int, column: int, good: int, bad: int) -> None:
    check(changed(name, row, column, good))
    with pytest.raises(MalformedError):
        check(changed(name, row, column, bad))


@pytest.mark.parametrize(
    ("kind", "column", "good", "bad"),
    [
        (ops.PATH, 1, 0, 1),
        (ops.PATH, 2, 0, 1),
        (ops.PATH, 4, 1, 2),
        (ops.PATH, 0, ops.TRAP_RETURN, 18),
        (ops.LOOP, 1, 0, -1),
        (ops.TRAP, 1, 2, 3),
        (ops.FLUSH_RANGE, 1, END - 64, END - 63),
        (ops.CLEAN_RANGE, 2, END - 4096, END),
        (ops.PTE_WRITE, 1, END - 8, END - 4),
        (ops.TLB_INVALIDATE, 1, -1, -2),
        (ops.TLB_INVALIDATE, 1, END - 1, END),
        (ops.SPECIAL, 1, 7, 8),
        (ops.IDLE, 1, 0, -1),
        (ops.DEVICE_START, 1, 63, 64),
        (ops.DEVICE_WAIT, 1, 0, -1),
        (ops.COALESCING, 1, 0, 2),
    ],
)
def test_operations(kind: int, column: int, good: int, bad: int) -> None:
    row = operation(kind)
    check(changed("operations", row, column, good))
    with pytest.raises(MalformedError):
        check(changed("operations", row, column, bad))


def test_shapes_and_types() -> None:
    trace = sample()
    for wrong in (trace.refs[:, :4], trace.refs.astype(np.int32), trace.refs.ravel()):
        with pytest.raises(MalformedError, match="refs"):
            check(replace(trace, refs=wrong))
