"""The replay loop: prices a trace on one CPU. All compiled code of that CPU is in this file.

It knows caches, translation buffers, a write queue, SDRAM rows and a branch target buffer.
It refuses to know kernels: places and paths are numbers. Time is counted in ticks of 1/100
cycle, all state is int64, so that the same trace gives the same integers compiled ahead, by
numba, or not at all (`microbench.ahead`, which says what may stand in the text of an engine).
One file, because a cached compilation does not notice a helper that changed elsewhere.
What each mechanism means is written plainly in `microbench.machine.manual`: who adds one here
adds it there, and the two must agree tick for tick.

Arrays: `P` parameters (see `microbench.machine.parameters`), `S` state, `G` the trace's page
table, `L` ledger [place, cause] in ticks, `C` counters, `E` events (empty: none are kept).
`k` is the first parameter of a cache, `t` of a translation buffer, `base` the ledger's first
entry of a place.
"""

from __future__ import annotations

import numpy as np

from microbench.ahead.choose import choose
from microbench.trace import ops, packed


def _numba():
    """Helpers are merged into the loop, and arrays are not counted: nothing here allocates, and
    counting references cost ten times the work itself. Unsigned: an index known not to be
    negative, which saves the test whether it is."""
    from numba import njit

    from microbench.jit import keeps, merged

    return merged, njit(cache=keeps(), error_model="numpy", _nrt=False), np.uint64


CHOICE = choose(__name__, _numba)
_jit, _entry, _u = CHOICE.helper, CHOICE.entry, CHOICE.index

# --- Words of a trace: operations, references, flags; see `microbench.trace.ops` --------------
# Stored traces hold these codes: they are added to and never changed, so that a compilation kept
# from before needs not know of them.

O_PATH, O_LOOP, O_TRAP, O_TRAP_RETURN = ops.PATH, ops.LOOP, ops.TRAP, ops.TRAP_RETURN
O_SWITCH, O_PTE_WRITE, O_TLB_INVALIDATE = ops.SWITCH, ops.PTE_WRITE, ops.TLB_INVALIDATE
O_FLUSH_ALL, O_FLUSH_RANGE, O_CLEAN_RANGE = ops.FLUSH_ALL, ops.FLUSH_RANGE, ops.CLEAN_RANGE
O_DRAIN, O_COALESCING, O_SPECIAL = ops.DRAIN, ops.COALESCING, ops.SPECIAL
O_COMPUTE, O_IDLE, O_START, O_WAIT = ops.COMPUTE, ops.IDLE, ops.DEVICE_START, ops.DEVICE_WAIT
FULL, COUNTED = ops.FULL, ops.COUNTED

FETCH, LOAD, STORE, COPROCESSOR = ops.FETCH, ops.LOAD, ops.STORE, ops.COPROCESSOR
TAKEN, BY_LOAD, BY_REGISTER = ops.BRANCH, ops.RETURN_LOAD, ops.RETURN_REGISTER
R_ROLE, R_COUNT, R_AUX, R_OFFSET = packed.ROLE, packed.COUNT, packed.AUX, packed.OFFSET
KINDS, ROLES, MOST = packed.KINDS, packed.ROLES, packed.MOST

(W_SOURCE, W_TARGET, W_COUNT, W_STRIDE, W_LOADS, W_STORES, W_INSTRUCTIONS, W_DEPENDENT, W_TEXT,
 W_BODY, W_STEP) = range(len(ops.LOOP_COLUMNS))  # fmt: skip

WRITE_THROUGH, WRITE_ALLOCATE = ops.WRITE_THROUGH, ops.WRITE_ALLOCATE
UNCACHED, LARGE = ops.UNCACHED, ops.LARGE

# --- Words of a ledger: ticks, causes, counters -----------------------------------------------

TICKS = 100
CAUSES = (
    "instructions", "branches", "i_refill", "d_refill", "tlb", "flush", "write_stall", "trap",
    "control", "idle",
)  # fmt: skip
N_CAUSES = len(CAUSES)
(INSTRUCTIONS, BRANCHES, I_REFILL, D_REFILL, WALK, FLUSH, WRITE, TRAP, CONTROL,
 IDLE) = range(N_CAUSES)  # fmt: skip

COUNTERS = (
    "references", "i_hits", "i_misses", "d_hits", "d_misses", "store_hits", "store_misses",
    "write_backs", "dirty_fills", "i_walks", "d_walks", "l2_misses", "flushed_dirty", "flushes",
    "bus_writes", "coalesced", "branch_misses",
)  # fmt: skip
(C_REFS, C_IHIT, C_IMISS, C_DHIT, C_DMISS, C_SHIT, C_SMISS, C_WB, C_DIRTIED, C_IWALK, C_DWALK,
 C_L2MISS, C_FLUSHED, C_FLUSHES, C_BUSWRITE, C_COALESCED,
 C_BRMISS) = range(len(COUNTERS))  # fmt: skip

# --- The machine: parameters; what each is made of is a row of `parameters.SCALARS` -----------

(P_INSTR, P_WORD, P_MULTI, P_LOADUSE, P_DEP, P_BRMISS, P_RETLOAD, P_RETREG, P_BTB,
 P_FILL, P_READ1, P_ROWMISS, P_ROWSHIFT, P_BANKS, P_WRITE, P_WBPART, P_DIRTYSHIFT,
 P_QN, P_COALESCE, P_WALLOC, P_WTHROUGH, P_WALKMEM, P_WALK, P_WALKL, P_L2TLB,
 P_TAGGED, P_GLOBAL, P_DOMAIN, P_SWFULL, P_SPACEWRITE, P_TRAP_SYSCALL, P_TRAP_FAULT,
 P_TRAP_INTERRUPT, P_TRET, P_CLEANLINE, P_RANGELINE, P_AREALINE, P_FLUSHFIX, P_PTE, P_TLBINV,
 P_DRAIN, P_HZ, P_HASL2, P_HASL3, P_MEM, P_VD, P_VI, P_ISOLATION, P_FILTER,
 P_SPECIAL) = range(50)  # fmt: skip
N_SCALARS = P_SPECIAL + len(ops.SPECIALS)

# Per cache (I, D, L2, L3): geometry, time of a hit, and where in the state it stands.
CACHE_FIELDS = (
    "sets", "ways", "shift", "vindex", "vtag", "lru", "tick_hit",
    "o_next", "o_tag", "o_dirty", "o_stamp", "o_where", "keys",
)  # fmt: skip
N_CACHE_FIELDS = len(CACHE_FIELDS)
(K_SETS, K_WAYS, K_SHIFT, K_VINDEX, K_VTAG, K_LRU, K_HIT, K_NEXT, K_TAG, K_DIRTY, K_STAMP,
 K_WHERE, K_KEYS) = range(N_CACHE_FIELDS)  # fmt: skip
P_CACHES = N_SCALARS
P_OUTER = P_CACHES + 2 * N_CACHE_FIELDS
# Per translation buffer (I, D, second level).
TLB_FIELDS = ("entries", "o_next", "o_entry", "o_where")
N_TLB_FIELDS = len(TLB_FIELDS)
T_N, T_NEXT, T_ENTRY, T_WHERE = range(N_TLB_FIELDS)
P_TLBS = P_CACHES + 4 * N_CACHE_FIELDS
# Other offsets into the state. `P_ONEVER`: as many places as a page can have lines, where
# nothing is ever found.
(P_OBTB, P_OROW, P_OQUEUE, P_NENTRY, P_ODEVICE,
 P_ONEVER) = range(P_TLBS + 3 * N_TLB_FIELDS, P_TLBS + 3 * N_TLB_FIELDS + 6)  # fmt: skip
N_PARAMETERS = P_ONEVER + 1

# --- What changes: state, events, and what a machine makes of a page --------------------------

(S_NOW, S_BUS, S_QHEAD, S_QCOUNT, S_SPACE, S_PC, S_CLOCK, S_NOMERGE, S_EVENTS, S_AT,
 S_PENALTIES, S_OWED) = range(12)  # fmt: skip
N_STATE = S_OWED + 1
Q_BLOCK, Q_SINCE, QUEUE_WORDS = 0, 2, 3
"""A queued write: its block of 16 bytes, and since when it waits [ticks]."""

# Events: what takes time, so that it can be timed again with other costs; see `retime`. Words:
# code and ledger entry, position and branch penalties since the path began, two arguments.
EVENT_WORDS = 4
CODE_BITS, AT_BITS = 8, 32
CODES, PLACES = (1 << CODE_BITS) - 1, (1 << AT_BITS) - 1
(E_PATH, E_LOOP, E_END, E_WALK, E_FILL, E_OUTER, E_READ, E_STORE, E_CLEAN, E_DRAIN, E_SPEND,
 E_COMPUTE, E_IDLE, E_START, E_WAIT) = range(15)  # fmt: skip

G_VPAGE, G_FRAME, G_DENSE, G_SPACE, G_FLAGS, G_ENTRY = range(6)
# Filled in by `parameters.slots`: where in the state the first line of the page and its
# translations are looked up, and the sets of that line.
G_ILINE, G_DLINE, G_ITLB, G_DTLB, G_MARKS, G_PHYSICAL, G_ISET, G_DSET = range(8, 16)
N_SLOT, SLOT_SHIFT = 16, 4
PAGE_SHIFT, IN_PAGE = 12, 4095

# --- Time and events --------------------------------------------------------------------------


@_jit
def _spend(S, L, at, ticks):
    S[S_NOW] += ticks
    L[_u(at)] += ticks


@_jit
def _note(S, E, code, at, x, y):
    """Keep an event, where there is room; the number of words needed goes on being counted."""
    word = S[S_EVENTS]
    S[S_EVENTS] = word + EVENT_WORDS
    if word + EVENT_WORDS <= len(E):
        E[_u(word)] = code | at << CODE_BITS
        E[_u(word + 1)] = S[S_AT] | S[S_PENALTIES] << AT_BITS
        E[_u(word + 2)] = x
        E[_u(word + 3)] = y


@_jit
def _charge(P, S, L, E, at, parameter, count):
    """Spend a cost of the machine some times over."""
    _spend(S, L, at, P[_u(parameter)] * count)
    if len(E):
        _note(S, E, E_SPEND, at, parameter, count)


@_jit
def _nanoseconds(P, n):
    """Ticks of n nanoseconds, to the cycle, within 64 bits for hours."""
    return (n // 1000 * P[P_HZ] // 1000000 + n % 1000 * P[P_HZ] // 1000000000) * TICKS


# --- Memory: SDRAM rows and the write queue ---------------------------------------------------


@_jit
def _row(P, S, address):
    """Extra ticks to open the SDRAM row of a dense physical address."""
    row = address >> P[P_ROWSHIFT]
    mask = P[P_BANKS] - 1
    bank = P[P_OROW] + (row & mask if P[P_BANKS] & mask == 0 else row % P[P_BANKS])
    if S[_u(bank)] == row:
        return 0
    S[_u(bank)] = row
    return P[P_ROWMISS]


@_jit
def _serve(P, S, C):
    """Send the oldest queued write to memory; its start time."""
    head = S[S_QHEAD]
    at = P[P_OQUEUE] + QUEUE_WORDS * head
    start = max(S[S_BUS], S[_u(at + Q_SINCE)])
    S[S_BUS] = start + P[P_WRITE] + _row(P, S, S[_u(at)] << 4)
    S[S_QHEAD] = head + 1 if head + 1 < P[P_QN] else 0
    S[S_QCOUNT] -= 1
    C[C_BUSWRITE] += 1
    return start


@_jit
def _advance(P, S, C, now):
    """Serve the writes whose turn came before now."""
    while S[S_QCOUNT] > 0:
        if max(S[S_BUS], S[_u(P[P_OQUEUE] + QUEUE_WORDS * S[S_QHEAD] + Q_SINCE)]) >= now:
            break
        _serve(P, S, C)


@_jit
def _wait_bus(P, S, L, C, base, now):
    """Wait until all writes ahead are done, as reads do not overtake them; the time then."""
    while S[S_QCOUNT] > 0:
        _serve(P, S, C)
    if S[S_BUS] > now:
        L[_u(base + WRITE)] += S[S_BUS] - now
        now = S[S_BUS]
    return now


@_jit
def _queue_write(P, S, L, C, base, physical, apart, now):
    """Put one store into the write queue, or into a waiting block of 16 bytes; the time then."""
    if P[P_QN] == 0:
        return now
    _advance(P, S, C, now)
    block = physical >> 4
    if P[P_COALESCE] and not apart:
        place = S[S_QHEAD]
        for _ in range(S[S_QCOUNT]):
            if S[_u(P[P_OQUEUE] + QUEUE_WORDS * place)] == block:
                C[C_COALESCED] += 1
                return now
            place = place + 1 if place + 1 < P[P_QN] else 0
    if S[S_QCOUNT] == P[P_QN]:
        start = _serve(P, S, C)
        if start > now:
            L[_u(base + WRITE)] += start - now
            now = start
    place = S[S_QHEAD] + S[S_QCOUNT]
    at = P[P_OQUEUE] + QUEUE_WORDS * (place if place < P[P_QN] else place - P[P_QN])
    S[_u(at)] = block
    S[_u(at + Q_SINCE)] = now
    S[S_QCOUNT] += 1
    return now


@_jit
def _parts(mask):
    return (mask & 1) + (mask >> 1 & 1)


@_jit
def _occupy(P, S, physical, parts, now):
    """Write parts of a line back while the CPU goes on."""
    S[S_BUS] = max(S[S_BUS], now) + parts * P[P_WBPART] + _row(P, S, physical)


@_jit
def _write_back(P, S, L, base, physical, parts):
    """Write parts of a line back and wait for it."""
    _spend(S, L, base + FLUSH, parts * P[P_WBPART] + _row(P, S, physical))
    S[S_BUS] = max(S[S_BUS], S[S_NOW])


@_jit
def _write_out(P, S, L, C, base, physical, words, apart, now):
    """Put words into the write queue, by block or, where stores stay apart, one by one."""
    step = 4 if apart else 16
    block = 0 if apart else physical & 15
    offset = 0
    while offset < block + 4 * words:
        now = _queue_write(P, S, L, C, base, physical + offset, apart, now)
        offset += step
    return now


@_jit
def _fetch_from_memory(P, S, L, C, base, cause, physical, now):
    """Wait for the writes ahead and read a line; the time then."""
    now = _wait_bus(P, S, L, C, base, now)
    ticks = P[P_FILL] + _row(P, S, physical)
    S[S_BUS] = now + ticks
    L[_u(base + cause)] += ticks
    return now + ticks


@_jit
def _read_word(P, S, L, C, base, now):
    """Read one word past the cache; the time then."""
    now = _wait_bus(P, S, L, C, base, now) + P[P_READ1]
    L[_u(base + D_REFILL)] += P[P_READ1]
    S[S_BUS] = now
    return now


# --- Caches -----------------------------------------------------------------------------------


@_jit
def _set_of(P, G, k, address):
    page = (
        G[_u(address >> PAGE_SHIFT << SLOT_SHIFT | G_VPAGE)]
        if P[k + K_VINDEX]
        else G[_u(address >> PAGE_SHIFT << SLOT_SHIFT | G_FRAME)]
    )
    return ((page << PAGE_SHIFT | (address & IN_PAGE)) >> P[k + K_SHIFT]) & (P[k + K_SETS] - 1)


@_jit
def _key_of(P, G, k, address):
    if P[k + K_VTAG]:
        return address >> P[k + K_SHIFT]
    return (
        G[_u(address >> PAGE_SHIFT << SLOT_SHIFT | G_DENSE)] << PAGE_SHIFT | (address & IN_PAGE)
    ) >> P[k + K_SHIFT]


@_jit
def _physical_of(P, G, k, key):
    """Dense physical address of a cached line."""
    address = key << P[k + K_SHIFT]
    if P[k + K_VTAG]:
        return G[_u(address >> PAGE_SHIFT << SLOT_SHIFT | G_DENSE)] << PAGE_SHIFT | (
            address & IN_PAGE
        )
    return address


@_jit
def _touch(S, stamp, entry):
    S[S_CLOCK] += 1
    S[_u(stamp + entry)] = S[S_CLOCK]


@_jit
def _victim(P, S, k, set_number):
    first = set_number * P[k + K_WAYS]
    if P[k + K_LRU]:
        best, oldest = 0, S[_u(P[k + K_STAMP] + first)]
        for way in range(1, P[k + K_WAYS]):
            stamp = S[_u(P[k + K_STAMP] + first + way)]
            if stamp < oldest:
                best, oldest = way, stamp
        return first + best
    way = S[_u(P[k + K_NEXT] + set_number)]
    S[_u(P[k + K_NEXT] + set_number)] = way + 1 if way + 1 < P[k + K_WAYS] else 0
    return first + way


@_jit
def _pass_on(P, S, G, k, old):
    """Give a dirty victim to the next level if that has the line; else memory is owed a write."""
    below = k + N_CACHE_FIELDS if k >= P_OUTER else P_OUTER
    if below < P_OUTER + (1 + P[P_HASL3]) * N_CACHE_FIELDS:
        key = _physical_of(P, G, k, old) >> P[below + K_SHIFT]
        entry = S[_u(P[below + K_WHERE] + key)]
        if entry >= 0:
            S[_u(P[below + K_DIRTY] + entry)] = 1
            return
    S[S_OWED] += 1


@_jit
def _settle(P, S, L, E, base, now):
    """Wait for the writes that the last level owes memory; the time then."""
    while S[S_OWED] > 0:
        S[S_OWED] -= 1
        now += P[P_WBPART]
        L[_u(base + WRITE)] += P[P_WBPART]
        if len(E):
            _note(S, E, E_OUTER, base + WRITE, P_WBPART, 0)
    return now


@_jit
def _insert(P, S, G, C, k, set_number, key, now):
    """Place a line; a dirty victim goes to the next level or occupies the bus.

    What occupied it: the victim's physical address, times four, and its dirty parts; or 0.
    """
    wrote = 0
    o_tag, o_where, o_dirty = P[k + K_TAG], P[k + K_WHERE], P[k + K_DIRTY]
    lru, stamp = P[k + K_LRU], P[k + K_STAMP]
    entry = _victim(P, S, k, set_number)
    old, dirty = S[_u(o_tag + entry)], S[_u(o_dirty + entry)]
    if old >= 0:
        S[_u(o_where + old)] = -1
        if dirty:
            if k < P_OUTER:
                C[C_WB] += 1
            if P[P_HASL2]:
                _pass_on(P, S, G, k, old)
            else:
                physical, parts = _physical_of(P, G, k, old), _parts(dirty)
                _occupy(P, S, physical, parts, now)
                wrote = physical << 2 | parts
    S[_u(o_tag + entry)] = key
    S[_u(o_dirty + entry)] = 0
    S[_u(o_where + key)] = entry
    if lru:
        _touch(S, stamp, entry)
    return wrote


@_jit
def _drop(P, S, k, entry):
    key = S[_u(P[k + K_TAG] + entry)]
    if key >= 0:
        S[_u(P[k + K_WHERE] + key)] = -1
        S[_u(P[k + K_TAG] + entry)] = -1
        S[_u(P[k + K_DIRTY] + entry)] = 0


@_jit
def _outer(P, S, G, C, address):
    """The parameter that says how long the second or third level, or memory, takes."""
    k = P_OUTER
    for _ in range(1 + P[P_HASL3]):
        key = _key_of(P, G, k, address)
        entry = S[_u(P[k + K_WHERE] + key)]
        if entry >= 0:
            if P[k + K_LRU]:
                _touch(S, P[k + K_STAMP], entry)
            return k + K_HIT
        _insert(P, S, G, C, k, _set_of(P, G, k, address), key, 0)
        k += N_CACHE_FIELDS
    C[C_L2MISS] += 1
    return P_MEM


@_jit
def _fill(P, S, G, L, C, E, base, k, cause, address, at, first_set, physical, now):
    """A first-level miss: wait for writes ahead, fetch the line, place it; the time then.

    `at` is where the line is looked up, `first_set` the set of the first line of its page.
    """
    set_number = (first_set + ((address & IN_PAGE) >> P[k + K_SHIFT])) & (P[k + K_SETS] - 1)
    key = at - P[k + K_WHERE]
    if P[P_HASL2]:
        level = _outer(P, S, G, C, address)
        now += P[_u(level)]
        L[_u(base + cause)] += P[_u(level)]
        _insert(P, S, G, C, k, set_number, key, now)
        if len(E):
            _note(S, E, E_OUTER, base + cause, level, 0)
        return _settle(P, S, L, E, base, now)
    now = _fetch_from_memory(P, S, L, C, base, cause, physical, now)
    wrote = _insert(P, S, G, C, k, set_number, key, now)
    if len(E):
        _note(S, E, E_FILL, base + cause, physical, wrote)
    return now


# --- Translation ------------------------------------------------------------------------------


@_jit
def _tlb_insert(P, S, t, entry):
    o_next, o_entry, o_where, entries = P[t + T_NEXT], P[t + T_ENTRY], P[t + T_WHERE], P[t + T_N]
    at = S[_u(o_next)]
    old = S[_u(o_entry + at)]
    S[_u(o_next)] = at + 1 if at + 1 < entries else 0
    if old >= 0:
        S[_u(o_where + old)] = -1
    S[_u(o_entry + at)] = entry
    S[_u(o_where + entry)] = at


@_jit
def _read_tables(P, S, L, C, base, large, now):
    """Read the page tables; the time then."""
    ticks = P[P_WALKL] if large else P[P_WALK]
    if P[P_WALKMEM]:
        now = _wait_bus(P, S, L, C, base, now)
        read = (1 if large else 2) * (P[P_READ1] + P[P_ROWMISS])
        S[S_BUS] = now + read
        ticks += read
    L[_u(base + WALK)] += ticks
    return now + ticks


@_jit
def _walk(P, S, G, L, C, E, base, t, slot, now):
    """A translation miss: second-level buffer, then the page tables; the time then."""
    entry = G[_u(slot << SLOT_SHIFT | G_ENTRY)]
    large = G[_u(slot << SLOT_SHIFT | G_FLAGS)] & LARGE
    second = P_TLBS + 2 * N_TLB_FIELDS
    C[C_IWALK if t == P_TLBS else C_DWALK] += 1
    if P[second + T_N]:
        if S[_u(P[second + T_WHERE] + entry)] >= 0:
            _tlb_insert(P, S, t, entry)
            L[_u(base + WALK)] += P[P_L2TLB]
            if len(E):
                _note(S, E, E_OUTER, base + WALK, P_L2TLB, 0)
            return now + P[P_L2TLB]
        _tlb_insert(P, S, second, entry)
    now = _read_tables(P, S, L, C, base, large, now)
    _tlb_insert(P, S, t, entry)
    if len(E):
        _note(S, E, E_WALK, base, large, 0)
    return now


# --- Fetch, load and store --------------------------------------------------------------------


@_jit
def _fetch_line(P, S, G, L, C, E, base, address, now):
    """Fetch one line of code; the time then."""
    slot = address >> PAGE_SHIFT
    at = G[_u(slot << SLOT_SHIFT | G_ILINE)] + ((address & IN_PAGE) >> P[P_CACHES + K_SHIFT])
    first_set = G[_u(slot << SLOT_SHIFT | G_ISET)]
    physical = G[_u(slot << SLOT_SHIFT | G_PHYSICAL)] | (address & IN_PAGE)
    if S[_u(G[_u(slot << SLOT_SHIFT | G_ITLB)])] < 0:
        now = _walk(P, S, G, L, C, E, base, P_TLBS, slot, now)
    k = P_CACHES
    entry = S[_u(at)]
    if entry < 0:
        C[C_IMISS] += 1
        return _fill(P, S, G, L, C, E, base, k, I_REFILL, address, at, first_set, physical, now)
    C[C_IHIT] += 1
    if P[k + K_LRU]:
        _touch(S, P[k + K_STAMP], entry)
    return now


@_jit
def _load(P, S, G, L, C, E, base, address, at, entry, translated, now):
    """Load from a line that did not hit at once; the time then.

    `at` is where the line is looked up, `entry` and `translated` what was found there and in
    the translation buffer.
    """
    slot = address >> PAGE_SHIFT
    k = P_CACHES + N_CACHE_FIELDS
    first_set = G[_u(slot << SLOT_SHIFT | G_DSET)]
    physical = G[_u(slot << SLOT_SHIFT | G_PHYSICAL)] | (address & IN_PAGE)
    uncached = G[_u(slot << SLOT_SHIFT | G_MARKS)] & UNCACHED
    if translated < 0:
        now = _walk(P, S, G, L, C, E, base, P_TLBS + N_TLB_FIELDS, slot, now)
    if entry >= 0:
        C[C_DHIT] += 1
        if P[k + K_LRU]:
            _touch(S, P[k + K_STAMP], entry)
        return now
    C[C_DMISS] += 1
    if uncached:
        if len(E):
            _note(S, E, E_READ, base, 0, 0)
        return _read_word(P, S, L, C, base, now)
    return _fill(P, S, G, L, C, E, base, k, D_REFILL, address, at, first_set, physical, now)


@_jit
def _store(P, S, G, L, C, E, base, address, words, now):
    """Store words to one line, or past it into the write queue; the time then."""
    slot = address >> PAGE_SHIFT
    first_set = G[_u(slot << SLOT_SHIFT | G_DSET)]
    if S[_u(G[_u(slot << SLOT_SHIFT | G_DTLB)])] < 0:
        now = _walk(P, S, G, L, C, E, base, P_TLBS + N_TLB_FIELDS, slot, now)
    k = P_CACHES + N_CACHE_FIELDS
    flags = G[_u(slot << SLOT_SHIFT | G_MARKS)]
    physical = G[_u(slot << SLOT_SHIFT | G_PHYSICAL)] | (address & IN_PAGE)
    at = G[_u(slot << SLOT_SHIFT | G_DLINE)] + ((address & IN_PAGE) >> P[k + K_SHIFT])
    entry = -1 if flags & UNCACHED else S[_u(at)]
    if entry >= 0:
        C[C_SHIT] += 1
    else:
        C[C_SMISS] += 1
        if not flags & UNCACHED and (P[P_WALLOC] or flags & WRITE_ALLOCATE):
            now = _fill(P, S, G, L, C, E, base, k, D_REFILL, address, at, first_set, physical, now)
            entry = S[_u(at)]
    last = address + 4 * words - 4
    if entry < 0 or flags & WRITE_THROUGH or P[P_WTHROUGH]:
        if len(E):
            _note(S, E, E_STORE, base, physical, words << 1 | S[S_NOMERGE])
        return _write_out(P, S, L, C, base, physical, words, S[S_NOMERGE], now)
    if P[k + K_LRU]:
        _touch(S, P[k + K_STAMP], entry)
    if S[_u(P[k + K_DIRTY] + entry)] == 0:
        C[C_DIRTIED] += 1
    line = (1 << P[k + K_SHIFT]) - 1
    first_part = (address & line) >> P[P_DIRTYSHIFT]
    last_part = (last & line) >> P[P_DIRTYSHIFT]
    S[_u(P[k + K_DIRTY] + entry)] |= (1 << first_part) | (1 << last_part)
    return now


# --- Maintenance and spaces -------------------------------------------------------------------


@_jit
def _drain(P, S, L, C, E, base):
    S[S_NOW] = _wait_bus(P, S, L, C, base, S[S_NOW])
    _spend(S, L, base + FLUSH, P[P_DRAIN])
    if len(E):
        _note(S, E, E_DRAIN, base, 0, 0)


@_jit
def _clean(P, S, G, L, C, E, base, k, entry):
    """Write one resident line back if dirty, and wait for it."""
    dirty = S[_u(P[k + K_DIRTY] + entry)]
    if dirty == 0:
        return
    S[_u(P[k + K_DIRTY] + entry)] = 0
    C[C_WB] += 1
    C[C_FLUSHED] += 1
    if P[P_HASL2]:
        return
    physical = _physical_of(P, G, k, S[_u(P[k + K_TAG] + entry)])
    _write_back(P, S, L, base, physical, _parts(dirty))
    if len(E):
        _note(S, E, E_CLEAN, base, physical, _parts(dirty))


@_jit
def _empty_code(P, S):
    for entry in range(P[P_CACHES + K_SETS] * P[P_CACHES + K_WAYS]):
        _drop(P, S, P_CACHES, entry)
    for i in range(P[P_BTB]):
        S[_u(P[P_OBTB] + i)] = -1


@_jit
def _flush_all(P, S, G, L, C, E, base):
    """Clean and empty what is virtually tagged; nothing on a physically tagged machine."""
    if P[P_VD]:
        C[C_FLUSHES] += 1
        _drain(P, S, L, C, E, base)
        k = P_CACHES + N_CACHE_FIELDS
        lines = P[k + K_SETS] * P[k + K_WAYS]
        _charge(P, S, L, E, base + FLUSH, P_CLEANLINE, lines)
        for entry in range(lines):
            _clean(P, S, G, L, C, E, base, k, entry)
            _drop(P, S, k, entry)
    if P[P_VI]:
        _empty_code(P, S)
    if P[P_VD] or P[P_VI]:
        _charge(P, S, L, E, base + FLUSH, P_FLUSHFIX, 1)


@_jit
def _flush_range(P, S, G, L, C, E, base, address, size, executable):
    """Clean and invalidate line by line, where tags are virtual."""
    if not (P[P_VD] or (P[P_VI] and executable)):
        return
    k = P_CACHES + N_CACHE_FIELDS
    line = address
    while line < address + size:
        _charge(P, S, L, E, base + FLUSH, P_RANGELINE, 1)
        entry = S[_u(P[k + K_WHERE] + _key_of(P, G, k, line))]
        if entry >= 0:
            _clean(P, S, G, L, C, E, base, k, entry)
            _drop(P, S, k, entry)
        if executable and P[P_VI]:
            entry = S[_u(P[P_CACHES + K_WHERE] + _key_of(P, G, P_CACHES, line))]
            if entry >= 0:
                _drop(P, S, P_CACHES, entry)
        line += 1 << P[k + K_SHIFT]
    _drain(P, S, L, C, E, base)


@_jit
def _clean_range(P, S, G, L, C, E, base, address, size):
    """Clean page-table lines for a walker that reads memory."""
    if not P[P_WALKMEM]:
        return
    k = P_CACHES + N_CACHE_FIELDS
    line = address
    while line < address + size:
        _charge(P, S, L, E, base + FLUSH, P_AREALINE, 1)
        entry = S[_u(P[k + K_WHERE] + _key_of(P, G, k, line))]
        if entry >= 0:
            _clean(P, S, G, L, C, E, base, k, entry)
        line += 1 << P[k + K_SHIFT]
    _drain(P, S, L, C, E, base)


@_jit
def _flush_tlbs(P, S, keep_global, entry_space):
    """Empty all buffers; kept global entries close up, so that free places are taken first."""
    for i in range(3):
        t = P_TLBS + i * N_TLB_FIELDS
        kept = 0
        for at in range(P[t + T_N]):
            entry = S[_u(P[t + T_ENTRY] + at)]
            if entry < 0:
                continue
            S[_u(P[t + T_ENTRY] + at)] = -1
            S[_u(P[t + T_WHERE] + entry)] = -1
            if keep_global and entry_space[_u(entry)] == 0:
                S[_u(P[t + T_ENTRY] + kept)] = entry
                S[_u(P[t + T_WHERE] + entry)] = kept
                kept += 1
        if keep_global and P[t + T_N]:
            S[_u(P[t + T_NEXT])] = kept % P[t + T_N]


@_jit
def _switch(P, S, G, L, C, E, base, space, how, entry_space):
    """Install a space: a register write, and what an untagged machine must do besides."""
    if space == S[S_SPACE]:
        return
    S[S_SPACE] = space
    conventional = P[P_SWFULL] if how == FULL else 0
    if conventional and (P[P_VD] or P[P_VI]):
        _flush_all(P, S, G, L, C, E, base)
    if (not P[P_TAGGED] and not P[P_FILTER]) or (P[P_DOMAIN] and conventional):
        _flush_tlbs(P, S, P[P_GLOBAL], entry_space)
    if how != COUNTED:
        _charge(P, S, L, E, base + CONTROL, P_SPACEWRITE, 1)


@_jit
def _isolate(P, S, L, E, base, entry_space):
    """A mode switch where user mode runs on page tables of its own: one more register write."""
    if P[P_ISOLATION] == 0:
        return
    _charge(P, S, L, E, base + CONTROL, P_ISOLATION, 1)
    if not P[P_TAGGED]:
        _flush_tlbs(P, S, 0, entry_space)


@_jit
def _invalidate_entry(P, S, entry):
    for i in range(3):
        t = P_TLBS + i * N_TLB_FIELDS
        if P[t + T_N]:
            at = S[_u(P[t + T_WHERE] + entry)]
            if at >= 0:
                S[_u(P[t + T_ENTRY] + at)] = -1
                S[_u(P[t + T_WHERE] + entry)] = -1


# --- Paths and loops --------------------------------------------------------------------------


@_jit
def _element(P, row):
    """Ticks of the instructions of one element of a loop."""
    loads, stores = row[W_LOADS], row[W_STORES]
    cost = row[W_INSTRUCTIONS] * P[P_INSTR] + row[W_DEPENDENT] * P[P_DEP]
    if loads > 1:
        cost += P[P_MULTI] + (loads - 1) * P[P_WORD]
    if stores > 1:
        cost += P[P_MULTI] + (stores - 1) * P[P_WORD]
    return cost


@_jit
def _path(P, S, G, L, C, E, base, refs, first, last, frame, scale):
    """Replay the references of one path; what hits costs a few loads and no call."""
    instruction, word = P[P_INSTR] * scale // 1000, P[P_WORD] * scale // 1000
    load_use, multiple = P[P_LOADUSE] * scale // 1000, P[P_MULTI] * scale // 1000
    i, d = P_CACHES, P_CACHES + N_CACHE_FIELDS
    i_shift, i_lru, i_stamp = P[i + K_SHIFT], P[i + K_LRU], P[i + K_STAMP]
    d_shift, d_lru, d_stamp = P[d + K_SHIFT], P[d + K_LRU], P[d + K_STAMP]
    d_dirty, dirty_shift, d_line = P[d + K_DIRTY], P[P_DIRTYSHIFT], (1 << P[d + K_SHIFT]) - 1
    miss, btb, o_btb = P[P_BRMISS], P[P_BTB], P[P_OBTB]
    btb_mask = btb - 1 if btb & (btb - 1) == 0 else 0
    through = P[P_WTHROUGH]
    i_hits = d_hits = s_hits = dirtied = penalties = 0
    spent = missed = passed = 0  # instructions, branches, and what of both is in `now`
    now, pc = S[S_NOW], S[S_PC]
    keep = len(E)
    if keep:
        S[S_AT], S[S_PENALTIES] = first, 0
        _note(S, E, E_PATH, base, 0, 0)
    for r in range(first, last):
        ref = refs[_u(r)]
        kind, n, aux = ref & KINDS, ref >> R_COUNT & MOST, ref >> R_AUX & MOST
        address = frame[_u(ref >> R_ROLE & ROLES)] + (ref >> R_OFFSET)
        slot, offset = address >> PAGE_SHIFT, address & IN_PAGE
        if kind == LOAD:
            if aux:
                spent += n * word
            else:
                spent += load_use
                if n > 1:
                    spent += multiple + (n - 1) * word
            at = G[_u(slot << SLOT_SHIFT | G_DLINE)] + (offset >> d_shift)
            entry, translated = S[_u(at)], S[_u(G[_u(slot << SLOT_SHIFT | G_DTLB)])]
            if entry | translated >= 0:
                d_hits += 1
                if d_lru:
                    _touch(S, d_stamp, entry)
                continue
            if keep:
                S[S_AT], S[S_PENALTIES] = r + 1, penalties
            now += spent + missed - passed
            now = _load(P, S, G, L, C, E, base, address, at, entry, translated, now)
            passed = spent + missed
        elif kind == FETCH:
            spent += n * instruction
            if aux == TAKEN:
                if btb == 0:
                    penalties += 1
                    missed += miss
                else:
                    at = o_btb + (pc >> 2 & btb_mask if btb_mask else (pc >> 2) % btb)
                    unknown = 1 if S[_u(at)] != pc else 0
                    S[_u(at)] = pc
                    penalties += unknown
                    missed += unknown * miss
            elif aux == BY_LOAD:
                missed += P[P_RETLOAD]
            elif aux == BY_REGISTER:
                missed += P[P_RETREG]
            pc = end = address + 4 * n - 4
            entry = S[_u(G[_u(slot << SLOT_SHIFT | G_ILINE)] + (offset >> i_shift))]
            there = entry | S[_u(G[_u(slot << SLOT_SHIFT | G_ITLB)])]
            if there >= 0 and address >> i_shift == end >> i_shift:
                i_hits += 1
                if i_lru:
                    _touch(S, i_stamp, entry)
                continue
            if keep:
                S[S_AT], S[S_PENALTIES] = r + 1, penalties
            now = _fetch_line(P, S, G, L, C, E, base, address, now + spent + missed - passed)
            passed = spent + missed
            while address >> i_shift != end >> i_shift:
                address = ((address >> i_shift) + 1) << i_shift
                now = _fetch_line(P, S, G, L, C, E, base, address, now)
        elif kind == STORE:
            if aux:
                spent += n * word
            elif n > 1:
                spent += multiple + (n - 1) * word
            entry = S[_u(G[_u(slot << SLOT_SHIFT | G_DLINE)] + (offset >> d_shift))]
            there = entry | S[_u(G[_u(slot << SLOT_SHIFT | G_DTLB)])]
            if there >= 0 and not G[_u(slot << SLOT_SHIFT | G_MARKS)] & WRITE_THROUGH | through:
                s_hits += 1
                if d_lru:
                    _touch(S, d_stamp, entry)
                old = S[_u(d_dirty + entry)]
                dirtied += 1 if old == 0 else 0
                first_part = (address & d_line) >> dirty_shift
                last_part = ((address + 4 * n - 4) & d_line) >> dirty_shift
                S[_u(d_dirty + entry)] = old | 1 << first_part | 1 << last_part
                continue
            if keep:
                S[S_AT], S[S_PENALTIES] = r + 1, penalties
            now = _store(P, S, G, L, C, E, base, address, n, now + spent + missed - passed)
            passed = spent + missed
        else:
            now += P[P_SPECIAL + n] * aux
            L[_u(base + CONTROL)] += P[P_SPECIAL + n] * aux
            if keep:
                S[S_AT], S[S_PENALTIES] = r + 1, penalties
                _note(S, E, E_SPEND, base + CONTROL, P_SPECIAL + n, aux)
    S[S_NOW] = now + spent + missed - passed
    L[_u(base)] += spent
    L[_u(base + BRANCHES)] += missed
    S[S_PC] = pc
    C[C_REFS] += last - first
    C[C_IHIT] += i_hits
    C[C_DHIT] += d_hits
    C[C_SHIT] += s_hits
    C[C_DIRTIED] += dirtied
    if btb:
        C[C_BRMISS] += penalties
    if keep:
        S[S_AT], S[S_PENALTIES] = last, penalties
        _note(S, E, E_END, base, 0, 0)


@_jit
def _loop(P, S, G, L, C, E, base, row, number):
    """Walk elements: the user word loops and plain copies."""
    source, target = row[W_SOURCE], row[W_TARGET]
    count, stride = row[W_COUNT], row[W_STRIDE]
    loads, stores = row[W_LOADS], row[W_STORES]
    cost = _element(P, row)
    S[S_AT] = S[S_PENALTIES] = 0
    if len(E):
        _note(S, E, E_LOOP, base, number, 0)
    text, body, step = row[W_TEXT], row[W_BODY], row[W_STEP]
    shift = P[P_CACHES + K_SHIFT]
    k = P_CACHES + N_CACHE_FIELDS
    line, where, now = -1, 0, S[S_NOW]
    for i in range(count):
        here = (text + where) >> shift
        if here != line:
            line = here
            S[S_AT] = i
            now = _fetch_line(P, S, G, L, C, E, base, text + where, now)
        where += step
        if where >= body:
            where = 0
        now += cost
        if loads > 0:
            address = source + i * stride
            slot = address >> PAGE_SHIFT << SLOT_SHIFT
            at = G[_u(slot | G_DLINE)] + ((address & IN_PAGE) >> P[k + K_SHIFT])
            entry, translated = S[_u(at)], S[_u(G[_u(slot | G_DTLB)])]
            if entry | translated >= 0:
                C[C_DHIT] += 1
                if P[k + K_LRU]:
                    _touch(S, P[k + K_STAMP], entry)
            else:
                S[S_AT] = i + 1
                now = _load(P, S, G, L, C, E, base, address, at, entry, translated, now)
        if stores > 0:
            S[S_AT] = i + 1
            now = _store(P, S, G, L, C, E, base, target + i * stride, stores, now)
    S[S_NOW] = now
    S[S_AT] = count
    if len(E):
        _note(S, E, E_END, base, 0, 0)
    L[_u(base)] += count * cost
    C[C_REFS] += count * ((loads > 0) + (stores > 0))


# --- Operations -------------------------------------------------------------------------------


@_jit
def _idle(P, S, L, C, base, nanoseconds):
    _spend(S, L, base + IDLE, _nanoseconds(P, nanoseconds))
    _advance(P, S, C, S[S_NOW])


@_jit
def _compute(P, S, L, C, base, instructions, scale):
    _spend(S, L, base, instructions * P[P_INSTR] * scale // 1000)
    _advance(P, S, C, S[S_NOW])


@_jit
def _wait_device(P, S, L, C, base, device):
    wait = S[_u(P[P_ODEVICE] + device)] - S[S_NOW]
    if wait > 0:
        _spend(S, L, base + IDLE, wait)
        _advance(P, S, C, S[S_NOW])


@_entry
def replay(
    operations, first, last, refs, templates, frames, loops, G, entry_space, scales, E, P, S, L, C
):
    """Price operations `first` to `last` (exclusive), adding to state, ledger and counters."""
    for o in range(first, last):
        kind, a, b, c = operations[o, 0], operations[o, 1], operations[o, 2], operations[o, 3]
        base = operations[o, 4] * N_CAUSES
        if kind == O_PATH:
            _path(
                P, S, G, L, C, E, base, refs, templates[a, 0], templates[a, 1], frames[b],
                scales[_u(templates[a, 2])],
            )  # fmt: skip
        elif kind == O_LOOP:
            _loop(P, S, G, L, C, E, base, loops[a], a)
        elif kind == O_TRAP:
            _charge(P, S, L, E, base + TRAP, P_TRAP_SYSCALL + a, 1)
            _isolate(P, S, L, E, base, entry_space)
        elif kind == O_TRAP_RETURN:
            _charge(P, S, L, E, base + TRAP, P_TRET, 1)
            _isolate(P, S, L, E, base, entry_space)
        elif kind == O_SWITCH:
            _switch(P, S, G, L, C, E, base, a, b, entry_space)
        elif kind == O_FLUSH_ALL:
            _flush_all(P, S, G, L, C, E, base)
        elif kind == O_FLUSH_RANGE:
            _flush_range(P, S, G, L, C, E, base, a, b, c)
        elif kind == O_CLEAN_RANGE:
            _clean_range(P, S, G, L, C, E, base, a, b)
        elif kind == O_PTE_WRITE:
            _charge(P, S, L, E, base, P_PTE, 1)
            S[S_NOW] = _store(P, S, G, L, C, E, base, a, 2, S[S_NOW])
            _clean_range(P, S, G, L, C, E, base, a & ~31, 32)
        elif kind == O_TLB_INVALIDATE:
            _charge(P, S, L, E, base + CONTROL, P_TLBINV, 1)
            if a >= 0:
                _invalidate_entry(P, S, G[_u(a >> PAGE_SHIFT << SLOT_SHIFT | G_ENTRY)])
            else:
                _flush_tlbs(P, S, 0, entry_space)
        elif kind == O_DRAIN:
            _drain(P, S, L, C, E, base)
        elif kind == O_SPECIAL:
            _charge(P, S, L, E, base + CONTROL, P_SPECIAL + a, b)
        elif kind == O_IDLE:
            _idle(P, S, L, C, base, a)
            if len(E):
                _note(S, E, E_IDLE, base, a, 0)
        elif kind == O_COMPUTE:
            _compute(P, S, L, C, base, a, scales[_u(b)])
            if len(E):
                _note(S, E, E_COMPUTE, base, a, b)
        elif kind == O_START:
            S[_u(P[P_ODEVICE] + a)] = S[S_NOW] + _nanoseconds(P, b)
            if len(E):
                _note(S, E, E_START, base, a, b)
        elif kind == O_WAIT:
            _wait_device(P, S, L, C, base, a)
            if len(E):
                _note(S, E, E_WAIT, base, a, 0)
        elif kind == O_COALESCING:
            S[S_NOMERGE] = 1 - a


# --- Again with other costs -------------------------------------------------------------------


@_entry
def prefixes(refs, templates, scales, P, costs, returns):
    """Ticks of instructions and of returns of all references before each one.

    `costs` and `returns` are int64 (m + 1,), filled here.
    """
    for t in range(len(templates)):
        scale = scales[_u(templates[t, 2])]
        instruction, word = P[P_INSTR] * scale // 1000, P[P_WORD] * scale // 1000
        load_use, multiple = P[P_LOADUSE] * scale // 1000, P[P_MULTI] * scale // 1000
        for r in range(templates[t, 0], templates[t, 1]):
            ref = refs[_u(r)]
            kind, n, aux = ref & KINDS, ref >> R_COUNT & MOST, ref >> R_AUX & MOST
            cost = back = 0
            if kind == FETCH:
                cost = n * instruction
                if aux == BY_LOAD:
                    back = P[P_RETLOAD]
                elif aux == BY_REGISTER:
                    back = P[P_RETREG]
            elif kind != COPROCESSOR:
                if aux:
                    cost = n * word
                else:
                    cost = load_use if kind == LOAD else 0
                    if n > 1:
                        cost += multiple + (n - 1) * word
            costs[_u(r + 1)] = costs[_u(r)] + cost
            returns[_u(r + 1)] = returns[_u(r)] + back


@_entry
def retime(E, first, last, costs, returns, loops, scales, P, S, L, C):
    """Time the events in words `first` to `last`: the ledger `replay` would give.

    For a machine that differs from the one the events were kept on in nothing but costs, the
    write queue and SDRAM. Of the counters, those of the queue are counted.
    """
    inside = element = at = penalties = 0
    for number in range((last - first) // EVENT_WORDS):
        e = first + number * EVENT_WORDS
        code, base = E[_u(e)] & CODES, E[_u(e)] >> CODE_BITS
        x, y = E[_u(e + 2)], E[_u(e + 3)]
        place = E[_u(e + 1)] & PLACES
        if code <= E_LOOP:
            inside, at, penalties = 1 + code, place, 0
            if code == E_LOOP:
                element = _element(P, loops[x])
            continue
        now = S[S_NOW]
        if inside:
            ledger = base // N_CAUSES * N_CAUSES
            spent = costs[_u(place)] - costs[_u(at)] if inside == 1 else (place - at) * element
            missed = 0
            if inside == 1:
                missed = ((E[_u(e + 1)] >> AT_BITS) - penalties) * P[P_BRMISS]
                missed += returns[_u(place)] - returns[_u(at)]
                penalties = E[_u(e + 1)] >> AT_BITS
            at = place
            now += spent + missed
            L[_u(ledger)] += spent
            L[_u(ledger + BRANCHES)] += missed
            S[S_NOW] = now
        if code == E_END:
            inside = 0
        elif code == E_STORE:
            S[S_NOW] = _write_out(P, S, L, C, base, x, y >> 1, y & 1, now)
        elif code == E_FILL:
            cause = base % N_CAUSES
            now = _fetch_from_memory(P, S, L, C, base - cause, cause, x, now)
            if y:
                _occupy(P, S, y >> 2, y & 3, now)
            S[S_NOW] = now
        elif code == E_OUTER:
            _spend(S, L, base, P[_u(x)])
        elif code == E_SPEND:
            _spend(S, L, base, P[_u(x)] * y)
        elif code == E_WALK:
            S[S_NOW] = _read_tables(P, S, L, C, base, x, now)
        elif code == E_READ:
            S[S_NOW] = _read_word(P, S, L, C, base, now)
        elif code == E_CLEAN:
            _write_back(P, S, L, base, x, y)
        elif code == E_DRAIN:
            S[S_NOW] = _wait_bus(P, S, L, C, base, now)
            _spend(S, L, base + FLUSH, P[P_DRAIN])
        elif code == E_COMPUTE:
            _compute(P, S, L, C, base, x, scales[_u(y)])
        elif code == E_IDLE:
            _idle(P, S, L, C, base, x)
        elif code == E_START:
            S[_u(P[P_ODEVICE] + x)] = now + _nanoseconds(P, y)
        elif code == E_WAIT:
            _wait_device(P, S, L, C, base, x)
