"""All published values beside the model, as the scoreboard needs them: one entry a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from microbench.machine.engine import IDLE, INSTRUCTIONS, TICKS
from microbench.reference.load import Published, packaged
from microbench.row import speed_ratio
from microbench.run.runner import Outcome, run
from microbench.run.setup import Setup
from microbench.study.calibrate import MACHINE
from microbench.systems.registry import talk
from microbench.trace.recorder import of_user
from microbench.workloads.registry import BENCHMARKS, workloads

SYSTEMS = talk()
TIE_SHARE = 0.015
LEAST_KERNEL, SAME_KERNEL = 0.10, 0.02


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
    kernel_cycles, kernel_share : float
        Of the first part: cycles of an iteration beyond instructions of user code (its misses
        counted in), and the share of the kernel in all.
    """

    published: Published
    modelled: float
    spread: float
    kernel_cycles: float = 0.0
    kernel_share: float = 0.0

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
    known: dict[tuple[str, str, str], tuple[dict[str, float], tuple[float, float, float]]] = {}
    for p in talk_values() if wanted is None else wanted:
        key = (p.benchmark, p.args, p.system)
        if key not in known:
            outcome = run(workloads(p.benchmark, p.args.split())[0], p.system, setup)
            metrics = {m.name: m.value for m in outcome.metrics}
            spread = max(m.spread for m in outcome.parts.values())
            known[key] = metrics, (spread, *_kernel(outcome))
        metrics, told = known[key]
        found.append(Value(p, metrics[p.metric], *told))
    return found


def _kernel(outcome: Outcome) -> tuple[float, float]:
    """Cycles an iteration of the first part spends beyond user instructions and idling, and the
    share of the kernel in all."""
    first = next(iter(outcome.parts.values()))
    ticks, places = first.ledger.ticks, first.ledger.by_place()
    user = [i for i, name in enumerate(first.ledger.places) if of_user(name)]
    beyond = int(ticks.sum() - ticks[user, INSTRUCTIONS].sum() - ticks[:, IDLE].sum()) / TICKS
    kernel = sum(cycles for name, cycles in places.items() if not of_user(name) and name != "idle")
    return beyond / first.counted, kernel / first.ledger.cycles


def informative(values: Iterable[Value]) -> list[Value]:
    """The predicted values that could have missed: one per independent quantity.

    Left out are values of which the kernel is less than a tenth, since no path, flush or
    refill moves them, and values whose kernel work is, within two per cent, that of a
    value of the same system counted before or calibrated on.
    """
    found: list[Value] = []
    told: list[tuple[str, float]] = []
    ordered = sorted(values, key=lambda value: value.published.role != "calibrate")
    for value in ordered:
        system, cycles = value.published.system, value.kernel_cycles
        new = all(s != system or abs(cycles / c - 1) > SAME_KERNEL for s, c in told if c)
        if value.published.role == "predict" and new and value.kernel_share >= LEAST_KERNEL:
            found.append(value)
        if value.published.role != "check":
            told.append((system, cycles))
    return found


def pairs(values: Iterable[Value]) -> dict[tuple[str, str], dict[str, Value]]:
    """Values by (benchmark, args), then by system."""
    found: dict[tuple[str, str], dict[str, Value]] = {}
    for value in values:
        p = value.published
        found.setdefault((p.benchmark, p.args), {})[p.system] = value
    return {k: v for k, v in found.items() if set(SYSTEMS) <= set(v)}


def winner(native: float, other: float, better: str) -> str:
    """Who is faster; a difference of up to 1.5 per cent is a tie, and so is what has no ratio."""
    ratio = speed_ratio(native, other, better)
    if ratio is None or abs(ratio - 1) <= TIE_SHARE:
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
