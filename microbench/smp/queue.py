"""The same operation as a closed queue: the machine-repairman check beside the engine.

Knows: exponential think and service times, one dominant station whose service may grow with
the number of waiters (facts SMP 3.2). Refuses to know: orders, distances beyond a mean,
locks inside locks; where those matter the engine is right and this is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from microbench.smp import engine as e
from microbench.smp.build import Arrays, Setup, build
from microbench.smp.machine import SmpMachine
from microbench.smp.operation import Operation

PAIRS_OF = 48
OWNS = (e.RMW, e.CAS, e.WRITE, e.TAKE, e.DROP, e.PREFETCH)
"""Steps that need the line for themselves."""
RE_READS = {e.TTAS: 1.5, e.TICKET: 1.0}
"""Reads per waiter and hand-over that delay it: the next owner is half way through the readers,
and the release comes behind what a newcomer made them read again, half of the time."""


@dataclass
class Station:
    """One shared object: service without a queue and what each waiter adds [cycles]."""

    name: str
    service: float = 0.0
    per_waiter: float = 0.0
    visits: int = 0
    clients: int = 1


@dataclass
class Demand:
    """An operation as seen by one CPU: time at its own and at the shared stations [cycles].

    Of a line's move, the share `served` is the station's; before, the request travels.
    """

    think: float = 0.0
    stations: dict[str, Station] = field(default_factory=dict)
    served: float = 1.0

    @property
    def busiest(self) -> Station | None:
        """The station that fills first: most clients times longest service."""
        return max(self.stations.values(), key=lambda s: s.service * s.clients, default=None)

    @property
    def bend(self) -> float:
        """CPUs at which the busiest station is full: (think + service) / service."""
        top = self.busiest
        total = self.think + sum(s.service for s in self.stations.values())
        return math.inf if top is None or top.service == 0 else total / top.service


def demand(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> Demand:
    """Read the demands off the engine's own arrays for n CPUs."""
    arrays = build(op, machine, n, setup)
    alone = _demand(arrays, n, 1.0)
    return _demand(arrays, n, _tries(arrays, n, min(1.0, n / alone.bend)))


def _demand(arrays: Arrays, n: int, swaps: float) -> Demand:
    """The demands if a compare-and-swap needs the line `swaps` times."""
    move, read = _mean_moves(arrays, n)
    clients = _clients(arrays, n)
    shared = {s for s, most in enumerate(clients) if most > 1}
    written = {int(slot) for kind, slot in arrays.steps[:, :2] if kind in OWNS}
    result = Demand(served=float(arrays.mach[e.M_SERVED]) / 1024)
    open_locks: list[str] = []
    visit = _visit_cost(arrays, n, move)
    weight, skip_until = 1.0, -1
    for i, (kind, slot, a, b) in enumerate(arrays.steps.tolist()):
        if i == skip_until:
            weight = 1.0
        if kind == e.EVERY:
            weight, skip_until = 1.0 / a, i + b + 1
            continue
        name = arrays.names[slot]
        if kind in (e.WORK, e.MEMORY):
            _spend(result, open_locks, a * weight)
        elif kind == e.CALL:
            station = _station(result, name)
            trip = _to_server(arrays, slot, n)
            station.service += (a + trip + arrays.mach[e.M_ATOMIC]) * weight
            result.think += trip * weight
        elif kind in OWNS:
            held = slot in shared
            cost = move if held else float(arrays.mach[e.M_ATOMIC])
            if not held:
                _spend(result, open_locks, cost * weight)
            elif kind in (e.RMW, e.CAS, e.WRITE) or (kind in (e.TAKE, e.DROP) and b != e.ALONE):
                tries = swaps if kind == e.CAS or (kind == e.TAKE and b >= e.SWAP) else 1
                _visit(result, open_locks, name, tries * visit * weight)
            elif kind == e.TAKE:
                _spend(result, open_locks, cost * weight)  # of the holders of outer locks, too
                open_locks.append(name)
                _station(result, name).per_waiter += _per_waiter(a, move, read, arrays) * weight
            elif kind == e.DROP:
                open_locks.remove(name)
                if open_locks:
                    _spend(result, open_locks, cost * weight)
                _station(result, name).service += _grant(a, move, arrays) * weight
        elif kind == e.READ and slot in shared & written:
            _visit(result, open_locks, name, visit * weight)
        elif kind == e.READ:
            _spend(result, open_locks, float(arrays.mach[e.M_HIT]) * weight)
    for name, station in result.stations.items():
        station.clients = clients[arrays.names.index(name)]
    return result


def _visit_cost(arrays: Arrays, n: int, move: float) -> float:
    """Mean cost of a line for one of the n CPUs: two threads of a core fetch it once [cycles]."""
    paired = float(np.mean(arrays.cpu[:n, e.C_MATE] >= 0))
    return (1 - paired / 2) * move + paired / 2 * float(arrays.mach[e.M_W_CORE])


def _tries(arrays: Arrays, n: int, load: float) -> float:
    """Times that a compare-and-swap needs the line where it is busy so much of the time.

    The first fails; a later one is local unless a request from its own socket was there first.
    """
    near = float(np.mean(arrays.cpu[:n, e.C_SOCKET] == arrays.cpu[0, e.C_SOCKET]))
    far = float(arrays.mach[e.M_LOST_FAR]) / 1024
    lost = load * (near * float(arrays.mach[e.M_LOST]) / 1024 + (1 - near) * far)
    return 1 / max(1 - lost, 1 / max(1, n))


def _mean_moves(arrays: Arrays, n: int) -> tuple[float, float]:
    """Mean cost of moving and of copying a line between two of the n CPUs [cycles]."""
    if n == 1:
        return float(arrays.mach[e.M_ATOMIC]), float(arrays.mach[e.M_HIT])
    some = np.unique(np.linspace(0, n - 1, min(n, PAIRS_OF)).astype(int))
    home = arrays.cpu[0, e.C_SOCKET]
    costs = [e._move(arrays.mach, arrays.cpu, i, j, home) for i in some for j in some if i != j]
    leaders = len(np.unique(arrays.cpu[:n, e.C_SOCKET]))
    far = (leaders - 1) / max(1, n - 1) if arrays.mach[e.M_COPIES] else 1 - 1 / leaders
    read = far * arrays.mach[e.M_R_BUSY] + (1 - far) * arrays.mach[e.M_POLL]
    return float(np.mean(costs)), float(read)


def _clients(arrays: Arrays, n: int) -> list[int]:
    """For each slot the most CPUs that use one line in it."""
    lines = arrays.slots[:n, :, e.S_LINE]
    return [int(np.bincount(lines[:, s]).max()) for s in range(lines.shape[1])]


def _to_server(arrays: Arrays, slot: int, n: int) -> float:
    """Mean cost of a move between a client and its server [cycles]."""
    some = np.unique(np.linspace(0, n - 1, min(n, PAIRS_OF)).astype(int))
    costs = []
    for c in some:
        row = arrays.line[arrays.slots[c, slot, e.S_LINE]]
        costs.append(
            e._move(arrays.mach, arrays.cpu, int(row[e.L_OWNER]), int(c), int(row[e.L_HOME]))
        )
    return float(np.mean(costs))


def _station(result: Demand, name: str) -> Station:
    return result.stations.setdefault(name, Station(name))


def _spend(result: Demand, open_locks: list[str], cycles: float) -> None:
    """Local time: inside the outermost shared lock that is held, else thinking."""
    if open_locks:
        _station(result, open_locks[0]).service += cycles
    else:
        result.think += cycles


def _visit(result: Demand, open_locks: list[str], name: str, cycles: float) -> None:
    station = _station(result, name)
    station.service += cycles * result.served
    station.visits += 1
    if open_locks and open_locks[0] != name:
        _station(result, open_locks[0]).service += cycles
    else:
        result.think += cycles * (1 - result.served)


def _per_waiter(kind: int, move: float, read: float, arrays: Arrays) -> float:
    if kind == e.TAS:
        return move * float(arrays.mach[e.M_STORM]) / 1024
    return RE_READS.get(kind, 0.0) * read


def _grant(kind: int, move: float, arrays: Arrays) -> float:
    """From release to grant without pollers, the release included [cycles]."""
    if kind in (e.MCS, e.SPIN):
        return move * (1 + float(arrays.mach[e.M_QUEUE]) / 1024)
    if kind in (e.TAS, e.TTAS):
        return 2 * move
    return move if kind == e.TICKET else _wake(arrays)


def _wake(arrays: Arrays) -> float:
    return float(arrays.mach[e.M_WAKE] + arrays.mach[e.M_RESUME])


def repairman(n: int, think: float, service: float, per_waiter: float = 0.0) -> float:
    """Throughput of n clients at one station, birth-death chain [operations per cycle].

    Parameters
    ----------
    n : int
    think, service : float
        Means of exponential times [cycles].
    per_waiter : float
        Added to the service for every client beyond the first at the station [cycles].
    """
    if service <= 0:
        return n / think
    times = [service + per_waiter * (k - 1) for k in range(1, n + 1)]
    logs = [0.0]
    for k, s in enumerate(times, 1):
        logs.append(logs[-1] + math.log((n - k + 1) / think) + math.log(s))
    top = max(logs)
    weights = [math.exp(x - top) for x in logs]
    busy = sum(w / s for w, s in zip(weights[1:], times, strict=True))
    return busy / sum(weights)


def queue_cycles(op: Operation, machine: SmpMachine, n: int, setup: Setup) -> float:
    """Time of one operation with n CPUs by the closed queue [cycles].

    The busiest station is solved; the others' service without a queue is thinking.
    """
    d = demand(op, machine, n, setup)
    top = d.busiest
    if top is None or top.clients == 1:
        return d.think + sum(s.service for s in d.stations.values())
    think = d.think + sum(s.service for s in d.stations.values() if s is not top)
    return top.clients / repairman(top.clients, think, top.service, top.per_waiter)
