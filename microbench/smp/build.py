"""An operation on a machine for n CPUs, as the engine's arrays.

Knows: which CPUs share which object (scope), where a CPU sits, which engine step a word of
the path is. Refuses to know: what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microbench.errors import UsageError
from microbench.smp import engine as e
from microbench.smp.costs import costs, far_interrupts
from microbench.smp.machine import SmpMachine
from microbench.smp.path import CLEAR, Operation

LOCKS = {
    "tas": e.TAS,
    "ttas": e.TTAS,
    "ticket": e.TICKET,
    "mcs": e.MCS,
    "spin": e.SPIN,
    "sleep": e.SLEEP,
    "sleep-barge": e.BARGE,
}
SHARINGS = {
    "process": frozenset({"process"}),
    "none": frozenset(),
    "region": frozenset({"process", "region"}),
    "file": frozenset({"process", "file"}),
}
"""What the CPUs share: one process with own regions and files (threads), nothing (separate
processes), one process and one region, one process and one file."""
SPREADS = ("even", "exponential", "none")
MEMORY_OBJECT = "memory"
SHOTS_OBJECT = "shoot-downs"
ORDERS = ("fill", "spread", "siblings")
GROUP = 4
"""CPUs in a group."""


@dataclass(frozen=True)
class Setup:
    """How an operation is run: everything but the operation and the machine.

    Attributes
    ----------
    shared : str
        Key of `SHARINGS`.
    order : str
        "fill" one socket after the other, "spread" over sockets, one per core first, or
        "siblings" both threads of a core first.
    idle_states : int
        Idle states that a sleep may reach; all of the machine's by default.
    spread : str
        Local work "even" from half to one and a half times its mean, "exponential" or "none".
    seed : int
        Seed of the work times, printed with results.
    scale : float
        Factor on all local work, from the one-CPU cost.
    """

    shared: str = "process"
    order: str = "fill"
    spread: str = "exponential"
    seed: int = 1
    scale: float = 1.0
    idle_states: int = e.IDLE_STATES


@dataclass
class Arrays:
    """Arguments of `engine.run`, and the names of the slots."""

    mach: np.ndarray
    cpu: np.ndarray
    line: np.ndarray
    slots: np.ndarray
    steps: np.ndarray
    quant: np.ndarray
    heap: np.ndarray
    out: np.ndarray
    names: list[str]


def build(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> Arrays:
    """Arrays for n CPUs running `op` all at once.

    Raises
    ------
    UsageError
        If the machine has fewer CPUs or a word of `setup` is unknown.
    """
    _check(machine, n, setup)
    names = [*op.objects, MEMORY_OBJECT, SHOTS_OBJECT]
    servers = 1 if any(o.kind == "server" for o in op.objects.values()) else 0
    cpu, slots, heap, out = e.arrays(n + servers, len(names))
    seats = _seats(machine, n, setup.order)
    machine = machine.running(_busy(machine, seats))
    _seat(cpu, machine, seats, servers)
    line = _lines(op, machine, cpu, slots, n, setup)
    steps = _steps(op, names, setup.scale, machine)
    shot_slot = names.index(SHOTS_OBJECT) if shoots(op) else -1
    mach = costs(machine, _mates(n, setup), shot_slot, setup.idle_states)
    mach[e.M_PORTS] = len(line) - machine.nodes - 1
    far_interrupts(op, mach, cpu, n)
    _first_times(heap, n, steps, setup.seed)
    out[e.O_SEED] = setup.seed
    return Arrays(mach, cpu, line, slots, steps, _quantiles(setup.spread), heap, out, names)


def _check(machine: SmpMachine, n: int, setup: Setup) -> None:
    most = machine.count("topology.cpus")
    if not 1 <= n <= most:
        raise UsageError(f"--cpus {n}: {machine.name} has 1 to {most}")
    if setup.shared not in SHARINGS:
        raise UsageError(f"--shared {setup.shared}: one of {', '.join(SHARINGS)}")
    if setup.order not in ORDERS or setup.spread not in SPREADS:
        raise UsageError(f"{setup.order}, {setup.spread}: unknown CPU order or spread")


def shoots(op: Operation) -> bool:
    """Whether the operation interrupts other CPUs."""
    return any(word.partition(" ")[0] == "shoot" for word in op.path)


def _mates(n: int, setup: Setup) -> int:
    return n - 1 if "process" in SHARINGS[setup.shared] else 0


def _seats(machine: SmpMachine, n: int, order: str) -> np.ndarray:
    """Hardware thread number of each of the n CPUs, int64[n].

    Threads of a core are neighbours in this numbering. Both orders use every core of what
    they fill before any second thread; "spread" takes sockets in turn.
    """
    total = machine.count("topology.cpus")
    tpc = machine.count("topology.threads_per_core")
    size = machine.count("topology.cpus_per_socket")
    if order == "siblings":
        seats = np.arange(total)
    elif order == "fill":
        in_socket = np.arange(size).reshape(-1, tpc).T.ravel()
        seats = (np.arange(0, total, size)[:, None] + in_socket[None, :]).ravel()
    else:
        cores = np.arange(0, size, tpc)
        sockets = np.arange(0, total, size)
        first = (cores[:, None] + sockets[None, :]).ravel()
        seats = np.concatenate([first + k for k in range(tpc)])
    return seats[:n].astype(np.int64)


def _busy(machine: SmpMachine, seats: np.ndarray) -> int:
    """Cores at work in the socket that has most of them."""
    cores = np.unique(seats // machine.count("topology.threads_per_core"))
    size = machine.count("topology.cpus_per_socket") // machine.count("topology.threads_per_core")
    return int(np.bincount(cores // size).max())


def _seat(cpu: np.ndarray, machine: SmpMachine, seats: np.ndarray, servers: int) -> None:
    total = machine.count("topology.cpus")
    size = machine.count("topology.cpus_per_socket")
    tpc = machine.count("topology.threads_per_core")
    everyone = np.concatenate([seats, np.full(servers, total - 1, np.int64)])
    cpu[:, e.C_SOCKET] = everyone // size
    cpu[:, e.C_CLUSTER] = everyone // machine.count("topology.cpus_per_cluster")
    cpu[:, e.C_CORE] = everyone // tpc
    _, first, inverse = np.unique(everyone // size, return_index=True, return_inverse=True)
    cpu[:, e.C_LEADER] = first[inverse]
    _, first, inverse = np.unique(seats // tpc, return_index=True, return_inverse=True)
    cpu[: len(seats), e.C_TWIN] = first[inverse]
    _mates_of(cpu, inverse)


def _mates_of(cpu: np.ndarray, core: np.ndarray) -> None:
    """Point each CPU at the next one of its core; one alone on its core has no mate."""
    order = np.argsort(core, kind="stable")
    for a, b in zip(order, np.roll(order, -1), strict=True):
        if a != b and core[a] == core[b]:
            cpu[a, e.C_MATE] = b
            cpu[b, e.C_MATE] = a if cpu[b, e.C_MATE] == e.NOBODY else cpu[b, e.C_MATE]


def _instance(scope: str, c: int, socket: int, shared: frozenset[str]) -> int:
    """Which of the objects of a scope CPU c uses."""
    if scope == "node":
        return socket
    if scope in ("system", "family"):
        return 0
    if scope == "cpu":
        return c
    if scope == "group":
        return c // GROUP
    return 0 if scope in shared else c


def _lines(
    op: Operation,
    machine: SmpMachine,
    cpu: np.ndarray,
    slots: np.ndarray,
    n: int,
    setup: Setup,
) -> np.ndarray:
    """One line per instance of each object, at home where it was first used."""
    shared = SHARINGS[setup.shared]
    memory_scope = "node" if machine.memory == "node" else "system"
    places = [(o.scope, o.kind, o.home) for o in op.objects.values()]
    places += [(memory_scope, "line", "first"), ("process", "line", "first")]
    sockets = [int(x) for x in cpu[:, e.C_SOCKET]]
    rows: list[list[int]] = []
    for s, (scope, kind, home) in enumerate(places):
        seen: dict[int, int] = {}
        for c in range(n):
            key = _instance(scope, c, sockets[c], shared)
            if key not in seen:
                seen[key] = len(rows)
                rows.append(_line(kind, home, key, scope, c, sockets, n, machine))
            slots[c, s, e.S_LINE] = seen[key]
        slots[n:, s, e.S_LINE] = seen[min(seen)]
    line = np.array(rows, np.int64)
    _warm(cpu, line, slots, n)
    ports = [e.empty_line(node) for node in range(machine.nodes + 1)]  # and the middle
    return np.concatenate([line, np.array(ports, np.int64)])


def _warm(cpu: np.ndarray, line: np.ndarray, slots: np.ndarray, n: int) -> None:
    """Start with every CPU having read every line it uses, so that no cold miss is measured."""
    slots[:n, :, e.S_COPY] = 1
    leaders = cpu[:n, e.C_LEADER]
    slots[leaders, :, e.S_SOCKET_LINE] = slots[:n, :, e.S_LINE]
    slots[leaders, :, e.S_SOCKET_COPY] = 1
    for s in range(slots.shape[1]):
        lowest = np.full(len(line), np.iinfo(np.int64).max)
        highest = np.full(len(line), -1)
        np.minimum.at(lowest, slots[:n, s, e.S_LINE], cpu[:n, e.C_SOCKET])
        np.maximum.at(highest, slots[:n, s, e.S_LINE], cpu[:n, e.C_SOCKET])
        used = highest >= 0
        line[used, e.L_SHARED] = np.where(lowest[used] == highest[used], highest[used], e.MANY)


def _line(
    kind: str,
    home: str,
    key: int,
    scope: str,
    c: int,
    sockets: list[int],
    n: int,
    machine: SmpMachine,
) -> list[int]:
    """A fresh line of CPU c's instance `key`; a server's line is owned by the CPU that serves."""
    server = len(sockets) - 1
    if scope == "group" and n > GROUP:
        server = (key + 1) * GROUP if (key + 1) * GROUP < n else 0
    at = sockets[c]
    if home == "server":
        at = sockets[server]
    elif home == "interleave":
        at = (machine.nodes // 2 + 7 * key) % machine.nodes
    row = e.empty_line(at)
    if kind == "server":
        row[e.L_OWNER] = server
    return row


def page(machine: SmpMachine, word: str) -> tuple[int, int]:
    """Cycles to clear a page of the machine, and its lines.

    A line of a page that is not in the caches costs what was measured; as one in them otherwise.
    """
    lines = machine.count("page.lines")
    key = CLEAR[word] if CLEAR[word] in machine.numbers else CLEAR["clear_page"]
    return round(lines * machine.exact(machine.numbers[key])), lines


def _steps(op: Operation, names: list[str], scale: float, machine: SmpMachine) -> np.ndarray:
    """The path as engine steps, int64[m, 4]."""
    steps: list[list[int]] = []
    mode: dict[str, int] = {}
    opened: list[int] = []
    words = (w for w in op.path if machine.prefetch_owns or not w.startswith("prefetch "))
    before = ""
    for word in words:
        first, _, rest = word.partition(" ")
        if word == "end":
            at = opened.pop()
            steps[at][3] = len(steps) - at - 1
        elif first == "every":
            opened.append(len(steps))
            steps.append([e.EVERY, 0, int(op.every[rest.removesuffix(":")].value), 0])
        elif word in CLEAR:
            cycles, lines = page(machine, word)
            spent = max(1, round(cycles * scale))
            steps.append([e.MEMORY, names.index(MEMORY_OBJECT), spent, lines])
        else:
            if first == "cas":
                steps.append(_step(op, names, f"read {rest}", scale, mode))
            steps.append(_step(op, names, word, scale / machine.boost, mode))
            if first == "swap" and before != f"read {rest}":
                steps[-1][3] = e.BLIND
        before = word
    steps.append([e.END, 0, 0, 0])
    return np.array(steps, np.int64)


def _step(
    op: Operation, names: list[str], word: str, scale: float, mode: dict[str, int]
) -> list[int]:
    first, _, rest = word.partition(" ")
    if word in op.parts:
        cycles = max(1, round(op.parts[word].value * scale))
        if word in op.lines:
            return [e.MEMORY, names.index(MEMORY_OBJECT), cycles, int(op.lines[word].value)]
        return [e.WORK, 0, cycles, 0]
    if first == "shoot":
        return [e.SHOOT, names.index(SHOTS_OBJECT), int(op.targets[rest].value) if rest else 0, 0]
    if first == "call":
        server, part = rest.split()
        return [e.CALL, names.index(server), max(1, round(op.parts[part].value * scale)), 1]
    slot = names.index(rest)
    if first in HOW:
        mode[rest] = e.ALONE if first == "take" else e.SHARE
        return [e.TAKE, slot, LOCKS[op.objects[rest].kind], HOW[first]]
    if first == "drop":
        return [e.DROP, slot, LOCKS[op.objects[rest].kind], mode.get(rest, e.ALONE)]
    return [_ACCESS[first], slot, 0, 0]


HOW = {"take": e.ALONE, "share": e.SHARE, "swap": e.SWAP}
_ACCESS = {"read": e.READ, "write": e.WRITE, "add": e.RMW, "cas": e.CAS, "prefetch": e.PREFETCH}


def _quantiles(spread: str) -> np.ndarray:
    """Equally likely multipliers of local work, int64[1024] [1/1024], mean 1024."""
    p = (np.arange(1024) + 0.5) / 1024
    if spread == "none":
        return np.full(1, 1024, np.int64)
    values = 0.5 + p if spread == "even" else -np.log1p(-p)
    return np.rint(1024 * values / values.mean()).astype(np.int64)


def _first_times(heap: np.ndarray, n: int, steps: np.ndarray, seed: int) -> None:
    """Start the CPUs one after the other over one operation's time; servers run nothing."""
    work = int(steps[(steps[:, 0] == e.WORK) | (steps[:, 0] == e.MEMORY), 2].sum()) + n
    heap[:, 0] = -1
    heap[:n, 0] = (np.arange(n) * 2654435761 + seed) % max(work, 1)
