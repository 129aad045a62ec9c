"""The counting loop: what one recorded operation meets in a core's caches and buffers.

It knows caches of up to three levels, translation buffers, a buffer of branch targets, streams
of lines and a window of instructions. It refuses to know what any of it costs: its counts hang
on sizes alone, so a machine's costs can change, to the ends of their ranges or in calibration,
without counting again. All state is int64; the same string gives the same counts with the JIT
on or off. One file, because a cached compilation does not notice a helper that changed elsewhere.

Arrays: `rows` the string (see `microbench.recording.strings`), `geometry` sets, ways, random
replacement and offset of each structure, `tags`, `stamps` and `dirty` of all of them, `state`
scalars, `counts` [group, counter], `costs` [group, cost]. `microbench.ahead` says what may
stand in the text of an engine.
"""

from __future__ import annotations

import numpy as np

from microbench.ahead.choose import choose


def _numba():
    """Arrays are not counted: nothing here allocates."""
    from numba import njit

    from microbench.jit import keeps

    made = njit(cache=keeps(), error_model="numpy", _nrt=False)
    return made, made, int


CHOICE = choose(__name__, _numba)
_jit, _entry = CHOICE.helper, CHOICE.entry

STRUCTURES = ("l1i", "l1d", "l2", "l3", "itlb", "dtlb", "second", "targets")
L1I, L1D, L2, L3, ITLB, DTLB, SECOND, TARGETS = range(8)
SETS, WAYS, RANDOM, OFFSET = range(4)

COUNTERS = (
    "instructions",
    "loads",
    "stores",
    "taken",
    "target_misses",
    "code_l2",
    "code_l3",
    "code_memory",
    "code_next_l2",
    "code_next_l3",
    "code_next_memory",
    "load_l2",
    "load_l3",
    "load_memory",
    "load_hidden_l2",
    "load_hidden_l3",
    "load_hidden_memory",
    "stream_l2",
    "stream_l3",
    "stream_memory",
    "store_l2",
    "store_l3",
    "store_memory",
    "string_l2",
    "string_l3",
    "string_memory",
    "write_backs",
    "code_second",
    "code_walks",
    "data_second",
    "data_walks",
)
(C_INSTRUCTIONS, C_LOADS, C_STORES, C_TAKEN, C_TARGETS, C_CODE, _C1, _C2, C_NEXT, _C3, _C4,
 C_LOAD, _C5, _C6, C_HIDDEN, _C7, _C8, C_STREAM, _C9, _C10, C_STORE, _C11, _C12, C_STRING,
 _C13, _C14, C_WRITE_BACKS, C_CODE_SECOND, C_CODE_WALKS, C_DATA_SECOND,
 C_DATA_WALKS) = range(31)  # fmt: skip
N_COUNTERS = len(COUNTERS)

S_CLOCK, S_RANDOM, S_SITE, S_CODE_PAGE, S_DATA_PAGE, S_LAST_CODE, S_STREAM = range(7)
S_AT, S_LEADER, S_GROUPED, S_WINDOW, S_PARALLEL, S_STREAMS, S_KEEPS = range(7, 14)
STREAM_PLACES = 16
S_FIRST_STREAM = 14
N_STATE = S_FIRST_STREAM + STREAM_PLACES

FETCH, LOAD, STORE, COST, FLUSH = range(5)


@_jit
def _find(geometry, tags, stamps, dirty, state, which, key, written):
    """Look a key up and place it: 1 where it was, 0 where not, 2 if a dirty one had to go."""
    ways = geometry[which, WAYS]
    sets = geometry[which, SETS]
    at = key % sets
    if at < 0:  # addresses of the kernel are negative, and C rounds towards zero
        at += sets
    first = geometry[which, OFFSET] + at * ways
    state[S_CLOCK] += 1
    oldest, victim = stamps[first], first
    for place in range(first, first + ways):
        if tags[place] == key:
            stamps[place] = state[S_CLOCK]
            dirty[place] |= written
            return 1
        if stamps[place] < oldest:
            oldest, victim = stamps[place], place
    if geometry[which, RANDOM] and oldest > 0:
        state[S_RANDOM] = (state[S_RANDOM] * 1103515245 + 12345) & 0x7FFFFFFF
        victim = first + (state[S_RANDOM] >> 16) % ways
    lost = 2 if dirty[victim] and tags[victim] != -1 else 0
    tags[victim] = key
    stamps[victim] = state[S_CLOCK]
    dirty[victim] = written
    return lost


@_jit
def _level(geometry, tags, stamps, dirty, state, counts, group, line, written):
    """Where a line that the first level lacks is found: 0 second level, 1 third, 2 memory."""
    found = _find(geometry, tags, stamps, dirty, state, L2, line, written)
    if found == 1:
        return 0
    last = found
    if geometry[L3, SETS]:
        last = _find(geometry, tags, stamps, dirty, state, L3, line, written)
        if last == 1:
            return 1
    if last == 2:
        counts[group, C_WRITE_BACKS] += 1
    return 2


@_jit
def _translate(geometry, tags, stamps, dirty, state, counts, group, first, page, second):
    """Count a translation that the first buffer lacks, by where it was found."""
    if _find(geometry, tags, stamps, dirty, state, first, page, 0) == 1:
        return
    found = 0
    if geometry[SECOND, SETS]:
        found = _find(geometry, tags, stamps, dirty, state, SECOND, page, 0)
    counts[group, second if found == 1 else second + 1] += 1


@_jit
def _in_stream(state, line):
    """Whether the line continues a stream of lines; it is followed from now on either way."""
    for i in range(S_FIRST_STREAM, S_FIRST_STREAM + state[S_STREAMS]):
        if state[i] == line - 1 or state[i] == line + 1:
            state[i] = line
            return 1
    if state[S_STREAMS]:
        state[S_FIRST_STREAM + state[S_STREAM] % state[S_STREAMS]] = line
        state[S_STREAM] += 1
    return 0


@_jit
def _hidden(state):
    """Whether a miss lies in the shadow of one before it, and so overlaps with it."""
    gone = state[S_AT] - state[S_LEADER]
    if gone < state[S_WINDOW] and state[S_GROUPED] < state[S_PARALLEL]:
        state[S_GROUPED] += 1
        return 1
    state[S_LEADER], state[S_GROUPED] = state[S_AT], 1
    return 0


@_jit
def _fetch(geometry, tags, stamps, dirty, state, counts, group, rows, r):
    """One visit of a line of code."""
    count, page, line = rows[r, 2], rows[r, 4], rows[r, 1] >> 6
    state[S_AT] += count
    counts[group, C_INSTRUCTIONS] += count
    if rows[r, 3]:
        counts[group, C_TAKEN] += 1
        if geometry[TARGETS, SETS]:
            site = state[S_SITE] >> 1
            if _find(geometry, tags, stamps, dirty, state, TARGETS, site, 0) != 1:
                counts[group, C_TARGETS] += 1
    if rows[r, 5]:
        state[S_SITE] = rows[r, 5]
    if page != state[S_CODE_PAGE]:
        state[S_CODE_PAGE] = page
        _translate(geometry, tags, stamps, dirty, state, counts, group, ITLB, page, C_CODE_SECOND)
    if _find(geometry, tags, stamps, dirty, state, L1I, line, 0) != 1:
        first = C_NEXT if line == state[S_LAST_CODE] + 1 else C_CODE
        state[S_LAST_CODE] = line
        level = _level(geometry, tags, stamps, dirty, state, counts, group, line, 0)
        counts[group, first + level] += 1


@_jit
def _access(geometry, tags, stamps, dirty, state, counts, group, rows, r):
    """One load or store of one line."""
    written = 1 if rows[r, 0] == STORE else 0
    string, page, line = rows[r, 3], rows[r, 4], rows[r, 1] >> 6
    if not string:
        counts[group, C_STORES if written else C_LOADS] += rows[r, 2]
    if page != state[S_DATA_PAGE]:
        state[S_DATA_PAGE] = page
        _translate(geometry, tags, stamps, dirty, state, counts, group, DTLB, page, C_DATA_SECOND)
    if _find(geometry, tags, stamps, dirty, state, L1D, line, written) == 1:
        return
    streamed = _in_stream(state, line)
    level = _level(geometry, tags, stamps, dirty, state, counts, group, line, written)
    if string:
        counts[group, C_STRING + level] += 1
    elif written:
        counts[group, C_STORE + level] += 1
    elif streamed:
        counts[group, C_STREAM + level] += 1
    elif _hidden(state):
        counts[group, C_HIDDEN + level] += 1
    else:
        counts[group, C_LOAD + level] += 1


@_jit
def _drop(geometry, tags, stamps, state):
    """All translations are gone."""
    for which in range(ITLB, SECOND + 1):
        first = geometry[which, OFFSET]
        for place in range(first, first + geometry[which, SETS] * geometry[which, WAYS]):
            tags[place] = -1
            stamps[place] = 0


@_entry
def count(rows, geometry, tags, stamps, dirty, state, counts, costs):
    """Replay a string once, adding to state, counts and costs."""
    for r in range(len(rows)):
        kind, group = rows[r, 0], rows[r, 6]
        if kind == FETCH:
            _fetch(geometry, tags, stamps, dirty, state, counts, group, rows, r)
        elif kind <= STORE:
            _access(geometry, tags, stamps, dirty, state, counts, group, rows, r)
        elif kind == COST:
            costs[group, rows[r, 3]] += 1
        elif kind == FLUSH:
            state[S_CODE_PAGE] = state[S_DATA_PAGE] = -1
            if not state[S_KEEPS]:
                _drop(geometry, tags, stamps, state)


assert C_DATA_WALKS == N_COUNTERS - 1
assert np.int64(LOAD) == 1
