"""A core of today: what its numbers make of the counts of a recorded operation.

The model is a sum, and small on purpose (T. Karkhanis and J. Smith, ISCA 2004, give the
reasons): instructions at a steady rate, and on top of it what interrupts the stream. A line of
code that is missing always does. A load that is missing does only for what the window of
instructions behind it does not hide, and misses in its shadow do not count again; an in-order
core is one with an empty window. Stores and streams cost what their lines take to arrive.
Taken branches, wrong guesses, translations, privileged and locked operations cost what the
machine states, each where it is met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from microbench.errors import unknown
from microbench.machine import core_engine as engine
from microbench.machine import schema
from microbench.machine.spec import MachineSpec

CAUSES = (
    "instructions",
    "branches",
    "code lines",
    "data lines",
    "translations",
    "write-backs",
    "entry and exit",
    "locked and ordered",
    "control registers",
    "strings",
    "mitigations",
)
_AREAS = {
    "trap": "entry and exit",
    "special": "control registers",
    "operation": "control registers",
    "tlb": "translations",
    "string": "strings",
    "mitigation": "mitigations",
}
_ORDERED = ("locked", "exclusive", "barrier", "full_barrier")
HALF_LINE_INSTRUCTIONS = 8
"""Of a line of code: what runs while the next line is already on its way."""
LEAST_WAYS = 4
WARM, COUNTED = 2, 4


@dataclass(frozen=True, eq=False)
class Counts:
    """What one operation met, by sub-path.

    Attributes
    ----------
    counters : numpy.ndarray
        float64 (groups, `engine.COUNTERS`), of one operation.
    costs : numpy.ndarray
        float64 (groups, named costs).
    names : tuple of str
        Names of the costs.
    groups : tuple of str
    string_lines : float
        Lines of 64 bytes that string instructions move.
    """

    counters: np.ndarray
    costs: np.ndarray
    names: tuple[str, ...]
    groups: tuple[str, ...]
    string_lines: float

    def count(self, name: str) -> float:
        """One counter over all sub-paths."""
        return float(self.counters[:, engine.COUNTERS.index(name)].sum())

    def with_costs(self, added: np.ndarray) -> Counts:
        """With further costs, spread over the sub-paths as their instructions are."""
        executed = self.counters[:, engine.C_INSTRUCTIONS]
        share = executed / max(executed.sum(), 1.0)
        return replace(self, costs=self.costs + share[:, None] * added[None, :])


def cause_of(cost: str) -> str:
    """Which cause a named cost belongs to."""
    area, _, name = cost.partition(".")
    return "locked and ordered" if name in _ORDERED else _AREAS[area]


class Core:
    """One machine as a counter of strings and a pricer of counts."""

    def __init__(self, spec: MachineSpec) -> None:
        self.spec = spec

    def count(
        self,
        replays: Sequence[np.ndarray],
        counted: int,
        costs: Sequence[str],
        groups: Sequence[str],
        iterations: int = 1,
        string_bytes: float = 0.0,
    ) -> Counts:
        """Replay strings one after another; mean of the last `counted` of them.

        Parameters
        ----------
        replays : sequence of numpy.ndarray
            int64 (m, 7) each.
        iterations : int
            Operations in one string.
        """
        geometry, entries = self._geometry()
        tags, stamps = np.full(entries, -1, np.int64), np.zeros(entries, np.int64)
        dirty, state = np.zeros(entries, np.int64), self._state()
        counters = np.zeros((len(groups), engine.N_COUNTERS), np.int64)
        met = np.zeros((len(groups), len(costs)), np.int64)
        for number, rows in enumerate(replays):
            if number == len(replays) - counted:
                counters[:], met[:] = 0, 0
            engine.count(rows, geometry, tags, stamps, dirty, state, counters, met)
        share = 1.0 / (counted * iterations)
        lines = string_bytes / 64 / iterations
        return Counts(counters * share, met * share, tuple(costs), tuple(groups), lines)

    def _state(self) -> np.ndarray:
        value = self.spec.value
        state = np.zeros(engine.N_STATE, np.int64)
        state[engine.S_CODE_PAGE] = state[engine.S_DATA_PAGE] = -1
        state[engine.S_LAST_CODE] = state[engine.S_LEADER] = -(1 << 40)
        state[engine.S_FIRST_STREAM :] = -(1 << 40)
        state[engine.S_WINDOW] = int(value("pipeline.window_instructions"))
        state[engine.S_PARALLEL] = max(1, int(value("pipeline.parallel_misses", 1)))
        streams = int(value("pipeline.streams"))
        state[engine.S_STREAMS] = min(streams, engine.STREAM_PLACES)
        state[engine.S_KEEPS] = int(self.spec.words["tlb.tag"] != "none")
        return state

    def _geometry(self) -> tuple[np.ndarray, int]:
        geometry = np.zeros((len(engine.STRUCTURES), 4), np.int64)
        value, size = self.spec.value, 0
        for i, name in enumerate(engine.STRUCTURES):
            if i <= engine.L3:
                ways = int(value(f"{name}.ways"))
                sets = int(value(f"{name}.size_bytes")) // (64 * ways) if ways else 0
            else:
                entries, ways = self._buffer(name)
                sets = entries // ways if ways else 0
            random = self.spec.words.get(f"{name}.victim") == "random"
            geometry[i] = sets, ways, int(random), size
            size += sets * ways
        return geometry, size

    def _buffer(self, name: str) -> tuple[int, int]:
        """Entries and ways of a translation or target buffer; without stated ways any place."""
        value = self.spec.value
        if name == "targets":
            entries = int(value("core.btb_entries"))
            return entries, min(entries, LEAST_WAYS)
        key = "tlb.second" if name == "second" else name
        entries = int(value(f"{key}_entries" if name == "second" else f"{key}.entries"))
        ways = f"{key}_ways" if name == "second" else f"{key}.ways"
        return entries, int(value(ways, min(entries, 64) if name != "second" else LEAST_WAYS))

    def price(self, counts: Counts) -> np.ndarray:
        """Cycles [group, cause], float64; every cycle has one sub-path and one cause.

        Raises
        ------
        UsageError
            If the recording names a cost that no machine can state.
        """
        cycles = np.zeros((len(counts.groups), len(CAUSES)))
        known = {key.removesuffix("_cycles") for key in schema.all_numbers()}
        for name, (cause, cost) in self._counter_costs().items():
            column = counts.counters[:, engine.COUNTERS.index(name)]
            cycles[:, CAUSES.index(cause)] += column * cost
        for i, name in enumerate(counts.names):
            if name not in known:
                raise unknown("cost", name, known, " that a recording may name")
            cost = self.spec.value(f"{name}_cycles")
            cycles[:, CAUSES.index(cause_of(name))] += counts.costs[:, i] * cost
        moved = counts.string_lines * self.spec.value("string.line_cycles")
        starts = counts.costs[:, counts.names.index("string.start")] if moved else None
        if starts is not None and starts.sum():
            cycles[:, CAUSES.index("strings")] += moved * starts / starts.sum()
        return cycles

    def _counter_costs(self) -> Mapping[str, tuple[str, float]]:
        value = self.spec.value
        clock = value("core.clock_hz") / 1e9
        step = value("core.instruction_cycles")
        wrong = value("pipeline.mispredicted") * value("core.branch_miss_cycles")
        memory = value("memory.latency_ns") * clock
        latency = {"l2": value("l2.latency_cycles"), "l3": value("l3.latency_cycles")}
        latency = {**latency, "memory": memory}
        stream = {n: value(f"{n}.stream_line_cycles", latency[n]) for n in ("l2", "l3")}
        stream["memory"] = value("memory.stream_line_ns", memory / clock) * clock
        code = {n: value(f"{n}.code_line_cycles", latency[n]) for n in ("l2", "l3")}
        code["memory"] = memory
        hides = value("l1d.latency_cycles") + value("pipeline.window_cycles")
        found = {
            "instructions": ("instructions", step),
            "loads": ("instructions", value("core.load_use_stall_cycles")),
            "taken": ("branches", value("pipeline.taken_cycles") + wrong),
            "target_misses": ("branches", value("pipeline.target_miss_cycles")),
            "write_backs": ("write-backs", value("memory.write_line_ns") * clock),
        }
        for side in ("code", "data"):
            found[f"{side}_second"] = ("translations", value("tlb.second_cycles"))
            found[f"{side}_walks"] = ("translations", value("tlb.walk_cycles"))
        for n, time in latency.items():
            ahead = max(0.0, code[n] - HALF_LINE_INSTRUCTIONS * step)
            found[f"code_{n}"] = ("code lines", code[n])
            found[f"code_next_{n}"] = ("code lines", ahead)
            found[f"load_{n}"] = ("data lines", max(0.0, time - hides))
            found[f"load_hidden_{n}"] = ("data lines", 0.0 if n == "l2" else stream[n])
            for kind in ("stream", "store"):
                found[f"{kind}_{n}"] = ("data lines", stream[n])
            found[f"string_{n}"] = ("data lines", value(f"string.{n}_line_cycles", stream[n]))
        return found
