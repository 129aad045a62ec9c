"""One steady iteration priced operation by operation: what a timeline shows.

Knows which place of the software belongs to which track. The sum of the slices of an
iteration is its price in one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

from microbench.machine import engine
from microbench.machine.pricing import Pricer
from microbench.run.runner import record
from microbench.run.setup import Setup
from microbench.trace import Trace, ops
from microbench.trace.recorder import USER, of_user
from microbench.workloads.base import Part, Workload

L4_PLACES = ("ipc", "domain", "map")
COUNTED = ("i_misses", "d_misses", "store_misses", "i_walks", "d_walks")
OPERATIONS = {
    ops.LOOP: "word loop",
    ops.TRAP: "trap",
    ops.TRAP_RETURN: "trap return",
    ops.SWITCH: "space switch",
    ops.FLUSH_ALL: "flush all",
    ops.FLUSH_RANGE: "flush range",
    ops.CLEAN_RANGE: "clean range",
    ops.PTE_WRITE: "page-table write",
    ops.TLB_INVALIDATE: "TLB invalidate",
    ops.DRAIN: "drain",
    ops.SPECIAL: "control register",
    ops.IDLE: "idle",
    ops.COMPUTE: "user code",
    ops.DEVICE_WAIT: "device wait",
}


@dataclass(frozen=True)
class Slice:
    """One operation.

    Attributes
    ----------
    track, place, name : str
        "user", "kernel", "server" or "l4"; the place of the software; the path or operation.
    start_ticks, end_ticks : int
        Since the start of the iteration [1/100 cycle].
    counts : tuple of int
        Running totals of `COUNTED` at the end.
    """

    track: str
    place: str
    name: str
    start_ticks: int
    end_ticks: int
    counts: tuple[int, ...]


def track_of(place: str, system: str) -> str:
    """The track of a place: Linux is the kernel, or a server."""
    if of_user(place):
        return USER
    if place in L4_PLACES:
        return "l4"
    return "server" if system.startswith("l4") else "kernel"


def iteration_slices(workload: Workload, part: Part, system: str, setup: Setup) -> list[Slice]:
    """The slices of the first counted iteration, in order; what takes no time is left out."""
    trace = record(workload, part, system, setup)
    pricer = Pricer(setup.spec, trace, setup.scales)
    ends = [0, *trace.marks]
    start, end = ends[-part.counted - 1], ends[-part.counted]
    pricer.run(0, start)
    now, counts, found = 0, [0] * len(COUNTED), []
    for o in range(start, end):
        ledger = pricer.run(o, o + 1)
        took = int(ledger.ticks.sum())
        counts = [c + ledger.count(name) for c, name in zip(counts, COUNTED, strict=True)]
        if took:
            place = trace.places[int(trace.operations[o, 4])]
            found.append(
                Slice(track_of(place, system), place, _name(trace, o), now, now + took, (*counts,))
            )
        now += took
    return found


def _name(trace: Trace, o: int) -> str:
    kind, a = int(trace.operations[o, 0]), int(trace.operations[o, 1])
    return trace.names[a] if kind == ops.PATH else OPERATIONS.get(kind, f"operation {kind}")


def cycles(ticks: int) -> int:
    """Whole cycles of a time in ticks."""
    return ticks // engine.TICKS
