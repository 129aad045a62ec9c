"""What the model says about a difference between measured and modelled, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from microbench.run.explain import hops, measured_parts, per_hop
from microbench.run.setup import Setup
from microbench.study.beside import Beside
from microbench.workloads.registry import workloads

SHOWN = 4


def verdict(one: Beside, setup: Setup, systems: Sequence[str] | None = None) -> str:
    """How far apart, whether the ranges allow it, and what the modelled cycles are made of."""
    row = one.modelled
    assert row is not None
    ratio = one.measured.value / row.value if row.value else float("inf")
    name = f"{row.benchmark} {row.args}".strip()
    place = "which its ranges allow" if one.place == "inside" else f"{one.place} its range"
    said = f"{name}: measured is {ratio:.2f} times the model, {place}"
    made = made_of(one, setup, (systems or [row.system])[:1])
    return f"{said}; modelled: {made}" if made else said


def made_of(one: Beside, setup: Setup, systems: Sequence[str]) -> str:
    """The causes of the modelled cycles, the largest first, as shares."""
    row = one.modelled
    assert row is not None
    workload = workloads(row.benchmark, row.args.split())[0]
    part = workload.parts()[0]
    found = measured_parts(workload, systems, setup)[part.name]
    by_cause = per_hop(next(iter(found.values())), hops(workload, part))
    return shares(by_cause)


def shares(by_cause: dict[str, float]) -> str:
    """Causes as shares of their sum, the largest first."""
    total = sum(by_cause.values())
    if total <= 0:
        return ""
    ranked = sorted(by_cause.items(), key=lambda item: -item[1])[:SHOWN]
    return ", ".join(f"{name} {cycles / total:.0%}" for name, cycles in ranked if cycles > 0)
