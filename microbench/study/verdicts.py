"""What the model says about a difference between measured and modelled, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microbench.run.modelled import by_cause
from microbench.run.setup import Setup
from microbench.study.beside import Beside

SHOWN = 4


def verdict(one: Beside, setup: Setup, systems: Sequence[str] | None = None) -> str:
    """How far apart, whether the ranges allow it, and what the modelled cycles are made of."""
    row = one.modelled
    assert row is not None
    ratio = one.measured.value / row.value if row.value else float("inf")
    name = f"{row.benchmark} {row.args}".strip()
    place = "which its ranges allow" if one.place == "inside" else f"{one.place} its range"
    made = shares(by_cause(row.benchmark, row.args.split(), setup, systems))
    said = f"{name}: measured is {ratio:.2f} times the model, {place}"
    return f"{said}; modelled: {made}" if made else said


def shares(found: Mapping[str, float]) -> str:
    """Causes as shares of their sum, the largest first."""
    total = sum(found.values())
    if total <= 0:
        return ""
    ranked = sorted(found.items(), key=lambda item: -item[1])[:SHOWN]
    return ", ".join(f"{name} {cycles / total:.0%}" for name, cycles in ranked if cycles > 0)
