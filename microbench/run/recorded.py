"""Rows of benchmarks on a kernel without a functional model: recorded operations, replayed.

An operation is replayed end to end, all its processes and switches, until the caches are in
their steady state; its counts are kept, and priced at the middle, the low and the high end of
the machine's numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from microbench.machine import engine
from microbench.machine.bounds import at_level
from microbench.machine.core import CAUSES, COUNTED, WARM, Core, Counts
from microbench.machine.pricing import Ledger
from microbench.machine.spec import MachineSpec
from microbench.recording import strings
from microbench.recording.description import ENTRY
from microbench.recording.kernels import RecordedKernel, kernel_of_architecture
from microbench.recording.strings import String
from microbench.row import Row
from microbench.run.runner import Measured, Outcome, machine_of
from microbench.run.setup import Setup
from microbench.systems.registry import System, find
from microbench.workloads.base import Workload
from microbench.workloads.recorded import OPERATION, READ_BYTES, Recipe, Term, recipes

LEVELS = ("value", "low", "high")
WAKE = "wake-up of another CPU"
WALK_PLACE = 1 << 59
MOST_REPLAYS = 48


def kernel_of(spec: MachineSpec) -> RecordedKernel | None:
    """The recorded Linux a machine runs; None for a machine without one."""
    return kernel_of_architecture(spec.words.get("architecture", ""), "linux")


def operations_of(system: str, setup: Setup) -> list[str]:
    """What was recorded of a system's kernel.

    Raises
    ------
    UsageError
        If it was recorded on another architecture than the machine's.
    """
    return _kernel(find(system), setup).operations()


def _kernel(system: System, setup: Setup) -> RecordedKernel:
    play = system.play["recorded"]
    words = {"architecture": setup.spec.words.get("architecture", "")}
    kernel: RecordedKernel = play(None, {name: words[name] for name in play.needs})
    return kernel


@dataclass(frozen=True, eq=False)
class Priced:
    """What a recipe costs on a machine.

    Attributes
    ----------
    by_group : dict of str to numpy.ndarray
        Sub-path to cycles by cause (`CAUSES`).
    wake_cycles : float
        Waiting for another CPU.
    """

    by_group: dict[str, np.ndarray]
    wake_cycles: float

    @property
    def cycles(self) -> float:
        """All of it."""
        return float(sum(c.sum() for c in self.by_group.values())) + self.wake_cycles

    def by_cause(self) -> dict[str, float]:
        """Cycles by cause."""
        total = np.sum(list(self.by_group.values()), axis=0)
        return self._and_wait({cause: float(total[i]) for i, cause in enumerate(CAUSES)})

    def by_place(self) -> dict[str, float]:
        """Cycles by sub-path."""
        return self._and_wait({name: float(c.sum()) for name, c in self.by_group.items()})

    def _and_wait(self, found: dict[str, float]) -> dict[str, float]:
        return {**found, WAKE: self.wake_cycles} if self.wake_cycles else found


CAUSE_OF = {
    "instructions": "instructions",
    "branches": "branches",
    "code lines": "i_refill",
    "data lines": "d_refill",
    "translations": "tlb",
    "write-backs": "write_stall",
    "entry and exit": "trap",
    "locked and ordered": "control",
    "control registers": "control",
    "strings": "instructions",
    "mitigations": "control",
}
"""Causes of today's cores by the names the other rows have."""


def ledger_of(places: Mapping[str, np.ndarray]) -> Ledger:
    """A ledger of cycles by place and cause of a core, to the hundredth; misses are not in it."""
    ticks = np.zeros((len(places), engine.N_CAUSES), np.int64)
    for number, spent in enumerate(places.values()):
        for cause, cycles in zip(CAUSES, spent, strict=True):
            ticks[number, engine.CAUSES.index(CAUSE_OF[cause])] += round(cycles * engine.TICKS)
    return Ledger(ticks, np.zeros(len(engine.COUNTERS), np.int64), tuple(places))


@dataclass(frozen=True, eq=False)
class Replay(Ledger):
    """The ledger of a recipe; by cause and in sum it is `cost`, exactly and by a core's causes."""

    cost: Priced

    @property
    def cycles(self) -> float:
        """Total [cycles]."""
        return self.cost.cycles

    def by_cause(self) -> dict[str, float]:
        """Cycles by cause of a core."""
        return self.cost.by_cause()

    def by_place(self) -> dict[str, float]:
        """Cycles by sub-path."""
        return self.cost.by_place()


def _replays(term: Term, string: String) -> tuple[list[np.ndarray], int]:
    """The strings to replay, and how many of them count."""
    if term.file_bytes > READ_BYTES:
        pieces = min(term.file_bytes // READ_BYTES, MOST_REPLAYS)
        return [_shifted(string, i * READ_BYTES) for i in range(pieces)] * 2, pieces
    if term.walk_bytes:
        hops = max(1, len(string.hops))
        rounds = min(MOST_REPLAYS, max(COUNTED, -(-term.processes // hops)))
        return [_walked(string, term, r * hops) for r in range(2 * rounds)], rounds
    return [string.rows] * (WARM + COUNTED), COUNTED


def _shifted(string: String, by: int) -> np.ndarray:
    """The string with its kernel buffer further on in a file."""
    rows = string.rows.copy()
    rows[string.from_buffer, strings.ADDRESS] += by
    rows[string.from_buffer, strings.PAGE] += by >> 21
    return rows


def _walked(string: String, term: Term, first: int) -> np.ndarray:
    """The string with each process summing its working set when it is back in user mode."""
    pieces, last = [], 0
    for number, at in enumerate(string.hops.tolist() or [0]):
        base = WALK_PLACE + ((first + number) % term.processes << 32)
        lines = base + 64 * np.arange(term.walk_bytes // 64)
        walk = np.zeros((len(lines), len(strings.COLUMNS)), np.int64)
        walk[:, strings.KIND], walk[:, strings.ADDRESS] = strings.LOAD, lines
        walk[:, strings.PAGE] = lines >> strings.PAGE_SHIFT
        pieces += [string.rows[last:at], walk]
        last = at
    return np.concatenate([*pieces, string.rows[last:]])


@lru_cache(maxsize=512)
def _counted(sizes: SizesOf, kernel: RecordedKernel, variant: str, term: Term) -> Counts:
    string = kernel.string(term.operation, variant, term.between, term.without)
    if sizes.apart:
        apart = string.rows.copy()
        apart[~string.on_path, strings.GROUP] += len(string.groups)
        string = replace(string, rows=apart)
    replays, counted = _replays(term, string)
    groups = string.groups + tuple(f"{g} (unseen)" for g in string.groups if sizes.apart)
    found = Core(sizes.spec).count(
        replays, counted, kernel.costs, groups, string.iterations, string.string_bytes
    )
    return found.with_costs(string.added) if len(string.added) else found


class SizesOf:
    """A machine as counting sees it: two with the same sizes count the same."""

    def __init__(self, spec: MachineSpec, apart: bool) -> None:
        self.spec, self.apart = spec, apart
        sizes = {k: q.value for k, q in spec.numbers.items() if q.unit == "count" or "bytes" in k}
        self._key = (tuple(sorted(sizes.items())), tuple(sorted(spec.words.items())), apart)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SizesOf) and self._key == other._key


def priced(recipe: Recipe, kernel: RecordedKernel, spec: MachineSpec, level: str) -> Priced:
    """A recipe at the low, middle or high end of a machine's numbers."""
    at = at_level(spec, level)
    spread = spec.words.get("placement") == "spread" and recipe.wakes > 0
    sizes = SizesOf(spec, spread)
    variant = spec.words.get("kernel_variant", "plain")
    found: dict[str, np.ndarray] = {}
    for term in recipe.terms:
        counts = _counted(sizes, kernel, variant, term)
        cycles = Core(at).price(counts) * term.times
        for group, row in zip(counts.groups, cycles, strict=True):
            if not group.endswith("(unseen)"):
                found[group] = found.get(group, 0.0) + row
    if recipe.user_instructions:
        user = np.zeros(len(CAUSES))
        user[0] = recipe.user_instructions * at.value("core.instruction_cycles")
        found["user"] = found.get("user", 0.0) + user
    wake = at.value("wake.other_cpu_ns") * at.value("core.clock_hz") / 1e9
    return Priced(found, recipe.wakes * wake if spread else 0.0)


def outcomes(recipe: Workload, system: str, setup: Setup) -> tuple[Outcome, ...]:
    """A recipe on a system at each of `LEVELS`."""
    assert isinstance(recipe, Recipe)
    about = find(system)
    setup = machine_of(about, setup)
    kernel, clock = _kernel(about, setup), setup.spec.value("core.clock_hz")
    found = []
    for level in LEVELS:
        cost = priced(recipe, kernel, setup.spec, level)
        metrics = recipe.metrics({OPERATION: cost.cycles}, clock)
        found.append(Outcome(recipe, system, metrics, {OPERATION: Measured(_replay(cost), 1, 0.0)}))
    return tuple(found)


def _replay(cost: Priced) -> Replay:
    ledger = ledger_of(cost.by_group)
    return Replay(ledger.ticks, ledger.counters, ledger.places, cost)


def row_of(found: Sequence[Outcome], setup: Setup) -> Row:
    """The row of a recipe from its outcomes at `LEVELS`."""
    recipe, metrics = found[0].workload, [outcome.metrics[0] for outcome in found]
    assert isinstance(recipe, Recipe)
    middle, values = metrics[0], [metric.value for metric in metrics]
    return Row(
        benchmark=recipe.name,
        args=recipe.args,
        machine=setup.machine,
        system=found[0].system,
        metric=middle.name,
        unit=middle.unit,
        better=middle.better,
        value=middle.value,
        cycles=round(middle.cycles),
        machine_hash=setup.spec.hash,
        low=min(values),
        high=max(values),
        note=recipe.note,
    )


def recorded_rows(
    benchmark: str, args: Sequence[str], kernel: RecordedKernel, setup: Setup
) -> list[Row]:
    """Rows of a benchmark; all its variants where there are no arguments.

    Raises
    ------
    UsageError
        For what was not recorded.
    """
    found = recipes(benchmark, args, kernel.operations())
    return [row_of(outcomes(recipe, kernel.name, setup), setup) for recipe in found]


def user_entries(recipe: Recipe, kernel: RecordedKernel, spec: MachineSpec) -> dict[str, float]:
    """How often user code enters the kernel in a recipe, by kind of trap."""
    found = {"syscall": 0.0, "fault": 0.0}
    variant = spec.words.get("kernel_variant", "plain")
    for term in recipe.terms:
        string = kernel.string(term.operation, variant, term.between, term.without)
        met = string.met(len(kernel.costs)) * term.times
        faults = float(met[kernel.costs.index("trap.fault")])
        found["fault"] += faults
        found["syscall"] += float(met[kernel.costs.index(ENTRY)]) - faults
    return found


def counts_of(operation: str, kernel: RecordedKernel, spec: MachineSpec) -> Counts:
    """What one operation meets on a machine."""
    variant = spec.words.get("kernel_variant", "plain")
    return _counted(SizesOf(spec, False), kernel, variant, Term(operation))
