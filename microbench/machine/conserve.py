"""What must hold of any priced slice, whatever the machine: checks in debug mode and tests.

Counts the references of a slice from the trace alone, without the engine, and looks at the
engine's state as a whole. Set the environment variable ``MKBENCH_DEBUG`` to have every slice
of every run checked; a whole table takes three times as long and no number changes.
"""

from __future__ import annotations

import os

import numpy as np

from microbench.machine import engine
from microbench.trace import Trace, ops

DEBUG = bool(os.environ.get("MKBENCH_DEBUG"))
I_CACHE, D_CACHE = 0, 1


class ConservationError(AssertionError):
    """Something was lost or counted twice: a mistake in the engine."""


def check_slice(
    trace: Trace, first: int, last: int, parameters: np.ndarray, counters: np.ndarray
) -> None:
    """Hits and misses add up to the references the slice makes.

    Raises
    ------
    ConservationError
        Naming the counters.
    """
    shift = int(parameters[engine.P_CACHES + engine.K_SHIFT])
    found = dict(zip(engine.COUNTERS, counters.tolist(), strict=True))
    visits, loads, stores = references(trace, first, last, shift)
    for name, both, expected in (
        ("i", ("i_hits", "i_misses"), visits),
        ("d", ("d_hits", "d_misses"), loads),
        ("store", ("store_hits", "store_misses"), stores),
    ):
        total = sum(found[counter] for counter in both)
        if total != expected:
            raise ConservationError(f"{name}: {total} hits and misses, {expected} references")


def references(trace: Trace, first: int, last: int, shift: int) -> tuple[int, int, int]:
    """Code-line visits, loads and stores of operations `first` to `last`."""
    table = trace.operations[first:last]
    visits = loads = 0
    stores = int((table[:, 0] == ops.PTE_WRITE).sum())
    bound, times = np.unique(table[table[:, 0] == ops.PATH, 1:3], axis=0, return_counts=True)
    for (template, frame), count in zip(bound, times.tolist(), strict=True):
        start, end, _ = trace.templates[template]
        refs = trace.refs[start:end]
        visits += count * _code_lines(refs, trace.frames[frame], shift)
        loads += count * int((refs[:, 0] == ops.LOAD).sum())
        stores += count * int((refs[:, 0] == ops.STORE).sum())
    walked, times = np.unique(table[table[:, 0] == ops.LOOP, 1], return_counts=True)
    for number, count in zip(walked.tolist(), times.tolist(), strict=True):
        row = trace.loops[number]
        visits += count * _loop_lines(row, shift)
        loads += count * int(row[2]) * int(row[4] > 0)
        stores += count * int(row[2]) * int(row[5] > 0)
    return visits, loads, stores


def _code_lines(refs: np.ndarray, frame: np.ndarray, shift: int) -> int:
    fetches = refs[refs[:, 0] == ops.FETCH]
    start = frame[fetches[:, 1]] + fetches[:, 2]
    end = start + 4 * fetches[:, 3] - 4
    return int(((end >> shift) - (start >> shift) + 1).sum())


def _loop_lines(row: np.ndarray, shift: int) -> int:
    """Lines the body of a loop enters, one after the other."""
    count, text, body, step = (int(row[i]) for i in (2, 8, 9, 10))
    period = max(1, -(-body // step)) if step else 1
    lines = (text + np.arange(count) % period * step) >> shift
    return 1 + int((np.diff(lines) != 0).sum()) if count else 0


def check_state(parameters: np.ndarray, state: np.ndarray, totals: np.ndarray) -> None:
    """No line in two ways, no more write-backs than lines that became dirty, no lost entry.

    Parameters
    ----------
    totals : numpy.ndarray
        Counters since the machine was empty.

    Raises
    ------
    ConservationError
        Naming the cache or buffer.
    """
    for i in range(4):
        _check_cache(parameters, state, i)
    for i in range(3):
        _check_buffer(parameters, state, i)
    backs, dirtied = totals[engine.C_WB], totals[engine.C_DIRTIED]
    if backs > dirtied:
        raise ConservationError(f"{backs} write-backs of {dirtied} lines that became dirty")
    if not 0 <= state[engine.S_QCOUNT] <= parameters[engine.P_QN]:
        raise ConservationError("the write queue holds more than it can")


def _check_cache(parameters: np.ndarray, state: np.ndarray, number: int) -> None:
    at = engine.P_CACHES + number * engine.N_CACHE_FIELDS
    fields = dict(zip(engine.CACHE_FIELDS, parameters[at : at + 13].tolist(), strict=True))
    lines = fields["sets"] * fields["ways"]
    tags = state[fields["o_tag"] : fields["o_tag"] + lines]
    where = state[fields["o_where"] : fields["o_where"] + fields["keys"]]
    dirty = state[fields["o_dirty"] : fields["o_dirty"] + lines]
    _check_inverse(f"cache {number}", tags, where)
    if (dirty[tags < 0] != 0).any():
        raise ConservationError(f"cache {number}: an empty line is dirty")


def _check_buffer(parameters: np.ndarray, state: np.ndarray, number: int) -> None:
    at = engine.P_TLBS + number * engine.N_TLB_FIELDS
    entries, _, o_entry, o_where = parameters[at : at + engine.N_TLB_FIELDS].tolist()
    held = state[o_entry : o_entry + entries]
    keys = int(parameters[engine.P_NENTRY])
    _check_inverse(f"buffer {number}", held, state[o_where : o_where + keys])


def _check_inverse(name: str, held: np.ndarray, where: np.ndarray) -> None:
    """Each key is held once, and the table of places agrees with what is held."""
    (places,) = np.nonzero(held >= 0)
    keys = held[places]
    if len(np.unique(keys)) != len(keys):
        raise ConservationError(f"{name}: a line in two ways")
    if not np.array_equal(where[keys], places) or int((where >= 0).sum()) != len(keys):
        raise ConservationError(f"{name}: the table of places is wrong")
