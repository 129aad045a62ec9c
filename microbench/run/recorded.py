"""Rows of benchmarks on a kernel without a functional model: recorded operations, replayed.

An operation is replayed end to end, all its processes and switches, until the caches are in
their steady state; its counts are kept, and priced at the middle, the low and the high end of
the machine's numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from microbench.errors import UsageError
from microbench.machine.bounds import at_level
from microbench.machine.core import CAUSES, COUNTED, WARM, Core, Counts
from microbench.machine.spec import MachineSpec
from microbench.recording import strings
from microbench.recording.strings import RecordedKernel, String
from microbench.row import Row
from microbench.run.setup import Setup
from microbench.workloads.recorded import READ_BYTES, Recipe, Term, recipes

LEVELS = ("value", "low", "high")
WAKE = "wake-up of another CPU"
WALK_PLACE = 1 << 59
MOST_REPLAYS = 48


def kernel_of(spec: MachineSpec, name: str = "") -> RecordedKernel | None:
    """The recorded Linux a machine runs, or the named one; None for a machine without one.

    Raises
    ------
    UsageError
        If the named kernel is of another architecture.
    """
    architecture = spec.words.get("architecture", "")
    if not name:
        return strings.kernel_of_architecture(architecture, "linux")
    kernel = strings.recorded_kernel(name)
    if kernel.architecture != architecture:
        raise UsageError(
            f"--kernel {name}: recorded on {kernel.architecture}; {spec.name} is {architecture}"
        )
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
        found = {cause: float(total[i]) for i, cause in enumerate(CAUSES)}
        return {**found, WAKE: self.wake_cycles} if self.wake_cycles else found


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


def recorded_row(recipe: Recipe, kernel: RecordedKernel, setup: Setup) -> Row:
    """One benchmark on one machine, with the ends of its range."""
    clock = setup.spec.value("core.clock_hz")
    cycles = {x: priced(recipe, kernel, setup.spec, x).cycles for x in LEVELS}
    rate = recipe.bytes * clock / 1e6
    value = {x: rate / c if recipe.bytes else c / clock * 1e6 for x, c in cycles.items()}
    return Row(
        benchmark=recipe.benchmark,
        args=recipe.args,
        machine=setup.machine,
        system=kernel.name,
        metric="bandwidth" if recipe.bytes else "latency",
        unit="MB/s" if recipe.bytes else "us",
        better="larger" if recipe.bytes else "smaller",
        value=value["value"],
        cycles=round(cycles["value"]),
        machine_hash=setup.spec.hash,
        low=min(value.values()),
        high=max(value.values()),
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
    return [recorded_row(recipe, kernel, setup) for recipe in found]


def user_entries(recipe: Recipe, kernel: RecordedKernel, spec: MachineSpec) -> dict[str, float]:
    """How often user code enters the kernel in a recipe, by kind of trap."""
    found = {"syscall": 0.0, "fault": 0.0}
    variant = spec.words.get("kernel_variant", "plain")
    for term in recipe.terms:
        string = kernel.string(term.operation, variant, term.between, term.without)
        met = string.met(len(kernel.costs)) * term.times
        faults = float(met[kernel.costs.index("trap.fault")])
        found["fault"] += faults
        found["syscall"] += float(met[kernel.costs.index(strings.ENTRY)]) - faults
    return found


def counts_of(operation: str, kernel: RecordedKernel, spec: MachineSpec) -> Counts:
    """What one operation meets on a machine."""
    variant = spec.words.get("kernel_variant", "plain")
    return _counted(SizesOf(spec, False), kernel, variant, Term(operation))
