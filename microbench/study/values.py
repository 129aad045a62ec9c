"""All published values beside the model, as the scoreboard needs them: one entry a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from microbench.reference.load import Published, packaged
from microbench.run.runner import run
from microbench.run.setup import Setup
from microbench.study.calibrate import MACHINE
from microbench.workloads.registry import BENCHMARKS, workloads

SYSTEMS = ("native", "l4")
TIE_SHARE = 0.015


@dataclass(frozen=True)
class Value:
    """One published value and what the model says.

    Attributes
    ----------
    published : Published
    modelled : float
        In the unit of the published value.
    spread : float
        Of the counted iterations, relative.
    """

    published: Published
    modelled: float
    spread: float

    @property
    def name(self) -> str:
        """Benchmark, arguments and system."""
        return self.published.name

    @property
    def error(self) -> float:
        """modelled / published - 1."""
        return self.modelled / self.published.value - 1


def talk_values() -> list[Published]:
    """Published values of this machine that the model can run."""
    return [
        p
        for p in packaged()
        if p.machine == MACHINE and p.benchmark in BENCHMARKS and p.table != "ipc"
    ]


def evaluate(setup: Setup, wanted: Iterable[Published] | None = None) -> list[Value]:
    """Model every wanted value, in order; each workload is run once per system."""
    found = []
    known: dict[tuple[str, str, str], tuple[dict[str, float], float]] = {}
    for p in talk_values() if wanted is None else wanted:
        key = (p.benchmark, p.args, p.system)
        if key not in known:
            outcome = run(workloads(p.benchmark, p.args.split())[0], p.system, setup)
            metrics = {m.name: m.value for m in outcome.metrics}
            known[key] = metrics, max(m.spread for m in outcome.parts.values())
        metrics, spread = known[key]
        found.append(Value(p, metrics[p.metric], spread))
    return found


def pairs(values: Iterable[Value]) -> dict[tuple[str, str], dict[str, Value]]:
    """Values by (benchmark, args), then by system."""
    found: dict[tuple[str, str], dict[str, Value]] = {}
    for value in values:
        p = value.published
        found.setdefault((p.benchmark, p.args), {})[p.system] = value
    return {k: v for k, v in found.items() if set(SYSTEMS) <= set(v)}


def winner(native: float, other: float, better: str) -> str:
    """Who is faster; a difference of up to 1.5 per cent is a tie."""
    ratio = native / other if better == "smaller" else other / native
    if abs(ratio - 1) <= TIE_SHARE:
        return "tie"
    return "l4" if ratio > 1 else "native"


def winners(values: Iterable[Value]) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Per row: who wins as published and as modelled."""
    found = {}
    for key, both in pairs(values).items():
        native, other = both["native"], both["l4"]
        better = native.published.better
        found[key] = (
            winner(native.published.value, other.published.value, better),
            winner(native.modelled, other.modelled, better),
        )
    return found
