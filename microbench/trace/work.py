"""How much there is to do in a trace, at most, before any machine does it.

Knows what each operation makes an engine look at. Refuses to know what it costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from microbench.trace import ops

LEAST_LINE_BYTES = 8


class Work(NamedTuple):
    """Upper bounds, as floats so that what a foreign file promises cannot overflow.

    Attributes
    ----------
    steps : float
        References, words of loops and lines of ranges a replay looks at.
    flushes : float
        Operations that may walk all lines of the first caches.
    counted : float
        Instructions and repeats that are multiplied, not walked.
    waits : float
        Time that passes whatever the machine [ns].
    """

    steps: float
    flushes: float
    counted: float
    waits: float


def work_of(
    operations: np.ndarray, refs: np.ndarray, templates: np.ndarray, loops: np.ndarray
) -> Work:
    """The work in the arrays of a trace; see `Trace`."""
    kind, a, b = operations[:, 0], operations[:, 1].astype(float), operations[:, 2].astype(float)
    each_path = _paths(refs, templates)
    each_loop, counted_loop = _loops(loops)
    ranges = (kind == ops.FLUSH_RANGE) | (kind == ops.CLEAN_RANGE)
    steps = len(operations) + b[ranges].sum() / LEAST_LINE_BYTES
    steps += each_path[operations[kind == ops.PATH, 1]].sum()
    in_loops = operations[kind == ops.LOOP, 1]
    steps += each_loop[in_loops].sum()
    counted = counted_loop[in_loops].sum()
    counted += a[kind == ops.COMPUTE].sum() + b[kind == ops.SPECIAL].sum()
    waits = a[kind == ops.IDLE].sum() + b[kind == ops.DEVICE_START].sum()
    flushes = (kind == ops.FLUSH_ALL).sum() + (kind == ops.SWITCH).sum()
    return Work(float(steps), float(flushes), float(counted), float(waits))


def _paths(refs: np.ndarray, templates: np.ndarray) -> np.ndarray:
    """References of each template, with the words or repeats of each."""
    each = 1.0 + np.where(refs[:, 0] == ops.COPROCESSOR, refs[:, 4], refs[:, 3])
    total = np.concatenate([[0.0], np.cumsum(each)])
    first, last = templates[:, 0], templates[:, 1]
    return np.maximum(total[last] - total[first], 0.0)


def _loops(loops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each loop walks: words, and lines of its text; and the instructions it counts."""
    table = loops.astype(float)
    column = {name: table[:, i] for i, name in enumerate(ops.LOOP_COLUMNS)}
    words = column["load_words"] + column["store_words"]
    lines = column["element_bytes"] / LEAST_LINE_BYTES
    counted = column["count"] * (column["instructions"] + column["dependent"])
    return column["count"] * (1 + words + lines), counted
