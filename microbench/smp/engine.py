# mypy: disallow-untyped-defs=False, check-untyped-defs=False
"""Many CPUs with their own clocks, and the cache lines between them: the jitted event loop.

Knows: how long a line takes to move from one CPU to another, that a line makes one move at a
time, and what each step of a path does to lines, locks and queues. Contention, hand-over and
collapse are what those moves add up to. Refuses to know: what an operating system is, which
object a line belongs to, and any formula for a lock.

All times are integer core cycles. CPUs are processed in the order of their clocks (a binary
heap), so the order in which requests reach a line is the order in which they are served.
CPUs that poll the same line are kept as a group with the sum of their read costs, so that a
line with k pollers costs O(1) to simulate and the full k transfers of simulated time.

Everything jitted for the multiprocessor is in this file; run as plain Python it gives the
same integers.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# --- fields of the machine vector [cycles unless said] -------------------------------------
(
    M_HIT,  # load of a line already here
    M_ATOMIC,  # read-modify-write of a line owned here
    M_W_CORE,  # ownership moves between siblings of one core
    M_W_CLUSTER,
    M_W_SOCKET,
    M_W_OTHER,  # to another socket or node, first hop
    M_HOP,  # every further hop
    M_THIRD,  # more when the line's home is in neither of the two sockets
    M_R_CORE,  # a clean copy from a sibling
    M_R_CLUSTER,
    M_R_SOCKET,
    M_R_OTHER,
    M_R_BUSY,  # of a clean read from outside, the part the home cannot serve others
    M_MEM_LINE,  # memory or bus busy per line moved to or from memory
    M_SLEEP,  # going to sleep: from a failed attempt until the CPU is idle
    M_WAKE,  # spent by the waker per sleeper woken
    M_RESUME,  # from the wake-up's interrupt until the sleeper runs, idle exit not counted
    M_IPI_FIRST,  # sending an inter-processor interrupt and waiting for the answer
    M_IPI_EACH,  # each target more
    M_IPI_HANDLE,  # taken from each target
    M_TOPOLOGY,  # 0 any two nodes one hop, 1 ring, 2 cube, 3 tree
    M_NODES,
    M_SMT,  # [1/1024] work of a CPU whose sibling is busy, 1024 = not slowed
    M_MATES,  # other CPUs that run the same address space
    M_SHOT_SLOT,  # slot of the object that counts shoot-downs, -1 none
    M_COPIES,  # 1 if one CPU's clean copy serves its whole socket
    M_IDLE,  # first of IDLE_STATES pairs (shortest idle time, time to leave)
) = range(27)
IDLE_STATES = 4
M_SIZE = M_IDLE + 2 * IDLE_STATES

# --- fields of a CPU ----------------------------------------------------------------------
(
    C_PC,
    C_STAGE,
    C_NEXT,
    C_WANT,
    C_SOCKET,
    C_CLUSTER,
    C_CORE,
    C_SMT,
    C_OPS,
    C_SINCE,
    C_COST,
    C_SHOTS,
    C_LEADER,
    C_WAITED,
    C_AHEAD,
    C_ARRIVES,
    C_COUNTED,
) = range(17)
C_SIZE = 17

# --- fields of a line (an object: one line, its lock and its waiters) -------------------------
(
    L_OWNER,
    L_HOME,
    L_EPOCH,
    L_FREE,
    L_SHARED,
    L_READERS,
    L_WRITER,
    L_HEAD,
    L_TAIL,
    L_WAITING,
    L_RSUM,
    L_WSUM,
    L_WAKING,
    L_SHOTS,
    L_MOVES,
    L_BUSY,
    L_POLLED,
) = range(17)
L_SIZE = 17
NOBODY = -1
MANY = -2

# --- fields of a slot (what one CPU knows of the line in that slot) -------------------------
(S_LINE, S_COPY, S_SOCKET_LINE, S_SOCKET_COPY, S_POLLERS, S_POLLED) = range(6)
S_SIZE = 6

# --- steps: kind, slot, a, b --------------------------------------------------------------
(WORK, MEMORY, READ, WRITE, RMW, TAKE, DROP, EVERY, SHOOT, CALL, PREFETCH, END) = range(12)
(TAS, TTAS, TICKET, MCS, SLEEP, BARGE) = range(6)

# --- what comes out -------------------------------------------------------------------------
(O_OPS, O_START, O_END, O_STEPS, O_MOVES, O_SEED, O_HEAP, O_ASLEEP) = range(8)
O_SIZE = 8


@njit(cache=True)
def _hops(mach, a, b):
    """Hops between two nodes, at least 1 when they differ."""
    if a == b:
        return 0
    kind = mach[M_TOPOLOGY]
    if kind == 1:
        d = abs(a - b)
        return min(d, mach[M_NODES] - d)
    if kind == 2:
        x = a ^ b
        n = 0
        while x:
            n += x & 1
            x >>= 1
        return n
    if kind == 3:
        n = 0
        while a != b:
            a //= 4
            b //= 4
            n += 1
        return n
    return 1


@njit(cache=True)
def _move(mach, cpu, to, source, home):
    """Cycles to move ownership of a dirty line from CPU `source` to CPU `to`."""
    if to == source:
        return mach[M_ATOMIC]
    if cpu[to, C_CORE] == cpu[source, C_CORE]:
        return mach[M_W_CORE]
    if cpu[to, C_CLUSTER] == cpu[source, C_CLUSTER]:
        return mach[M_W_CLUSTER]
    here = cpu[to, C_SOCKET]
    there = cpu[source, C_SOCKET]
    if here == there:
        return mach[M_W_SOCKET]
    cost = mach[M_W_OTHER] + mach[M_HOP] * (_hops(mach, here, there) - 1)
    if home != here and home != there:
        cost += mach[M_THIRD] + mach[M_HOP] * (_hops(mach, here, home) - 1)
    return cost


@njit(cache=True)
def _from_home(mach, cpu, to, home, inside, outside):
    """Cycles to fetch from the line's home: `inside` the socket or `outside` it."""
    here = cpu[to, C_SOCKET]
    if here == home:
        return inside
    return outside + mach[M_HOP] * (_hops(mach, here, home) - 1)


@njit(cache=True)
def _copies(cpu, line, slots, c, s):
    """Note that CPU c, and so its socket, now has a valid copy."""
    ln = slots[c, s, S_LINE]
    slots[c, s, S_COPY] = line[ln, L_EPOCH]
    lead = cpu[c, C_LEADER]
    slots[lead, s, S_SOCKET_LINE] = ln
    slots[lead, s, S_SOCKET_COPY] = line[ln, L_EPOCH]


@njit(cache=True)
def _socket_has(mach, cpu, line, slots, c, s):
    ln = slots[c, s, S_LINE]
    lead = cpu[c, C_LEADER]
    if mach[M_COPIES] == 0:
        return False
    return (
        slots[lead, s, S_SOCKET_LINE] == ln and slots[lead, s, S_SOCKET_COPY] == line[ln, L_EPOCH]
    )


@njit(cache=True)
def _share(cpu, line, ln, c):
    """Widen the set of sockets that hold copies by CPU c's."""
    here = cpu[c, C_SOCKET]
    if line[ln, L_SHARED] == NOBODY:
        line[ln, L_SHARED] = here
    elif line[ln, L_SHARED] != here:
        line[ln, L_SHARED] = MANY


@njit(cache=True)
def _read(mach, cpu, line, slots, out, c, s, t):
    """Load by CPU c at time t; returns when it is done."""
    ln = slots[c, s, S_LINE]
    owner = line[ln, L_OWNER]
    if owner == c or (owner == NOBODY and slots[c, s, S_COPY] == line[ln, L_EPOCH]):
        return t + mach[M_HIT]
    home = line[ln, L_HOME]
    busy = -1
    if owner != NOBODY:
        cost = _move(mach, cpu, c, owner, home)
        line[ln, L_OWNER] = NOBODY
        line[ln, L_SHARED] = cpu[owner, C_SOCKET]
        _copies(cpu, line, slots, owner, s)
    elif _socket_has(mach, cpu, line, slots, c, s):
        cost = mach[M_R_SOCKET]
    else:
        cost = _from_home(mach, cpu, c, home, mach[M_R_SOCKET], mach[M_R_OTHER])
        if cpu[c, C_SOCKET] != home:
            busy = min(cost, mach[M_R_BUSY])
    if busy < 0:
        busy = cost
    start = max(t, line[ln, L_FREE])
    line[ln, L_FREE] = start + busy
    line[ln, L_BUSY] += busy
    line[ln, L_MOVES] += 1
    out[O_MOVES] += 1
    _copies(cpu, line, slots, c, s)
    _share(cpu, line, ln, c)
    return start + cost


@njit(cache=True)
def _own(mach, cpu, line, slots, out, c, s, t, behind):
    """Store or atomic by CPU c at time t, behind `behind` more cycles of others' requests."""
    ln = slots[c, s, S_LINE]
    if cpu[c, C_AHEAD] == ln and cpu[c, C_ARRIVES] >= t:  # asked for ahead, still on its way
        cpu[c, C_AHEAD] = NOBODY
        return cpu[c, C_ARRIVES] + mach[M_ATOMIC]
    owner = line[ln, L_OWNER]
    if owner == c and behind == 0:
        return t + mach[M_ATOMIC]
    home = line[ln, L_HOME]
    if owner == c:
        cost = mach[M_ATOMIC]
    elif owner != NOBODY:
        cost = _move(mach, cpu, c, owner, home)
    elif line[ln, L_SHARED] == cpu[c, C_SOCKET] or line[ln, L_SHARED] == NOBODY:
        cost = _from_home(mach, cpu, c, home, mach[M_W_SOCKET], mach[M_W_OTHER])
        if line[ln, L_SHARED] == cpu[c, C_SOCKET]:
            cost = mach[M_W_SOCKET]
    else:
        cost = _from_home(mach, cpu, c, home, mach[M_W_OTHER], mach[M_W_OTHER])
    start = max(t, line[ln, L_FREE]) + behind
    done = start + cost
    line[ln, L_FREE] = done
    line[ln, L_BUSY] += cost + behind
    line[ln, L_MOVES] += 1
    out[O_MOVES] += 1
    line[ln, L_OWNER] = c
    line[ln, L_SHARED] = NOBODY
    line[ln, L_EPOCH] += 1
    _copies(cpu, line, slots, c, s)
    return done


@njit(cache=True)
def _prefetch(mach, cpu, line, slots, out, c, s, t):
    """Ask for a line to own and go on; an access before it arrives waits for the same move."""
    done = _own(mach, cpu, line, slots, out, c, s, t, 0)
    cpu[c, C_AHEAD] = slots[c, s, S_LINE]
    cpu[c, C_ARRIVES] = done
    return t + mach[M_HIT]


@njit(cache=True)
def _random(out):
    """Next of a seeded 31-bit sequence."""
    out[O_SEED] = (out[O_SEED] * 1103515245 + 12345) & 0x7FFFFFFF
    return out[O_SEED] >> 8


@njit(cache=True)
def _enqueue(mach, cpu, line, slots, out, c, s, t, want, kind):
    """Put CPU c at the tail of the object's waiters; a poller's costs join the group's sums."""
    ln = slots[c, s, S_LINE]
    cpu[c, C_WANT] = want
    cpu[c, C_NEXT] = NOBODY
    cpu[c, C_SINCE] = t
    if kind >= SLEEP:
        out[O_ASLEEP] += 1
    if line[ln, L_WAITING] == 0:
        line[ln, L_HEAD] = c
    else:
        cpu[line[ln, L_TAIL], C_NEXT] = c
    line[ln, L_TAIL] = c
    line[ln, L_WAITING] += 1
    if kind <= TICKET:
        _join_pollers(mach, cpu, line, slots, c, s)


@njit(cache=True)
def _poll_busy(mach, cpu, c, home, first):
    """How long one re-read by poller c keeps the line busy; `first` of its socket or not."""
    if cpu[c, C_SOCKET] == home or not first:
        return mach[M_R_SOCKET]
    return mach[M_R_BUSY]


@njit(cache=True)
def _poll_rest(mach, cpu, line, c, ln):
    """What a re-read from outside the home takes beyond keeping the line busy."""
    rest = mach[M_R_OTHER] - mach[M_R_BUSY]
    return _from_home(mach, cpu, c, line[ln, L_HOME], 0, max(0, rest))


@njit(cache=True)
def _join_pollers(mach, cpu, line, slots, c, s):
    ln = slots[c, s, S_LINE]
    lead = cpu[c, C_LEADER]
    home = line[ln, L_HOME]
    # one socket's copy serves its pollers; its leader counts those of one line
    if slots[lead, s, S_POLLERS] == 0:
        slots[lead, s, S_POLLED] = ln
    counted = mach[M_COPIES] == 1 and slots[lead, s, S_POLLED] == ln
    first = not counted or slots[lead, s, S_POLLERS] == 0
    line[ln, L_RSUM] += _poll_busy(mach, cpu, c, home, first)
    cpu[c, C_COUNTED] = 1 if counted else 0
    if counted:
        slots[lead, s, S_POLLERS] += 1
    if line[ln, L_WAITING] == 1:
        line[ln, L_POLLED] = cpu[c, C_SOCKET]
    elif line[ln, L_POLLED] != cpu[c, C_SOCKET]:
        line[ln, L_POLLED] = MANY
    cpu[c, C_COST] = _from_home(mach, cpu, c, home, mach[M_W_SOCKET], mach[M_W_OTHER])
    line[ln, L_WSUM] += cpu[c, C_COST]


@njit(cache=True)
def _dequeue(mach, cpu, line, slots, s, ln, kind):
    """Remove and return the oldest waiter."""
    c = line[ln, L_HEAD]
    line[ln, L_HEAD] = cpu[c, C_NEXT]
    line[ln, L_WAITING] -= 1
    if kind <= TICKET:
        lead = cpu[c, C_LEADER]
        home = line[ln, L_HOME]
        if cpu[c, C_COUNTED]:
            slots[lead, s, S_POLLERS] -= 1
        first = not cpu[c, C_COUNTED] or slots[lead, s, S_POLLERS] == 0
        line[ln, L_RSUM] -= _poll_busy(mach, cpu, c, home, first)
        line[ln, L_WSUM] -= cpu[c, C_COST]
    return c


@njit(cache=True)
def _burst(cpu, line, out, ln, total, count):
    """Queue the pollers' transfers behind whatever the line is doing."""
    if count:
        line[ln, L_FREE] += total
        line[ln, L_BUSY] += total
        owner = line[ln, L_OWNER]
        line[ln, L_SHARED] = line[ln, L_POLLED]
        if owner != NOBODY and cpu[owner, C_SOCKET] != line[ln, L_POLLED]:
            line[ln, L_SHARED] = MANY
        line[ln, L_OWNER] = NOBODY
        line[ln, L_MOVES] += count
        out[O_MOVES] += count


@njit(cache=True)
def _idle_exit(mach, idle):
    """Cycles to leave the idle state that a sleep of `idle` cycles reaches."""
    cost = 0
    for i in range(IDLE_STATES):
        if mach[M_IDLE + 2 * i] >= 0 and idle >= mach[M_IDLE + 2 * i]:
            cost = mach[M_IDLE + 2 * i + 1]
    return cost


@njit(cache=True)
def _sleeper_runs(mach, cpu, c, woken):
    """When CPU c, asleep since C_SINCE, runs again if woken at `woken`."""
    asleep = cpu[c, C_SINCE] + mach[M_SLEEP]
    idle = woken - asleep
    if idle <= 0:
        return max(woken, cpu[c, C_SINCE]) + mach[M_RESUME]
    return woken + _idle_exit(mach, idle) + mach[M_RESUME]


@njit(cache=True)
def _grantable(line, ln, want, kind):
    if line[ln, L_WRITER]:
        return False
    if want == 1:
        return line[ln, L_READERS] == 0
    return line[ln, L_WAITING] == 0 or kind == BARGE


@njit(cache=True)
def _grant(line, ln, want):
    if want == 1:
        line[ln, L_WRITER] = 1
    else:
        line[ln, L_READERS] += 1


@njit(cache=True)
def _push(heap, out, t, c):
    """Put CPU c on the heap at time t; equal times keep the order of arrival."""
    n = out[O_HEAP]
    out[O_HEAP] = n + 1
    seq = out[O_STEPS]
    i = n
    while i > 0:
        p = (i - 1) // 2
        if heap[p, 0] < t or (heap[p, 0] == t and heap[p, 1] <= seq):
            break
        heap[i, 0] = heap[p, 0]
        heap[i, 1] = heap[p, 1]
        heap[i, 2] = heap[p, 2]
        i = p
    heap[i, 0] = t
    heap[i, 1] = seq
    heap[i, 2] = c


@njit(cache=True)
def _pop(heap, out):
    """Remove the earliest CPU and leave it in the last free place of the heap."""
    n = out[O_HEAP] - 1
    out[O_HEAP] = n
    t = heap[0, 0]
    c = heap[0, 2]
    lt = heap[n, 0]
    ls = heap[n, 1]
    lc = heap[n, 2]
    i = 0
    while True:
        k = 2 * i + 1
        if k >= n:
            break
        if k + 1 < n and (
            heap[k + 1, 0] < heap[k, 0]
            or (heap[k + 1, 0] == heap[k, 0] and heap[k + 1, 1] < heap[k, 1])
        ):
            k += 1
        if lt < heap[k, 0] or (lt == heap[k, 0] and ls <= heap[k, 1]):
            break
        heap[i, 0] = heap[k, 0]
        heap[i, 1] = heap[k, 1]
        heap[i, 2] = heap[k, 2]
        i = k
    heap[i, 0] = lt
    heap[i, 1] = ls
    heap[i, 2] = lc
    return t, c


@njit(cache=True)
def _take(mach, cpu, line, slots, heap, out, c, s, kind, want, t):
    """One attempt to take a lock at time t; returns when CPU c goes on, or -1 if it waits.

    Stage 0 is the first attempt, an atomic for every kind of lock; stage 1 is a sleeper that
    was woken and must try again.
    """
    ln = slots[c, s, S_LINE]
    stage = cpu[c, C_STAGE]
    cpu[c, C_STAGE] = 0
    behind = line[ln, L_WSUM] if kind == TAS else 0
    done = _own(mach, cpu, line, slots, out, c, s, t, behind)
    if kind in (TTAS, TICKET):
        _burst(cpu, line, out, ln, line[ln, L_RSUM], line[ln, L_WAITING])
    if _grantable(line, ln, want, kind):
        _grant(line, ln, want)
        if stage == 1:
            _dequeue(mach, cpu, line, slots, s, ln, kind)
            line[ln, L_WAKING] = 0
        return done
    if stage == 1:
        line[ln, L_WAKING] = 0
        cpu[c, C_SINCE] = done
        out[O_ASLEEP] += 1
        return -1
    _enqueue(mach, cpu, line, slots, out, c, s, done, want, kind)
    return -1


@njit(cache=True)
def _hand_over(mach, cpu, line, slots, heap, out, s, ln, kind, done, c):
    """Grant the lock to the waiters that may have it; returns when the releaser goes on."""
    first = True
    while line[ln, L_WAITING] and _head_may_run(cpu, line, ln):
        k = line[ln, L_WAITING]
        rsum = line[ln, L_RSUM]
        wsum = line[ln, L_WSUM]
        w = _dequeue(mach, cpu, line, slots, s, ln, kind)
        _grant(line, ln, cpu[w, C_WANT])
        if kind == TICKET:
            if first:
                line[ln, L_FREE] = done
                _burst(cpu, line, out, ln, rsum, k)
            at = done + rsum * (1 + _random(out) % k) // k + _poll_rest(mach, cpu, line, w, ln)
        elif kind == TTAS:
            if first:
                line[ln, L_FREE] = done
                _burst(cpu, line, out, ln, rsum + wsum + line[ln, L_RSUM], 3 * k - 1)
            at = done + rsum + _poll_rest(mach, cpu, line, w, ln) + cpu[w, C_COST]
        elif kind == TAS:
            at = done + cpu[w, C_COST]
            line[ln, L_FREE] = max(line[ln, L_FREE], at)
            line[ln, L_OWNER] = w
        elif kind == MCS:
            at = done + _move(mach, cpu, w, c, cpu[w, C_SOCKET])
            out[O_MOVES] += 1
        else:
            done += mach[M_WAKE]
            out[O_ASLEEP] -= 1
            at = _sleeper_runs(mach, cpu, w, done)
        cpu[w, C_WAITED] += at - cpu[w, C_SINCE]
        _push(heap, out, at, w)
        first = False
        if cpu[w, C_WANT] == 1:
            break
    return done


@njit(cache=True)
def _head_may_run(cpu, line, ln):
    if line[ln, L_WRITER]:
        return False
    return cpu[line[ln, L_HEAD], C_WANT] == 0 or line[ln, L_READERS] == 0


@njit(cache=True)
def _drop(mach, cpu, line, slots, heap, out, c, s, kind, want, t):
    """Release a lock at time t; returns when CPU c goes on."""
    ln = slots[c, s, S_LINE]
    if kind == MCS and want == 1 and line[ln, L_WAITING]:
        done = t + mach[M_ATOMIC]
    else:
        behind = line[ln, L_WSUM] if kind == TAS else 0
        done = _own(mach, cpu, line, slots, out, c, s, t, behind)
    if want == 1:
        line[ln, L_WRITER] = 0
    else:
        line[ln, L_READERS] -= 1
    if kind != BARGE:
        return _hand_over(mach, cpu, line, slots, heap, out, s, ln, kind, done, c)
    if line[ln, L_WAITING] and not line[ln, L_WAKING] and _head_may_run(cpu, line, ln):
        line[ln, L_WAKING] = 1
        done += mach[M_WAKE]
        out[O_ASLEEP] -= 1
        w = line[ln, L_HEAD]
        cpu[w, C_STAGE] = 1
        _push(heap, out, _sleeper_runs(mach, cpu, w, done), w)
    return done


@njit(cache=True)
def _work(mach, cpu, line, slots, quant, out, c, a, t):
    """Local work of mean `a` cycles, plus interrupts that other CPUs sent meanwhile."""
    size = quant.shape[0]
    d = a * quant[_random(out) % size] // 1024
    if cpu[c, C_SMT]:
        d = d * mach[M_SMT] // 1024
    s = mach[M_SHOT_SLOT]
    if s >= 0:
        shots = line[slots[c, s, S_LINE], L_SHOTS]
        d += (shots - cpu[c, C_SHOTS]) * mach[M_IPI_HANDLE]
        cpu[c, C_SHOTS] = shots
    return t + d


@njit(cache=True)
def _memory(mach, line, slots, out, c, s, a, b, t):
    """Move b lines through a memory or bus that serves one at a time; a cycles if idle."""
    ln = slots[c, s, S_LINE]
    start = max(t, line[ln, L_FREE])
    line[ln, L_FREE] = start + b * mach[M_MEM_LINE]
    line[ln, L_BUSY] += b * mach[M_MEM_LINE]
    return start + max(a, b * mach[M_MEM_LINE])


@njit(cache=True)
def _shoot(mach, cpu, line, slots, out, c, s, t):
    """Interrupt the CPUs that run this address space and wait for all answers.

    A CPU that sleeps has let go of the address space and is not interrupted.
    """
    if mach[M_MATES] == 0:
        return t
    awake = max(0, mach[M_MATES] - out[O_ASLEEP])
    line[slots[c, s, S_LINE], L_SHOTS] += 1
    cpu[c, C_SHOTS] += 1
    if awake == 0:
        return t
    return t + mach[M_IPI_FIRST] + mach[M_IPI_EACH] * awake


@njit(cache=True)
def _call(mach, cpu, line, slots, out, c, s, a, b, t):
    """A message to the server whose CPU is the line's owner: queue, serve, reply.

    b is the number of line moves of one queue access (1: the slot itself). The request is
    read by the server and the reply by the client, each a move by way of the queue's home.
    """
    ln = slots[c, s, S_LINE]
    server = line[ln, L_OWNER]
    home = line[ln, L_HOME]
    there = b * _move(mach, cpu, server, c, home)
    back = b * _move(mach, cpu, c, server, home)
    start = max(t + mach[M_ATOMIC], line[ln, L_FREE])
    done = start + there + a + mach[M_ATOMIC]
    line[ln, L_FREE] = done
    line[ln, L_BUSY] += done - start
    line[ln, L_MOVES] += 2 * b
    out[O_MOVES] += 2 * b
    return done + back


@njit(cache=True)
def run(mach, cpu, line, slots, steps, quant, heap, out, warm_ops, stop_ops):
    """Run until `stop_ops` operations are done in all; measure from `warm_ops` on.

    Parameters
    ----------
    mach : int64[M_SIZE]
        Costs of the machine [cycles].
    cpu, line, slots : int64[n, C_SIZE], int64[lines, L_SIZE], int64[n, slots, S_SIZE]
        State, changed in place.
    steps : int64[m, 4]
        The path: kind, slot, a, b; ends with END.
    quant : int64[q]
        Equally likely multipliers of local work [1/1024].
    heap : int64[n, 3]
        Scratch; on entry row i column 0 holds CPU i's first time, negative if it runs nothing.
    out : int64[O_SIZE]
        Seed in, counts out.
    """
    n = cpu.shape[0]
    out[O_HEAP] = 0
    for i in range(n):
        t0 = heap[i, 0]
        if t0 >= 0:
            _push(heap, out, t0, i)
    while out[O_HEAP] > 0:
        t, c = _pop(heap, out)
        out[O_STEPS] += 1
        pc = cpu[c, C_PC]
        kind = steps[pc, 0]
        s = steps[pc, 1]
        a = steps[pc, 2]
        b = steps[pc, 3]
        if kind == TAKE:
            cpu[c, C_PC] = pc + 1
            at = _take(mach, cpu, line, slots, heap, out, c, s, a, b, t)
            if at < 0:
                if a == BARGE:
                    cpu[c, C_PC] = pc
                continue
            _push(heap, out, at, c)
            continue
        cpu[c, C_PC] = pc + 1
        if kind == WORK:
            at = _work(mach, cpu, line, slots, quant, out, c, a, t)
        elif kind == DROP:
            at = _drop(mach, cpu, line, slots, heap, out, c, s, a, b, t)
        elif kind == READ:
            at = _read(mach, cpu, line, slots, out, c, s, t)
        elif kind in (WRITE, RMW):
            at = _own(mach, cpu, line, slots, out, c, s, t, 0)
        elif kind == MEMORY:
            at = _memory(mach, line, slots, out, c, s, a, b, t)
        elif kind == EVERY:
            at = t
            if (cpu[c, C_OPS] + c) % a:
                cpu[c, C_PC] = pc + 1 + b
        elif kind == SHOOT:
            at = _shoot(mach, cpu, line, slots, out, c, s, t)
        elif kind == PREFETCH:
            at = _prefetch(mach, cpu, line, slots, out, c, s, t)
        elif kind == CALL:
            at = _call(mach, cpu, line, slots, out, c, s, a, b, t)
        else:
            cpu[c, C_PC] = 0
            cpu[c, C_OPS] += 1
            cpu[c, C_SINCE] = t
            out[O_OPS] += 1
            at = t
            if out[O_OPS] == warm_ops:
                out[O_START] = t
            if out[O_OPS] >= stop_ops:
                out[O_END] = t
                return
        _push(heap, out, at, c)


def empty_line(home: int) -> list[int]:
    """State of a line nobody has touched, at home in socket `home`."""
    row = [0] * L_SIZE
    row[L_OWNER] = row[L_SHARED] = row[L_HEAD] = row[L_TAIL] = NOBODY
    row[L_HOME] = home
    row[L_EPOCH] = 1
    return row


def arrays(n: int, slots: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Empty state for n CPUs: cpu, slots, heap, out."""
    cpu = np.zeros((n, C_SIZE), np.int64)
    cpu[:, C_NEXT] = NOBODY
    cpu[:, C_AHEAD] = NOBODY
    return (
        cpu,
        np.zeros((n, max(slots, 1), S_SIZE), np.int64),
        np.zeros((n, 3), np.int64),
        np.zeros(O_SIZE, np.int64),
    )
