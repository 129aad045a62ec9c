"""How much there is to do in a trace, at most, before any machine does it.

Knows what each operation makes an engine look at. Refuses to know what it costs.
"""

from __future__ import annotations

import numpy as np

from microbench.trace import ops
from microbench.trace.recorder import Trace

LINES_OF_A_FLUSH = 1 << 18
"""Steps of a flush of whole caches, whatever the cache."""
STEPS = {ops.FLUSH_ALL: LINES_OF_A_FLUSH, ops.SWITCH: LINES_OF_A_FLUSH}


def steps(trace: Trace) -> float:
    """Upper bound of what a replay looks at: references, words of loops, lines of ranges.

    Returns
    -------
    float
        A float, so that what a foreign file promises cannot overflow.
    """
    table = trace.operations
    total = float(len(table))
    for kind, each in ((ops.PATH, _paths), (ops.LOOP, _loops)):
        rows, times = np.unique(table[table[:, 0] == kind, 1], return_counts=True)
        if len(rows):
            total += float(np.dot(each(trace)[rows], times.astype(float)))
    ranges = np.isin(table[:, 0], (ops.FLUSH_RANGE, ops.CLEAN_RANGE))
    return total + float(table[ranges, 2].astype(float).sum()) / 8


def _paths(trace: Trace) -> np.ndarray:
    """References of each template, with the words they move."""
    refs = trace.refs.astype(float)
    each = np.concatenate([[0.0], np.cumsum(1 + np.where(refs[:, 0] == ops.COPROCESSOR, 0, refs[:, 3]))])
    first, last = trace.templates[:, 0], trace.templates[:, 1]
    return np.where(last > first, each[last] - each[np.minimum(first, last)], 0.0)


def _loops(trace: Trace) -> np.ndarray:
    """Elements of each loop, with what one of them loads, stores and fetches."""
    loops = trace.loops.astype(float)
    column = {name: loops[:, i] for i, name in enumerate(ops.LOOP_COLUMNS)}
    words = column["load_words"] + column["store_words"]
    lines = (column["body_bytes"] + column["element_bytes"]) / 8
    return column["count"] * (1 + words + lines)


def durations(trace: Trace) -> tuple[float, float]:
    """Instructions and repeats that are counted, not walked; and nanoseconds that pass.

    Returns
    -------
    tuple of float
    """
    table = trace.operations
    counted = table[table[:, 0] == ops.COMPUTE, 1].astype(float).sum()
    counted += table[table[:, 0] == ops.SPECIAL, 2].astype(float).sum()
    rows, times = np.unique(table[table[:, 0] == ops.LOOP, 1], return_counts=True)
    if len(rows):
        loops = trace.loops[rows].astype(float)
        counted += float((loops[:, 2] * (loops[:, 6] + loops[:, 7]) * times).sum())
    waits = table[table[:, 0] == ops.IDLE, 1].astype(float).sum()
    waits += table[table[:, 0] == ops.DEVICE_START, 2].astype(float).sum()
    return float(counted), float(waits)
