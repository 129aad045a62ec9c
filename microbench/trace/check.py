"""Whether a trace is well formed: every number in it points at something that is there.

The engine trusts a trace, as it must to be fast; a trace that comes from a file is checked
here first. Knows the meaning of operations; refuses to know a machine.
"""

from __future__ import annotations

import numpy as np

from microbench.trace import ops
from microbench.trace.packed import UnpackableError, pack
from microbench.trace.recorder import Trace

MOST_ELEMENTS = 1 << 32
MOST_PAGE = 1 << 40
MOST_STEPS = 1e10
"""What is replayed in a minute or two."""
MOST_BOUND = 10**8
FLUSH_STEPS = 1 << 11
WIDTHS = {
    "operations": 5,
    "refs": 5,
    "templates": 3,
    "frames": 0,
    "loops": len(ops.LOOP_COLUMNS),
    "pages": 6,
}
"""Columns of each array; 0 where any number will do."""
_BOUNDS = {
    ops.TRAP: len(ops.TRAPS),
    ops.DEVICE_START: ops.DEVICES,
    ops.DEVICE_WAIT: ops.DEVICES,
    ops.SPECIAL: len(ops.SPECIALS),
    ops.COALESCING: 2,
    ops.IDLE: MOST_PAGE,
    ops.COMPUTE: MOST_PAGE,
}


class MalformedError(ValueError):
    """A trace with a number that points nowhere; the text says which."""


def check(trace: Trace) -> None:
    """Refuse a trace the engine could not replay.

    Raises
    ------
    MalformedError
        Naming the array that is wrong.
    """
    _check_shapes(trace)
    _check_pages(trace.pages)
    _within("templates", trace.templates[:, :2], 0, len(trace.refs) + 1)
    _within("templates", trace.templates[:, 2], 0, len(trace.scales))
    _check_refs(trace)
    _check_loops(trace)
    _check_operations(trace)
    if not trace.work.steps + FLUSH_STEPS * trace.work.flushes <= MOST_STEPS:
        raise MalformedError(f"{trace.work.steps:.3g} steps to replay, more than {MOST_STEPS:.3g}")


def _check_shapes(trace: Trace) -> None:
    for name, width in WIDTHS.items():
        array = getattr(trace, name)
        good = isinstance(array, np.ndarray) and array.ndim == 2 and array.dtype == np.int64
        if not good or (width and array.shape[1] != width):
            raise MalformedError(f"{name} is not a table of {width or 'some'} columns of int64")


def _within(name: str, values: np.ndarray, low: int, end: int) -> None:
    if len(values) and not (int(values.min()) >= low and int(values.max()) < end):
        raise MalformedError(f"{name} has a number outside {low} to {end - 1}")


def _check_pages(pages: np.ndarray) -> None:
    _within("pages", pages[:, :2], 0, MOST_PAGE)
    _within("pages", pages[:, 3], 0, MOST_PAGE)
    _within("pages", pages[:, 4], 0, 16)
    for column in (2, 5):
        _within("pages", pages[:, column], 0, len(pages))


def _addresses(trace: Trace, name: str, first: np.ndarray, last: np.ndarray) -> None:
    end = len(trace.pages) << 12
    _within(f"{name}, address", first, 0, end)
    _within(f"{name}, address", last, 0, end)


def _check_refs(trace: Trace) -> None:
    refs = trace.refs
    _within("refs, kind", refs[:, 0], 0, 4)
    _within("refs, role", refs[:, 1], 0, trace.frames.shape[1])
    _within("refs, words", refs[refs[:, 0] != ops.COPROCESSOR, 3], 1, 1 << 12)
    try:
        pack(refs)
    except UnpackableError as error:
        raise MalformedError(f"refs: {error}") from None
    special = refs[refs[:, 0] == ops.COPROCESSOR]
    _within("refs, special", special[:, 3], 0, len(ops.SPECIALS))


def _check_loops(trace: Trace) -> None:
    loops = trace.loops
    _within("loops, count", loops[:, 2], 1, MOST_ELEMENTS)
    _within("loops", loops[:, 3], 0, MOST_ELEMENTS)
    _within("loops", loops[:, 4:8], 0, MOST_ELEMENTS)
    _within("loops", loops[:, 9:], 0, MOST_ELEMENTS)
    walked = (loops[:, 2].astype(object) - 1) * loops[:, 3]
    for address, words in ((0, 4), (1, 5)):
        used = loops[:, words] > 0
        first = loops[used, address]
        _addresses(trace, "loops", first, first + walked[used])
    _addresses(trace, "loops", loops[:, 8], loops[:, 8] + np.maximum(loops[:, 9] - 1, 0))


def _check_operations(trace: Trace) -> None:
    table = trace.operations
    _within("operations, kind", table[:, 0], 0, ops.COALESCING + 1)
    _within("operations, place", table[:, 4], 0, len(trace.places))
    for kind, end in _BOUNDS.items():
        _within("operations", table[table[:, 0] == kind, 1], 0, end)
    _within("operations", table[table[:, 0] == ops.COMPUTE, 2], 0, len(trace.scales))
    for kind in (ops.SPECIAL, ops.DEVICE_START):
        _within("operations", table[table[:, 0] == kind, 2], 0, MOST_PAGE)
    paths = table[table[:, 0] == ops.PATH]
    _within("operations, template", paths[:, 1], 0, len(trace.templates))
    _within("operations, frame", paths[:, 2], 0, len(trace.frames))
    _within("operations, loop", table[table[:, 0] == ops.LOOP, 1], 0, len(trace.loops))
    bound = np.unique(paths[:, 1] * max(1, len(trace.frames)) + paths[:, 2])
    _check_bound_paths(trace, np.stack(np.divmod(bound, max(1, len(trace.frames))), axis=1))
    _check_maintenance(trace)


def _check_bound_paths(trace: Trace, bound: np.ndarray) -> None:
    """Every reference of every template in every frame it is bound to.

    Parameters
    ----------
    bound : numpy.ndarray
        int64 (n, 2): template and frame, template by template.
    """
    if not len(bound):
        return
    first, last = trace.templates[bound[:, 0], 0], trace.templates[bound[:, 0], 1]
    total = int(np.maximum(last - first, 0).sum())
    if total > MOST_BOUND:
        raise MalformedError(f"paths have {total} references in frames, more than {MOST_BOUND}")
    numbers, starts = np.unique(bound[:, 0], return_index=True)
    for number, frames in zip(numbers.tolist(), np.split(bound[:, 1], starts[1:]), strict=True):
        refs = trace.refs[trace.templates[number, 0] : trace.templates[number, 1]]
        refs = refs[refs[:, 0] != ops.COPROCESSOR]
        ends = refs[:, 2] + 4 * np.maximum(refs[:, 3] - 1, 0)
        for role in np.unique(refs[:, 1]).tolist():
            mine, bases = refs[:, 1] == role, trace.frames[frames, role]
            least, most = refs[mine, 2].min(), ends[mine].max()
            _addresses(trace, "paths", bases + least, bases + most)


def _check_maintenance(trace: Trace) -> None:
    table = trace.operations
    ranges = table[np.isin(table[:, 0], (ops.FLUSH_RANGE, ops.CLEAN_RANGE))]
    _within("operations, size", ranges[:, 2], 0, MOST_ELEMENTS)
    _addresses(trace, "ranges", ranges[:, 1], ranges[:, 1] + np.maximum(ranges[:, 2] - 1, 0))
    entries = table[table[:, 0] == ops.PTE_WRITE, 1]
    _addresses(trace, "page-table writes", entries, entries + 4)
    pages = table[table[:, 0] == ops.TLB_INVALIDATE, 1]
    _within("operations, address", pages, -1, len(trace.pages) << 12)
