"""Time a trace again on a machine that differs only in how long things take.

Which references hit, which lines are dirty and which branches are known does not hang on
time in this model; only the write queue, the bus and devices do. So what happens can be kept
as a list of events, once per geometry, and timed with other costs: the same integers, three
times faster. `price` keeps the events of a trace when it is priced with one geometry for the
third time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from microbench.machine import conserve, engine
from microbench.machine.parameters import build, decisive
from microbench.machine.pricing import Ledger, Pricer, factors_of
from microbench.machine.room import check_room
from microbench.machine.spec import MachineSpec
from microbench.trace import Trace, ops

QUEUE = (engine.C_BUSWRITE, engine.C_COALESCED)
MOST_WORDS = 1 << 24
"""Events of one trace; more are not kept."""
MOST_KEPT = 1 << 26
"""Events of all traces of a process."""
SEEN = 2
"""How often a geometry is priced as usual before its events are kept."""
Geometry = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Outline:
    """What a trace does on one geometry.

    Attributes
    ----------
    events : numpy.ndarray
        int64, see `engine.retime`.
    ends : list of int
        Where in it each slice ends.
    counters : list of numpy.ndarray
        Of each slice.
    """

    events: np.ndarray
    ends: list[int]
    counters: list[np.ndarray]


@dataclass(eq=False)
class Known:
    """What is known of a trace: the geometry it was last priced with, how often, its events."""

    geometry: Geometry = ()
    seen: int = 0
    outline: Outline | None = None


_KNOWN: WeakKeyDictionary[Trace, Known] = WeakKeyDictionary()
_SCRATCH = [np.empty(0, np.int64)]
"""Room for the events of one trace, used again: fresh memory takes longer than pricing."""


def geometry(parameters: np.ndarray) -> Geometry:
    """Everything of a machine that decides what happens rather than when."""
    found = decisive(parameters)
    for i in range(4):
        at = engine.P_CACHES + i * engine.N_CACHE_FIELDS
        found += parameters[at : at + engine.K_HIT].tolist()
    for i in range(3):
        found.append(int(parameters[engine.P_TLBS + i * engine.N_TLB_FIELDS]))
    return tuple(found)


def price(
    spec: MachineSpec, trace: Trace, scales: Mapping[str, float] | None = None
) -> list[Ledger]:
    """The ledger of each marked iteration and of what follows: what `Pricer.iterations` gives.

    Parameters
    ----------
    scales : mapping of str to float
        See `Pricer`.
    """
    if conserve.DEBUG or not _in_order(trace):
        return Pricer(spec, trace, scales).iterations()
    known = _KNOWN.get(trace)
    if known is None:
        pricer = Pricer(spec, trace, scales)
        _KNOWN[trace] = Known(geometry(pricer.parameters), 1)
        return pricer.iterations()
    parameters, state = build(spec, trace.pages[:0])
    if known.geometry != (now := geometry(parameters)):
        known.geometry, known.seen, known.outline = now, 0, None
    if known.outline is not None:
        check_room(spec, trace, parameters, factors_of(trace, scales))
        return retime(known.outline, trace, parameters, state, scales)
    known.seen += 1
    if known.seen != SEEN + 1:
        return Pricer(spec, trace, scales).iterations()
    ledgers, known.outline = keep(spec, trace, scales, _room(trace))
    return ledgers


def _in_order(trace: Trace) -> bool:
    """Whether the templates follow one another, as those of a recorder do."""
    return bool((trace.templates[1:, 0] == trace.templates[:-1, 1]).all())


def keep(
    spec: MachineSpec, trace: Trace, scales: Mapping[str, float] | None, room: int
) -> tuple[list[Ledger], Outline | None]:
    """Price and keep the events; none if they need more than `MOST_WORDS`.

    Parameters
    ----------
    room : int
        Words to begin with; where they do not do, the trace is priced again.
    """
    pricer = Pricer(spec, trace, scales)
    if len(_SCRATCH[0]) < room:
        _SCRATCH[0] = np.empty(room, np.int64)
    pricer.events = _SCRATCH[0]
    ledgers, ends = [], [0]
    for first, last in trace.slices:
        ledgers.append(pricer.run(first, last))
        ends.append(int(pricer.state[engine.S_EVENTS]))
    kept = sum(len(k.outline.events) for k in _KNOWN.values() if k.outline is not None)
    if ends[-1] > MOST_WORDS or kept + ends[-1] > MOST_KEPT:
        return ledgers, None
    if ends[-1] > len(_SCRATCH[0]):
        return keep(spec, trace, scales, ends[-1])
    counters = [ledger.counters for ledger in ledgers]
    return ledgers, Outline(pricer.events[: ends[-1]].copy(), ends[1:], counters)


def _room(trace: Trace) -> int:
    """Words that will do for most traces: a quarter of their references miss or leave."""
    table = trace.operations
    paths = trace.templates[table[table[:, 0] == ops.PATH, 1]]
    elements = trace.loops[table[table[:, 0] == ops.LOOP, 1], 2]
    references = int((paths[:, 1] - paths[:, 0]).sum() + elements.sum())
    return min(MOST_WORDS, engine.EVENT_WORDS * (1024 + 4 * len(table) + references // 4))


def retime(
    outline: Outline,
    trace: Trace,
    parameters: np.ndarray,
    state: np.ndarray,
    scales: Mapping[str, float] | None = None,
) -> list[Ledger]:
    """The ledgers of an outline with the costs of a machine."""
    factors = factors_of(trace, scales)
    costs, returns = np.zeros((2, len(trace.refs) + 1), np.int64)
    engine.prefixes(trace.packed, trace.templates, factors, parameters, costs, returns)
    ledgers, first = [], 0
    for last, counters in zip(outline.ends, outline.counters, strict=True):
        ticks = np.zeros((len(trace.places), engine.N_CAUSES), np.int64)
        counted = np.zeros(len(engine.COUNTERS), np.int64)
        before = int(state[engine.S_NOW])
        engine.retime(
            outline.events, first, last, costs, returns, trace.loops, factors, parameters, state,
            ticks.reshape(-1), counted,
        )  # fmt: skip
        if int(state[engine.S_NOW]) - before != int(ticks.sum()):
            raise AssertionError("the ledger is not the time that passed")
        merged = counters.copy()
        merged[list(QUEUE)] = counted[list(QUEUE)]
        ledgers.append(Ledger(ticks, merged, trace.places))
        first = last
    return ledgers
