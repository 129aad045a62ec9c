"""What one operation of a row is made of: its parts, causes, places, events; each adds up to it.

Everything is per operation, in cycles, overheads taken off: the sum over causes is the row's
own `cycles`, and so is the sum over places and over parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from microbench.machine import engine
from microbench.machine.pricing import Ledger
from microbench.run.recorded import Replay
from microbench.run.runner import Outcome, part_cycles
from microbench.run.shares import main_shares
from microbench.trace.recorder import TICK

IPC_PLACES = ("ipc", "domain", "map")
NAMES = {
    "instructions": "instructions",
    "branches": "branches",
    "i_refill": "I-refill",
    "d_refill": "D-refill",
    "tlb": "TLB",
    "flush": "flush",
    "write_stall": "write stalls",
    "trap": "traps",
    "control": "control registers",
    "idle": "idle",
    "code lines": "I-refill",
    "data lines": "D-refill",
    "translations": "TLB",
    "write-backs": "write stalls",
    "entry and exit": "traps",
}
"""Names of the causes of both engines; what is the same of a recorded kernel is called so."""
TICKS = "timer ticks"
COUNTERS = ("i_misses", "d_misses", "i_walks", "d_walks", "flushed_dirty", "branch_misses")
Amounts = dict[str, float]


def causes(ledger: Ledger) -> Amounts:
    """Cycles by cause; instructions and branches of the microkernel's paths count as IPC, and
    whatever the timer's interrupts took as its own cause."""
    if isinstance(ledger, Replay):
        return {NAMES.get(cause, cause): cycles for cause, cycles in ledger.by_cause().items()}
    found = dict.fromkeys((*NAMES.values(), "IPC", TICKS), 0.0)
    for number, place in enumerate(ledger.places):
        for cause, name in enumerate(engine.CAUSES):
            cycles = float(ledger.ticks[number, cause]) / engine.TICKS
            found[_cause(place, name)] += cycles
    return found


def _cause(place: str, name: str) -> str:
    if place == TICK:
        return TICKS
    inside = place in IPC_PLACES and name in ("instructions", "branches", "control")
    return "IPC" if inside else NAMES[name]


def by_cause(outcome: Outcome) -> Amounts:
    """Cycles of one operation by cause."""
    return _added(outcome, causes)


def by_place(outcome: Outcome) -> Amounts:
    """Cycles of one operation by place in the software."""
    return _added(outcome, lambda ledger: ledger.by_place())


def by_part(outcome: Outcome) -> Amounts:
    """Cycles of one operation by part; what is taken off is below zero."""
    cycles = part_cycles(outcome.workload, outcome.parts)
    names = {p.name: p.unit or p.name for p in outcome.workload.parts()}
    found: Amounts = {}
    for part, share in main_shares(outcome.workload).items():
        if share:
            found[names.get(part, part)] = float(share * Fraction(cycles[part]))
    return found


def events(outcome: Outcome) -> Amounts:
    """Misses and the like of one operation; of ways, which share counters, the mean.

    A recorded kernel is counted by other events, so there are none of these.
    """
    parts = outcome.workload.parts()
    if any(isinstance(outcome.parts[part.name].ledger, Replay) for part in parts):
        return {}
    shares, found = main_shares(outcome.workload), dict.fromkeys(COUNTERS, 0.0)
    for part in parts:
        ways = [shares[way] for way in part.ways or (part.name,)]
        share = float(sum(ways) / len(ways)) / outcome.parts[part.name].counted
        for name in COUNTERS:
            found[name] += share * outcome.parts[part.name].ledger.count(name)
    return {name.replace("_", " "): amount for name, amount in found.items()}


def _added(outcome: Outcome, amounts: Callable[[Ledger], Mapping[str, float]]) -> Amounts:
    """Amounts of each part or way, weighed by its share."""
    shares, found = main_shares(outcome.workload), Amounts()
    for part in outcome.workload.parts():
        measured = outcome.parts[part.name]
        for name in part.ways or (part.name,):
            weight = float(shares[name]) / measured.counted
            ledger = _of_way(measured.ledger, name) if part.ways else measured.ledger
            for key, amount in amounts(ledger).items():
                found[key] = found.get(key, 0.0) + weight * amount
    return found


def _of_way(ledger: Ledger, way: str) -> Ledger:
    """The ledger of the places of one way alone."""
    ticks = ledger.ticks.copy()
    for number, place in enumerate(ledger.places):
        if not place.startswith(way):
            ticks[number] = 0
    return Ledger(ticks, ledger.counters, ledger.places)


def whole(amounts: Mapping[str, float]) -> dict[str, int]:
    """The amounts as whole numbers that add up to the rounded total: the largest rests go up."""
    floors = {name: int(amount // 1) for name, amount in amounts.items()}
    missing = round(sum(amounts.values())) - sum(floors.values())
    rests = sorted(amounts, key=lambda name: floors[name] - amounts[name])
    return {n: f + (n in rests[:missing]) for n, f in floors.items()}
