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

from microbench.ahead.choose import choose


def _numba():
    """No reference counts, no test for a divisor of 0: nothing here allocates or divides by 0."""
    from numba import njit

    from microbench.jit import keeps

    made = njit(cache=keeps(), _nrt=False, error_model="numpy")
    return made, made, int


CHOICE = choose(__name__, _numba)
_jit, _entry = CHOICE.helper, CHOICE.entry

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
    M_POLL,  # the line is busy per waiting core that reads it again
    M_STORM,  # [1/1024] of a move that the line is busy per atomic of a crowd
    M_QUEUE,  # [1/1024] of a move from release to grant of a queued lock, beyond the release
    M_PORT,  # a node's port is busy per line that enters or leaves it
    M_BATCH,  # most requests of one socket that pass those of others which wait
    M_SERVED,  # [1/1024] of a move that the line serves nobody else; before, the request travels
    M_MIDDLE,  # [1/1024] the links between the machine's halves are busy per line that crosses
    M_LOST,  # [1/1024] odds that a request from the socket takes a line before one atomic more
    M_LOST_FAR,  # the same of a request from another socket
    M_PORTS,  # row of the first node's port among the lines; the middle comes after the last
    M_IDLE,  # first of IDLE_STATES pairs (shortest idle time, time to leave)
) = range(37)
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
    C_OPS,
    C_SINCE,
    C_COST,
    C_SHOTS,
    C_LEADER,
    C_WAITED,
    C_AHEAD,
    C_ARRIVES,
    C_COUNTED,
    C_MATE,  # the other CPU of its core, -1 none
    C_TWIN,  # the lowest CPU of its core, which counts the core's pollers
    C_STALL,  # until when it waits for a line, a lock or an answer
    C_ASKED,  # the line it asked for last, -1 none
    C_HAS,  # when it has that
    C_OWNS,  # whether it asked to own it
    C_SEEN,  # value of the line that it read before a compare-and-swap
) = range(23)
C_SIZE = 23
FOR_EVER = 1 << 62

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
    L_SHOTS,  # [1/1024] interrupts that each CPU of the address space was sent
    L_MOVES,
    L_BUSY,
    L_POLLED,
    L_SPENT,  # cycles that CPUs spent getting at it: transfers, queues, waiting for its lock
    L_LAST,  # socket of the last request that waits or is served
    L_BATCH,  # socket whose requests are served now
    L_BATCH_END,  # when the last of them has the line
    L_BATCHED,  # how many of them came past others
    L_VALUE,  # writes so far: a swap that failed, or a prefetch, moves the line and writes nothing
) = range(23)
L_SIZE = 23
NOBODY = -1
MANY = -2
AGAIN = 2  # stage of a swap that failed

# --- fields of a slot (what one CPU knows of the line in that slot) -------------------------
(
    S_LINE,
    S_COPY,
    S_SOCKET_LINE,
    S_SOCKET_COPY,
    S_POLLERS,
    S_POLLED,
    S_CORE_POLLERS,
    S_CORE_POLLED,
) = range(8)
S_SIZE = 8

# --- steps: kind, slot, a, b --------------------------------------------------------------
(WORK, MEMORY, READ, WRITE, RMW, TAKE, DROP, EVERY, SHOOT, CALL, PREFETCH, CAS, END) = range(13)
(TAS, TTAS, TICKET, MCS, SPIN, SLEEP, BARGE) = range(7)
(SHARE, ALONE, SWAP, BLIND) = range(4)  # how a lock is taken; the last two share it by a swap

# --- what comes out -------------------------------------------------------------------------
(O_OPS, O_START, O_END, O_STEPS, O_MOVES, O_SEED, O_HEAP, O_ASLEEP) = range(8)
O_SIZE = 8


@_jit
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


@_jit
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


@_jit
def _from_home(mach, cpu, to, home, inside, outside):
    """Cycles to fetch from the line's home: `inside` the socket or `outside` it."""
    here = cpu[to, C_SOCKET]
    if here == home:
        return inside
    return outside + mach[M_HOP] * (_hops(mach, here, home) - 1)


@_jit
def _copies(cpu, line, slots, c, s):
    """Note that CPU c, and so its socket, now has a valid copy."""
    ln = slots[c, s, S_LINE]
    slots[c, s, S_COPY] = line[ln, L_EPOCH]
    lead = cpu[c, C_LEADER]
    slots[lead, s, S_SOCKET_LINE] = ln
    slots[lead, s, S_SOCKET_COPY] = line[ln, L_EPOCH]


@_jit
def _socket_has(mach, cpu, line, slots, c, s):
    ln = slots[c, s, S_LINE]
    lead = cpu[c, C_LEADER]
    if mach[M_COPIES] == 0:
        return False
    return (
        slots[lead, s, S_SOCKET_LINE] == ln and slots[lead, s, S_SOCKET_COPY] == line[ln, L_EPOCH]
    )


@_jit
def _share(cpu, line, ln, c):
    """Widen the set of sockets that hold copies by CPU c's."""
    here = cpu[c, C_SOCKET]
    if line[ln, L_SHARED] == NOBODY:
        line[ln, L_SHARED] = here
    elif line[ln, L_SHARED] != here:
        line[ln, L_SHARED] = MANY


@_jit
def _port(mach, line, node, t):
    """When a request of time t has passed the node's port: directory and link take one a time."""
    row = mach[M_PORTS] + node
    start = max(t, line[row, L_FREE])
    line[row, L_FREE] = start + mach[M_PORT]
    line[row, L_BUSY] += mach[M_PORT]
    return start


@_jit
def _middle(mach, line, a, b, t):
    """When a line between nodes a and b has passed the middle, if they lie in different halves."""
    nodes = mach[M_NODES]
    if mach[M_MIDDLE] == 0 or (2 * a < nodes) == (2 * b < nodes):
        return t
    row = mach[M_PORTS] + nodes
    start = max(t, line[row, L_FREE])
    parts = line[row, L_RSUM] + mach[M_MIDDLE]  # less than a cycle is carried on
    line[row, L_RSUM] = parts % 1024
    line[row, L_FREE] = start + parts // 1024
    line[row, L_BUSY] += parts // 1024
    return start


@_jit
def _crossing(mach, cpu, line, ln, c, source, t):
    """When a request by CPU c for a line of CPU `source`, or of its home, has passed the links."""
    here = cpu[c, C_SOCKET]
    home = line[ln, L_HOME]
    there = home if source == NOBODY else cpu[source, C_SOCKET]
    if here == there:
        return t
    t = _port(mach, line, home, t)
    if here != home:
        t = _port(mach, line, here, t)
    return _middle(mach, line, here, there, t)


@_jit
def _travels(mach, cost):
    """Cycles of a move in which the request is on its way and the line serves others."""
    return cost - cost * mach[M_SERVED] // 1024


@_jit
def _asked(cpu, ln, c, done, owns):
    """Note until when CPU c's request for a line is under way."""
    cpu[c, C_ASKED] = ln
    cpu[c, C_HAS] = done
    cpu[c, C_OWNS] = owns


@_jit
def _mates(cpu, ln, c, t, owns):
    """When the other thread of c's core has the line that it waits for too, -1 if it does not.

    A core asks for a line once: what both of its threads wait for comes to both.
    """
    mate = cpu[c, C_MATE]
    if mate < 0 or cpu[mate, C_ASKED] != ln or cpu[mate, C_HAS] <= t:
        return -1
    if owns and not cpu[mate, C_OWNS]:
        return -1
    return cpu[mate, C_HAS]


@_jit
def _read(mach, cpu, line, slots, out, c, s, t):
    """Load by CPU c at time t; returns when it is done."""
    ln = slots[c, s, S_LINE]
    if cpu[c, C_AHEAD] == ln and cpu[c, C_ARRIVES] >= t:  # whoever asked since has it after this
        cpu[c, C_AHEAD] = NOBODY
        return cpu[c, C_ARRIVES] + mach[M_HIT]
    owner = line[ln, L_OWNER]
    if owner == c or (owner == NOBODY and slots[c, s, S_COPY] == line[ln, L_EPOCH]):
        return t + mach[M_HIT]
    with_mate = _mates(cpu, ln, c, t, 0)
    if with_mate >= 0:
        if owner == NOBODY:
            _copies(cpu, line, slots, c, s)
        return with_mate + mach[M_R_CORE]
    home = line[ln, L_HOME]
    busy = -1
    travels = 0
    if owner != NOBODY:
        cost = _move(mach, cpu, c, owner, home)
        travels = _travels(mach, cost)
        busy = cost - travels
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
    if cost > mach[M_R_SOCKET]:
        t = _crossing(mach, cpu, line, ln, c, owner, t)
    start = max(t + travels, line[ln, L_FREE])
    line[ln, L_FREE] = start + busy
    line[ln, L_BUSY] += busy
    line[ln, L_MOVES] += 1
    out[O_MOVES] += 1
    _copies(cpu, line, slots, c, s)
    _share(cpu, line, ln, c)
    done = start + cost - travels
    _asked(cpu, ln, c, done, 0)
    return done


@_jit
def _joins(mach, cpu, line, ln, c, t):
    """Whether a request by CPU c at time t is served with those of its socket, before others'.

    The line is in the socket, or on its way there, and requests of other sockets wait.
    """
    if t >= line[ln, L_BATCH_END]:
        line[ln, L_BATCH] = line[ln, L_LAST]
        line[ln, L_BATCH_END] = line[ln, L_FREE]
        line[ln, L_BATCHED] = 0
    here = cpu[c, C_SOCKET]
    return (
        line[ln, L_BATCH] == here
        and line[ln, L_LAST] != here
        and t < line[ln, L_BATCH_END]
        and line[ln, L_BATCHED] < mach[M_BATCH]
    )


@_jit
def _joined(mach, cpu, line, slots, out, c, s, t):
    """When CPU c has the line behind those of its socket; whoever waits, waits longer."""
    ln = slots[c, s, S_LINE]
    travels = _travels(mach, mach[M_W_SOCKET])
    busy = mach[M_W_SOCKET] - travels
    done = max(line[ln, L_BATCH_END], t + travels) + busy
    line[ln, L_FREE] += done - line[ln, L_BATCH_END]
    line[ln, L_BATCH_END] = done
    line[ln, L_BATCHED] += 1
    line[ln, L_BUSY] += busy
    line[ln, L_MOVES] += 1
    out[O_MOVES] += 1
    line[ln, L_EPOCH] += 1
    return done


@_jit
def _shared_request(mach, cpu, line, slots, out, c, s, has):
    """When CPU c is through with a line that came for its core's other thread at `has`."""
    ln = slots[c, s, S_LINE]
    done = has + mach[M_W_CORE]
    line[ln, L_FREE] += mach[M_W_CORE]
    line[ln, L_BUSY] += mach[M_W_CORE]
    line[ln, L_MOVES] += 1
    out[O_MOVES] += 1
    line[ln, L_EPOCH] += 1
    if line[ln, L_OWNER] == cpu[c, C_MATE]:
        line[ln, L_OWNER] = c
        _copies(cpu, line, slots, c, s)
    return done


@_jit
def _own(mach, cpu, line, slots, out, c, s, t, behind):
    """Store or atomic by CPU c at time t, behind `behind` more cycles of others' requests."""
    ln = slots[c, s, S_LINE]
    if cpu[c, C_AHEAD] == ln and cpu[c, C_ARRIVES] >= t:  # asked for ahead, still on its way
        cpu[c, C_AHEAD] = NOBODY
        return cpu[c, C_ARRIVES] + mach[M_ATOMIC]
    owner = line[ln, L_OWNER]
    if owner == c and behind == 0:
        return t + mach[M_ATOMIC]
    with_mate = _mates(cpu, ln, c, t, 1)
    if with_mate >= 0 and behind == 0:
        return _shared_request(mach, cpu, line, slots, out, c, s, with_mate)
    if mach[M_BATCH] and behind == 0 and _joins(mach, cpu, line, ln, c, t):
        return _joined(mach, cpu, line, slots, out, c, s, t)
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
    if cost > mach[M_W_SOCKET]:
        t = _crossing(mach, cpu, line, ln, c, owner, t)
    travels = _travels(mach, cost)
    done = max(t + travels, line[ln, L_FREE]) + behind + cost - travels
    line[ln, L_FREE] = done
    line[ln, L_BUSY] += cost - travels + behind
    line[ln, L_MOVES] += 1
    out[O_MOVES] += 1
    line[ln, L_OWNER] = c
    line[ln, L_SHARED] = NOBODY
    line[ln, L_EPOCH] += 1
    line[ln, L_LAST] = cpu[c, C_SOCKET]
    _copies(cpu, line, slots, c, s)
    _asked(cpu, ln, c, done, 1)
    return done


@_jit
def _prefetch(mach, cpu, line, slots, out, c, s, t):
    """Ask for a line to own and go on; an access before it arrives waits for the same move."""
    done = _own(mach, cpu, line, slots, out, c, s, t, 0)
    cpu[c, C_AHEAD] = slots[c, s, S_LINE]
    cpu[c, C_ARRIVES] = done
    return t + mach[M_HIT]


@_jit
def _random(out):
    """Next of a seeded 31-bit sequence."""
    out[O_SEED] = (out[O_SEED] * 1103515245 + 12345) & 0x7FFFFFFF
    return out[O_SEED] >> 8


@_jit
def _kept(mach, cpu, line, out, ln, c):
    """Whether a line that others have asked for is still at CPU c for one atomic more.

    The request is there before that with odds that hang on whether it comes from this socket.
    """
    near = line[ln, L_SHARED] if line[ln, L_OWNER] == NOBODY else line[ln, L_LAST]
    odds = mach[M_LOST] if near == cpu[c, C_SOCKET] else mach[M_LOST_FAR]
    return _random(out) % 1024 >= odds


@_jit
def _swap(mach, cpu, line, slots, out, c, s, t):
    """One try of CPU c to swap the line's word if it is what it saw; stage AGAIN if it was not.

    The failed try has brought the line and its value. The next one is local if nobody asked
    meanwhile, or if the line is kept; otherwise it queues, and somebody will have written.
    """
    ln = slots[c, s, S_LINE]
    if cpu[c, C_STAGE] == AGAIN and line[ln, L_FREE] > t and _kept(mach, cpu, line, out, ln, c):
        cpu[c, C_STAGE] = 0
        line[ln, L_FREE] += mach[M_ATOMIC]
        line[ln, L_BUSY] += mach[M_ATOMIC]
        line[ln, L_VALUE] += 1
        return t + mach[M_ATOMIC]
    failed = line[ln, L_VALUE] != cpu[c, C_SEEN]
    done = _polled_own(mach, cpu, line, slots, out, c, s, t, 0)
    cpu[c, C_STAGE] = AGAIN if failed else 0
    line[ln, L_VALUE] -= failed
    cpu[c, C_SEEN] = line[ln, L_VALUE]
    return done


@_jit
def _sleeps(kind, want):
    """Whether a waiter lets go of its CPU; of a spinning semaphore only readers do."""
    return kind >= SLEEP or (kind == SPIN and want == 0)


@_jit
def _enqueue(mach, cpu, line, slots, out, c, s, t, want, kind):
    """Put CPU c at the tail of the object's waiters; a poller's costs join the group's sums."""
    ln = slots[c, s, S_LINE]
    cpu[c, C_WANT] = want
    cpu[c, C_NEXT] = NOBODY
    cpu[c, C_SINCE] = t
    cpu[c, C_STALL] = FOR_EVER
    if _sleeps(kind, want):
        out[O_ASLEEP] += 1
    if line[ln, L_WAITING] == 0:
        line[ln, L_HEAD] = c
    else:
        cpu[line[ln, L_TAIL], C_NEXT] = c
    line[ln, L_TAIL] = c
    line[ln, L_WAITING] += 1
    if kind <= TICKET:
        _join_pollers(mach, cpu, line, slots, c, s)


@_jit
def _poll_busy(mach, cpu, c, home, first_of_socket, first_of_core):
    """How long one re-read by poller c keeps the line busy: once per core, dearer from afar."""
    if not first_of_core:
        return 0
    if cpu[c, C_SOCKET] == home or not first_of_socket:
        return mach[M_POLL]
    return mach[M_R_BUSY]


@_jit
def _poll_rest(mach, cpu, line, c, ln):
    """What a re-read from outside the home takes beyond keeping the line busy."""
    rest = mach[M_R_OTHER] - mach[M_R_BUSY]
    return _from_home(mach, cpu, c, line[ln, L_HOME], 0, max(0, rest))


@_jit
def _join_pollers(mach, cpu, line, slots, c, s):
    """Add CPU c to those who poll the line; its core and its socket are counted once."""
    ln = slots[c, s, S_LINE]
    lead = cpu[c, C_LEADER]
    twin = cpu[c, C_TWIN]
    home = line[ln, L_HOME]
    if slots[lead, s, S_POLLERS] == 0:
        slots[lead, s, S_POLLED] = ln
    if slots[twin, s, S_CORE_POLLERS] == 0:
        slots[twin, s, S_CORE_POLLED] = ln
    counted = mach[M_COPIES] == 1 and slots[lead, s, S_POLLED] == ln
    paired = slots[twin, s, S_CORE_POLLED] == ln
    first_of_socket = not counted or slots[lead, s, S_POLLERS] == 0
    first_of_core = not paired or slots[twin, s, S_CORE_POLLERS] == 0
    line[ln, L_RSUM] += _poll_busy(mach, cpu, c, home, first_of_socket, first_of_core)
    cpu[c, C_COUNTED] = counted + 2 * paired
    slots[lead, s, S_POLLERS] += counted
    slots[twin, s, S_CORE_POLLERS] += paired
    if line[ln, L_WAITING] == 1:
        line[ln, L_POLLED] = cpu[c, C_SOCKET]
    elif line[ln, L_POLLED] != cpu[c, C_SOCKET]:
        line[ln, L_POLLED] = MANY
    cpu[c, C_COST] = _from_home(mach, cpu, c, home, mach[M_W_SOCKET], mach[M_W_OTHER])
    line[ln, L_WSUM] += cpu[c, C_COST] * mach[M_STORM] // 1024


@_jit
def _leave_pollers(mach, cpu, line, slots, c, s):
    ln = slots[c, s, S_LINE]
    lead = cpu[c, C_LEADER]
    twin = cpu[c, C_TWIN]
    counted = cpu[c, C_COUNTED] & 1
    paired = cpu[c, C_COUNTED] >> 1
    slots[lead, s, S_POLLERS] -= counted
    slots[twin, s, S_CORE_POLLERS] -= paired
    first_of_socket = not counted or slots[lead, s, S_POLLERS] == 0
    first_of_core = not paired or slots[twin, s, S_CORE_POLLERS] == 0
    line[ln, L_RSUM] -= _poll_busy(mach, cpu, c, line[ln, L_HOME], first_of_socket, first_of_core)
    line[ln, L_WSUM] -= cpu[c, C_COST] * mach[M_STORM] // 1024


@_jit
def _dequeue(mach, cpu, line, slots, s, ln, kind):
    """Remove and return the oldest waiter."""
    c = line[ln, L_HEAD]
    line[ln, L_HEAD] = cpu[c, C_NEXT]
    line[ln, L_WAITING] -= 1
    if kind <= TICKET:
        _leave_pollers(mach, cpu, line, slots, c, s)
    return c


@_jit
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


@_jit
def _polled_own(mach, cpu, line, slots, out, c, s, t, behind):
    """Store or atomic on a line that others may poll: they all read it again.

    Reads that still wait for the line get the new value, so they are not waited for twice.
    """
    ln = slots[c, s, S_LINE]
    polls = line[ln, L_RSUM]
    queued = min(polls, max(0, line[ln, L_FREE] - t))
    done = _own(mach, cpu, line, slots, out, c, s, t, behind)
    line[ln, L_VALUE] += 1
    if polls and behind == 0:
        _burst(cpu, line, out, ln, polls - queued, line[ln, L_WAITING])
    return done


@_jit
def _idle_exit(mach, idle):
    """Mean cycles to leave idleness after `idle` cycles of it.

    The governor predicts with an error as wide as the sleep itself: it takes a state of
    shortest stay s with odds of idle to s, so no state sets in at once.
    """
    cost = 0
    above = 0
    for i in range(IDLE_STATES):
        stay = mach[M_IDLE + 2 * i]
        if stay >= 0 and idle > 0:
            leave = mach[M_IDLE + 2 * i + 1]
            cost += (leave - above) * idle // (idle + stay)
            above = leave
    return cost


@_jit
def _sleeper_runs(mach, cpu, c, woken):
    """When CPU c, asleep since C_SINCE, runs again if woken at `woken`."""
    asleep = cpu[c, C_SINCE] + mach[M_SLEEP]
    idle = woken - asleep
    if idle <= 0:
        return max(woken, cpu[c, C_SINCE]) + mach[M_RESUME]
    return woken + _idle_exit(mach, idle) + mach[M_RESUME]


@_jit
def _grantable(line, ln, want, kind):
    if line[ln, L_WRITER]:
        return False
    if want == 1:
        return line[ln, L_READERS] == 0
    return line[ln, L_WAITING] == 0 or kind == BARGE


@_jit
def _grant(line, ln, want):
    if want == 1:
        line[ln, L_WRITER] = 1
    else:
        line[ln, L_READERS] += 1


@_jit
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


@_jit
def _sink(heap, n, t, seq, c):
    """Put CPU c where it belongs below the root of the first n places, whose own is free."""
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
        if t < heap[k, 0] or (t == heap[k, 0] and seq <= heap[k, 1]):
            break
        heap[i, 0] = heap[k, 0]
        heap[i, 1] = heap[k, 1]
        heap[i, 2] = heap[k, 2]
        i = k
    heap[i, 0] = t
    heap[i, 1] = seq
    heap[i, 2] = c


@_jit
def _pop(heap, out):
    """Remove the earliest CPU."""
    n = out[O_HEAP] - 1
    out[O_HEAP] = n
    _sink(heap, n, heap[n, 0], heap[n, 1], heap[n, 2])


@_jit
def _again(heap, out, t, c):
    """Give the earliest CPU, c, its next time t: as removed and put on the heap again."""
    _sink(heap, out[O_HEAP], t, out[O_STEPS], c)


@_jit
def _take(mach, cpu, line, slots, heap, out, c, s, kind, how, t):
    """One attempt to take a lock at time t; returns when CPU c goes on, or -1 if it waits.

    Stage 0 is the first attempt, an atomic for every kind of lock, or a compare-and-swap, of
    which AGAIN is the next try; stage 1 is a sleeper that was woken and must try again.
    """
    ln = slots[c, s, S_LINE]
    stage = cpu[c, C_STAGE]
    behind = line[ln, L_WSUM] if kind == TAS and how < SWAP else 0
    if how >= SWAP and stage != 1:
        if how == BLIND and stage == 0:  # it expects an unlocked word
            cpu[c, C_SEEN] = line[ln, L_VALUE] if line[ln, L_READERS] == 0 else NOBODY
        done = _swap(mach, cpu, line, slots, out, c, s, t)
        if cpu[c, C_STAGE] == AGAIN:
            line[ln, L_SPENT] += done - t
            return done
    else:
        done = _polled_own(mach, cpu, line, slots, out, c, s, t, behind)
    cpu[c, C_STAGE] = 0
    want = 1 if how == ALONE else 0
    line[ln, L_FREE] -= behind  # the crowd's atomics go on whether c is among them or not
    if _grantable(line, ln, want, kind):
        _grant(line, ln, want)
        if stage == 1:
            _dequeue(mach, cpu, line, slots, s, ln, kind)
            line[ln, L_WAKING] = 0
            line[ln, L_SPENT] += t - cpu[c, C_SINCE]
        line[ln, L_SPENT] += done - t
        return done
    line[ln, L_SPENT] += done - t
    if stage == 1:
        line[ln, L_WAKING] = 0
        line[ln, L_SPENT] += t - cpu[c, C_SINCE]
        cpu[c, C_SINCE] = done
        cpu[c, C_STALL] = FOR_EVER
        out[O_ASLEEP] += 1
        return -1
    _enqueue(mach, cpu, line, slots, out, c, s, done, want, kind)
    return -1


@_jit
def _polled_grant(mach, cpu, line, out, w, ln, kind, done, rsum, k):
    """When waiter w, polling, holds the lock that was released at `done`.

    The reads of all k pollers queue at the line; w's is any of them. With test-and-test-and-set
    those who read before w's atomic is through try, too: they delay nothing but the line.
    """
    at = done + rsum * (1 + _random(out) % k) // k + _poll_rest(mach, cpu, line, w, ln)
    line[ln, L_FREE] = done
    if kind == TICKET:
        _burst(cpu, line, out, ln, rsum, k)
        return at
    at += cpu[w, C_COST]
    tried = min(k - 1, k * cpu[w, C_COST] // max(1, rsum))
    crowd = tried * cpu[w, C_COST] * mach[M_STORM] // 1024
    line[ln, L_FREE] = at
    _burst(cpu, line, out, ln, crowd + line[ln, L_RSUM], 2 * k - 1 + tried)
    return at


@_jit
def _queued_grant(mach, cpu, line, out, w, c, ln, done):
    """When waiter w holds a queued lock: the flag's line comes to it, then it writes the word."""
    at = done + _move(mach, cpu, w, c, cpu[w, C_SOCKET]) * mach[M_QUEUE] // 1024
    line[ln, L_FREE] = max(line[ln, L_FREE], at)
    line[ln, L_BUSY] += at - done
    line[ln, L_OWNER] = NOBODY  # the next in the queue watches the word
    line[ln, L_SHARED] = cpu[w, C_SOCKET]
    if line[ln, L_WAITING] and cpu[line[ln, L_HEAD], C_SOCKET] != cpu[w, C_SOCKET]:
        line[ln, L_SHARED] = MANY
    line[ln, L_EPOCH] += 1
    line[ln, L_MOVES] += 2
    out[O_MOVES] += 2
    return at


@_jit
def _hand_over(mach, cpu, line, slots, heap, out, s, ln, kind, done, c):
    """Grant the lock to the waiters that may have it; returns when the releaser goes on."""
    while line[ln, L_WAITING] and _head_may_run(cpu, line, ln):
        k = line[ln, L_WAITING]
        rsum = line[ln, L_RSUM]
        w = _dequeue(mach, cpu, line, slots, s, ln, kind)
        want = cpu[w, C_WANT]
        _grant(line, ln, want)
        if kind in (TICKET, TTAS):
            at = _polled_grant(mach, cpu, line, out, w, ln, kind, done, rsum, k)
        elif kind == TAS:
            at = done + cpu[w, C_COST]
            line[ln, L_FREE] = max(line[ln, L_FREE], at)
            line[ln, L_OWNER] = w
        elif not _sleeps(kind, want):
            at = _queued_grant(mach, cpu, line, out, w, c, ln, done)
        else:
            done += mach[M_WAKE]
            out[O_ASLEEP] -= 1
            at = _sleeper_runs(mach, cpu, w, done)
        cpu[w, C_WAITED] += at - cpu[w, C_SINCE]
        line[ln, L_SPENT] += at - cpu[w, C_SINCE]
        cpu[w, C_STALL] = at
        _answered(mach, cpu, line, slots, w)
        _push(heap, out, at, w)
        if want == 1:
            break
    return done


@_jit
def _answered(mach, cpu, line, slots, c):
    """Interrupts that came while CPU c waited have been taken while it waited."""
    s = mach[M_SHOT_SLOT]
    if s >= 0:
        cpu[c, C_SHOTS] = line[slots[c, s, S_LINE], L_SHOTS]


@_jit
def _head_may_run(cpu, line, ln):
    if line[ln, L_WRITER]:
        return False
    return cpu[line[ln, L_HEAD], C_WANT] == 0 or line[ln, L_READERS] == 0


@_jit
def _drop(mach, cpu, line, slots, heap, out, c, s, kind, want, t):
    """Release a lock at time t; returns when CPU c goes on."""
    ln = slots[c, s, S_LINE]
    behind = line[ln, L_WSUM] if kind == TAS else 0
    done = _own(mach, cpu, line, slots, out, c, s, t, behind)
    line[ln, L_VALUE] += 1
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
        at = _sleeper_runs(mach, cpu, w, done)
        cpu[w, C_STALL] = at
        _answered(mach, cpu, line, slots, w)
        _push(heap, out, at, w)
    return done


@_jit
def _work(mach, cpu, line, slots, quant, out, c, a, t):
    """Local work of mean `a` cycles, plus interrupts that other CPUs sent meanwhile."""
    size = quant.shape[0]
    d = a * quant[_random(out) % size] // 1024
    mate = cpu[c, C_MATE]
    if mate >= 0:  # alone on the core while the sibling waits
        alone = min(d, max(0, cpu[mate, C_STALL] - t))
        d = alone + (d - alone) * mach[M_SMT] // 1024
    s = mach[M_SHOT_SLOT]
    if s >= 0:
        shots = line[slots[c, s, S_LINE], L_SHOTS]
        d += (shots - cpu[c, C_SHOTS]) * mach[M_IPI_HANDLE] // 1024
        cpu[c, C_SHOTS] = shots
    return t + d


@_jit
def _memory(mach, line, slots, out, c, s, a, b, t):
    """Move b lines through a memory or bus that serves one at a time; a cycles if idle."""
    ln = slots[c, s, S_LINE]
    start = max(t, line[ln, L_FREE])
    line[ln, L_FREE] = start + b * mach[M_MEM_LINE]
    line[ln, L_BUSY] += b * mach[M_MEM_LINE]
    return start + max(a, b * mach[M_MEM_LINE])


@_jit
def _shoot(mach, cpu, line, slots, out, c, s, most, t):
    """Interrupt up to `most` CPUs of this address space (0: all) and wait for all answers.

    Stage 0 sends to one CPU after the other. Stage 1 has taken what others sent meanwhile and
    waits: every target takes interrupts in order, so this one waits for those before it, and
    for what the targets send themselves. Stage 2 has the answers, and took what came while it
    waited. A CPU that sleeps has let go of the address space and is not interrupted. Of a
    smaller set of targets each CPU takes its share.
    """
    stage = cpu[c, C_STAGE]
    cpu[c, C_STAGE] = 0
    ln = slots[c, s, S_LINE]
    if stage == 2:
        _answered(mach, cpu, line, slots, c)
        return t
    awake = max(0, mach[M_MATES] - out[O_ASLEEP])
    targets = min(most, awake) if most else awake
    if stage == 1:
        cpu[c, C_STAGE] = 2
        t += (line[ln, L_SHOTS] - cpu[c, C_SHOTS]) * mach[M_IPI_HANDLE] // 1024
        start = max(t, line[ln, L_FREE])
        share = 1024 * targets // max(1, awake)
        busy = (
            mach[M_IPI_HANDLE] * share + 1024 * mach[M_IPI_EACH] * targets // (awake + 1)
        ) // 1024
        line[ln, L_SHOTS] += share
        line[ln, L_FREE] = start + busy
        line[ln, L_BUSY] += busy
        return start + mach[M_IPI_HANDLE] + mach[M_IPI_FIRST]
    if targets == 0:
        return t
    cpu[c, C_STAGE] = 1
    return t + mach[M_IPI_EACH] * targets


@_jit
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
    t = _middle(mach, line, cpu[server, C_SOCKET], cpu[c, C_SOCKET], t + mach[M_ATOMIC])
    start = max(t, line[ln, L_FREE])
    done = start + there + a + mach[M_ATOMIC]
    line[ln, L_FREE] = done
    line[ln, L_BUSY] += done - start
    line[ln, L_MOVES] += 2 * b
    out[O_MOVES] += 2 * b
    return _middle(mach, line, cpu[c, C_SOCKET], cpu[server, C_SOCKET], done) + back


@_entry
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
        t = heap[0, 0]
        c = heap[0, 2]
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
                _pop(heap, out)
                continue
            if cpu[c, C_STAGE] == AGAIN:
                cpu[c, C_PC] = pc
            cpu[c, C_STALL] = at
            _again(heap, out, at, c)
            continue
        cpu[c, C_PC] = pc + 1
        if kind == WORK:
            at = _work(mach, cpu, line, slots, quant, out, c, a, t)
        elif kind == DROP:
            at = _drop(mach, cpu, line, slots, heap, out, c, s, a, b, t)
        elif kind == READ:
            at = _read(mach, cpu, line, slots, out, c, s, t)
            cpu[c, C_SEEN] = line[slots[c, s, S_LINE], L_VALUE]
        elif kind in (WRITE, RMW):
            at = _polled_own(mach, cpu, line, slots, out, c, s, t, 0)
        elif kind == MEMORY:
            at = _memory(mach, line, slots, out, c, s, a, b, t)
        elif kind == EVERY:
            at = t
            if (cpu[c, C_OPS] + c) % a:
                cpu[c, C_PC] = pc + 1 + b
        elif kind == SHOOT:
            at = _shoot(mach, cpu, line, slots, out, c, s, a, t)
            if cpu[c, C_STAGE]:
                cpu[c, C_PC] = pc
        elif kind == PREFETCH:
            at = _prefetch(mach, cpu, line, slots, out, c, s, t)
        elif kind == CAS:
            at = _swap(mach, cpu, line, slots, out, c, s, t)
            if cpu[c, C_STAGE]:
                cpu[c, C_PC] = pc
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
        if kind == MEMORY:
            line[slots[c, s, S_LINE], L_SPENT] += max(0, at - t - a)
        elif kind not in (WORK, EVERY, END):
            cpu[c, C_STALL] = at
            line[slots[c, s, S_LINE], L_SPENT] += at - t
        _again(heap, out, at, c)


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
    cpu[:, C_NEXT] = cpu[:, C_AHEAD] = cpu[:, C_MATE] = cpu[:, C_ASKED] = NOBODY
    cpu[:, C_TWIN] = np.arange(n)
    return (
        cpu,
        np.zeros((n, max(slots, 1), S_SIZE), np.int64),
        np.zeros((n, 3), np.int64),
        np.zeros(O_SIZE, np.int64),
    )
