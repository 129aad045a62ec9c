"""Benchmarks of files on every structure: recorded, counted, priced at both ends of the ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise

import numpy as np

from microbench.machine.bounds import at_level
from microbench.machine.retiming import price
from microbench.row import Row
from microbench.run.runner import Measured
from microbench.run.setup import Setup
from microbench.servers.played import Files, Played
from microbench.systems.registry import SYSTEMS, check_systems
from microbench.trace import Trace, ops
from microbench.workloads.files import FileBench

LEVELS = ("value", "low", "high")
COUNTS = (
    "requests",
    "switches",
    "wake-ups",
    "ipcs",
    "daemon calls",
    "copied",
)
"""What is counted for one timed stretch."""
BASE = "native"
PREDICTION = "prediction"
"""Note of a time or a ratio: no file system was measured on these machines."""
ONE_WAY = ("ipc_fast", "ipc_transfer", "exception_", "page_fault_", "interrupt_ipc")
"""Paths of the microkernel that deliver a message."""


@dataclass(frozen=True)
class FileOutcome:
    """One benchmark on one structure.

    Attributes
    ----------
    measured : mapping of str to Measured
        Level to cost.
    counts : mapping of str to float
        Of one timed stretch.
    """

    measured: Mapping[str, Measured]
    counts: Mapping[str, float]

    def us(self, setup: Setup, level: str = "value") -> float:
        """Time of a stretch [us]."""
        return self.measured[level].cycles / setup.spec.value("core.clock_hz") * 1e6


@cache
def _played(bench: FileBench, name: str, level: str) -> Played:
    part = Files(bench.program, bench.iterations, bench.options)
    played: Played = SYSTEMS[name].play["files"](part, {"level": level})
    return played


def outcome(bench: FileBench, name: str, setup: Setup) -> FileOutcome:
    """Play a benchmark on a structure and price it."""
    priced = {level: _measure(bench, name, setup, level) for level in LEVELS}
    return FileOutcome(priced, counts(_played(bench, name, "value"), bench))


def _measure(bench: FileBench, name: str, setup: Setup, level: str) -> Measured:
    played = _played(bench, name, level)
    spec = at_level(setup.spec, level)
    ledgers = price(spec, played.trace, setup.scales)
    kept = [ledgers[i] for i in timed(played.trace)[-bench.counted :]]
    total = kept[0]
    for ledger in kept[1:]:
        total = total + ledger
    cycles = [ledger.cycles for ledger in kept]
    return Measured(total, len(kept), (max(cycles) - min(cycles)) * len(cycles) / sum(cycles))


def timed(trace: Trace) -> list[int]:
    """Which stretches between marks are timed."""
    numbers = trace.operations[trace.operations[:, 0] == ops.MARK, 1]
    return [i for i, number in enumerate(numbers) if number >= 0]


def counts(played: Played, bench: FileBench) -> dict[str, float]:
    """What was counted in a timed stretch, on average over the counted ones."""
    before = [Counter[str](), *played.counts]
    kept = timed(played.trace)[-bench.counted :]
    sent = _ipcs(played.trace)
    total: Counter[str] = Counter(ipcs=sum(sent[i] for i in kept))
    for i in kept:
        total.update({k: v - before[i][k] for k, v in before[i + 1].items() if k != "ipcs"})
    return {k: total[k] / len(kept) for k in sorted({*total, *COUNTS})}


def _ipcs(trace: Trace) -> list[int]:
    """Messages delivered one way, by stretch."""
    names = np.array([name.startswith(ONE_WAY) for name in trace.names] or [False])
    kinds, first = trace.operations[:, 0], trace.operations[:, 1]
    paths = kinds == ops.PATH
    sent = np.zeros(len(kinds), bool)
    sent[paths] = names[first[paths]]
    ends = [0, *trace.marks]
    return [int(sent[a:b].sum()) for a, b in pairwise(ends)]


def structures_of(bench: FileBench) -> list[str]:
    """The systems a benchmark is to run on: those it names, or all that have files."""
    everybody = [name for name, system in SYSTEMS.items() if "files" in system.play]
    return check_systems(bench.options.fs or everybody, "files")


def file_rows(bench: FileBench, setup: Setup) -> list[Row]:
    """The value with its range, what was counted, and the share of the kernel's own speed."""
    found = {name: outcome(bench, name, setup) for name in structures_of(bench)}
    base = found.get(BASE) or outcome(bench, BASE, setup)
    rows: list[Row] = []
    for name, one in found.items():
        rows += _rows(bench, name, one, base, setup)
    return rows


def _rows(
    bench: FileBench, name: str, one: FileOutcome, base: FileOutcome, setup: Setup
) -> list[Row]:
    row = partial(Row, bench.name, bench.args, setup.machine, name, machine_hash=setup.spec.hash)
    middle = one.us(setup)
    ends = sorted(bench.value(one.us(setup, level)) for level in ("low", "high"))
    rows = [
        row(bench.metric, bench.unit, bench.better, bench.value(middle),
            round(one.measured["value"].cycles), low=ends[0], high=ends[1], note=PREDICTION)
    ]  # fmt: skip
    for name_ in COUNTS:
        unit = ("bytes " if name_ == "copied" else "") + f"per {bench.per}"
        count = one.counts[name_] / bench.operations
        rows.append(row(name_.replace(" ", "_"), unit, "smaller", count))
    speed = base.us(setup) / middle
    shares = sorted(base.us(setup, x) / one.us(setup, x) for x in ("low", "high"))
    rows.append(
        row("ratio", "of native", "larger", speed,
            low=min(speed, shares[0]), high=max(speed, shares[1]), note=PREDICTION)
    )  # fmt: skip
    return [replace(r, low=_under(r.low, r.value), high=_over(r.high, r.value)) for r in rows]


def _under(low: float | None, value: float) -> float | None:
    return None if low is None else min(low, value)


def _over(high: float | None, value: float) -> float | None:
    return None if high is None else max(high, value)
