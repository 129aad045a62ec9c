"""What line moves, crowds, sleeps and interrupts cost on a machine, as the engine's vector.

Knows: which number of a sheet is which field, and which numbers of all machines stand in for
those a sheet has not. Refuses to know: operations' paths, and where CPUs sit.
"""

from __future__ import annotations

import numpy as np

from microbench.smp import engine as e
from microbench.smp.lockcosts import RULES, lock_costs
from microbench.smp.machine import TOPOLOGIES, SmpMachine
from microbench.smp.path import MOVES, Operation

SHOT_MOVES = {"sent": 0, "answered": 2}
"""Line moves of a shoot-down per target: the request is read, the answer written."""


def costs(machine: SmpMachine, mates: int, shot_slot: int, idle_states: int) -> np.ndarray:
    """The machine vector, int64[M_SIZE] [cycles]."""
    mach = np.zeros(e.M_SIZE, np.int64)
    for field, key in _COSTS.items():
        mach[field] = machine.cost(key)
    mach[e.M_TOPOLOGY] = TOPOLOGIES[machine.topology]
    mach[e.M_NODES] = machine.nodes
    _lock_costs(mach, machine)
    mach[e.M_SMT] = round(1024 * machine.numbers["topology.smt_slowdown"].value)
    mach[e.M_MATES] = mates
    mach[e.M_SHOT_SLOT] = shot_slot
    mach[e.M_COPIES] = int(machine.socket_copies)
    mach[e.M_IDLE :] = -1
    for i, (stay, leave) in enumerate(machine.idle[:idle_states]):
        mach[e.M_IDLE + 2 * i] = machine.cycles(stay)
        mach[e.M_IDLE + 2 * i + 1] = machine.cycles(leave)
    return mach


def _lock_costs(mach: np.ndarray, machine: SmpMachine) -> None:
    """What crowds cost, as shares of one transfer inside a socket [cycles, 1/1024]."""
    locks = lock_costs()
    transfer = machine.cost("line.socket")
    polls = round(locks["poll_share"].value * transfer)
    mach[e.M_POLL] = machine.cost("line.poll") if "line.poll" in machine.numbers else max(1, polls)
    if "line.batch" in machine.numbers:
        mach[e.M_BATCH] = machine.count("line.batch")
    own = {key: machine.numbers.get(key, locks[rule]) for key, rule in RULES.items()}
    mach[e.M_SERVED] = round(1024 * own["line.served"].value)
    mach[e.M_LOST] = round(1024 * own["line.lost"].value)
    mach[e.M_LOST_FAR] = round(mach[e.M_LOST] * locks["lost_far"].value)
    mach[e.M_STORM] = round(1024 * locks["storm_share"].value)
    mach[e.M_QUEUE] = round(1024 * (locks["queue_transfers"].value - 1))
    mach[e.M_PORT] = machine.cycles(own["line.port"])
    if middle := machine.numbers.get("line.middle"):
        mach[e.M_MIDDLE] = round(1024 * machine.exact(middle))


_COSTS = {
    e.M_HIT: "line.hit",
    e.M_ATOMIC: "line.atomic",
    e.M_W_CORE: "line.core",
    e.M_W_CLUSTER: "line.cluster",
    e.M_W_SOCKET: "line.socket",
    e.M_W_OTHER: "line.other",
    e.M_HOP: "line.hop",
    e.M_THIRD: "line.third",
    e.M_R_CORE: "line.read_core",
    e.M_R_CLUSTER: "line.read_cluster",
    e.M_R_SOCKET: "line.read_socket",
    e.M_R_OTHER: "line.read_other",
    e.M_R_BUSY: "line.read_busy",
    e.M_MEM_LINE: "line.memory_busy",
    e.M_SLEEP: "sleep.sleep",
    e.M_WAKE: "sleep.wake",
    e.M_RESUME: "sleep.resume",
    e.M_IPI_FIRST: "interrupt.first",
    e.M_IPI_EACH: "interrupt.each",
    e.M_IPI_HANDLE: "interrupt.handle",
}


def far_interrupts(op: Operation, mach: np.ndarray, cpu: np.ndarray, n: int) -> None:
    """Add to sending and handling an interrupt what its line moves cost more from afar."""
    sockets = np.unique(cpu[:n, e.C_SOCKET]).size
    far = float(np.mean(cpu[:n, e.C_SOCKET] != cpu[0, e.C_SOCKET]))
    third = max(0, sockets - 2) / sockets  # the line's home is in neither socket
    more = mach[e.M_W_OTHER] + third * mach[e.M_THIRD] - mach[e.M_W_SOCKET]
    each = far * max(0.0, float(more))
    sent, answered = (op.moves[k].value if k in op.moves else SHOT_MOVES[k] for k in MOVES)
    mach[e.M_IPI_EACH] += round(sent * each)
    mach[e.M_IPI_HANDLE] += round(answered * each)
