"""What makes the difference between systems, from runs that were made anyway."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from microbench.run.account import by_cause, by_part
from microbench.run.calls import Pair, calls, own_kernel, run_on
from microbench.run.runner import Outcome
from microbench.run.setup import Setup, prepare

BASE = "native"
NAMED = 4
"""Causes that a sentence names; the rest is one number."""


def breakdown(
    benchmark: str,
    args: str,
    machine: str = "pxa255",
    systems: Iterable[str] | None = None,
    settings: Iterable[str] = (),
) -> dict[str, dict[str, float]]:
    """Per system, cycles by cause of one operation of the benchmark's row.

    Raises
    ------
    UsageError, InputError
        For unknown names, bad arguments, or a bad machine.
    """
    setup = prepare(machine, settings)
    chosen = systems or own_kernel(benchmark, args.split(), setup)
    found = columns(calls(benchmark, args.split(), chosen, setup, beside=True)[:1], setup)
    return {name: by_cause(outcome) for name, outcome in found.items()}


def columns(found: Sequence[Sequence[Pair]], setup: Setup) -> dict[str, Outcome]:
    """What is compared: one variant on some systems, or some variants on one."""
    outcomes = [run_on(*pair, setup)[0] for pairs in found for pair in pairs]
    if len(found) == 1:
        return {outcome.system: outcome for outcome in outcomes}
    return {_label(outcome): outcome for outcome in outcomes}


def _label(outcome: Outcome) -> str:
    label = getattr(outcome.workload, "label", outcome.workload.args)
    return str(label or outcome.workload.name)


def difference(first: Mapping[str, float], second: Mapping[str, float]) -> list[tuple[str, float]]:
    """What is dearer in the first, by the union of their names, the largest first; zeros left out.

    The gaps add up to the difference of the sums.
    """
    names = dict.fromkeys((*first, *second))
    gaps = [(name, first.get(name, 0.0) - second.get(name, 0.0)) for name in names]
    return sorted((g for g in gaps if g[1]), key=lambda g: -abs(g[1]))


def reasons(groups: Iterable[Sequence[Outcome]], setup: Setup) -> list[str]:
    """Sentences: how each row is made up and what makes the difference between its systems."""
    return [text for group in groups for text in _reasons(group, setup)]


def _reasons(group: Sequence[Outcome], setup: Setup) -> list[str]:
    base = next((o for o in group if o.system == BASE), group[0])
    us = 1e6 / setup.spec.value("core.clock_hz")
    return [
        f"{_name(base)}: {_made(base, us)}; {_made(other, us)}; {_gap(base, other, us)}"
        for other in group
        if other is not base and abs(_total(base) - _total(other)) >= 1
    ]


def _name(outcome: Outcome) -> str:
    return f"{outcome.workload.name} {outcome.workload.args}".strip()


def _total(outcome: Outcome) -> float:
    return sum(by_part(outcome).values())


def _made(outcome: Outcome, us: float) -> str:
    """ "native 20.0 us = hop 25.0 - overhead 5.0"."""
    text = f"{outcome.system} {_digits(_total(outcome) * us)} us"
    terms = by_part(outcome)
    if len(terms) < 2:
        return text
    signed = [f"{'-' if c < 0 else '+'} {name} {_digits(abs(c) * us)}" for name, c in terms.items()]
    return f"{text} = {' '.join(signed).removeprefix('+ ')}"


def _gap(base: Outcome, other: Outcome, us: float) -> str:
    """ "native pays 256.1 us more: flush +120.3, ..., the rest -1.2"."""
    gap = _total(base) - _total(other)
    dearer, sign = (base, 1) if gap > 0 else (other, -1)
    ranked = difference(by_cause(base), by_cause(other))
    named = [f"{name} {_signed(sign * cycles * us)}" for name, cycles in ranked[:NAMED]]
    rest = sum(cycles for _, cycles in ranked[NAMED:])
    named += [f"the rest {_signed(sign * rest * us)}"] if ranked[NAMED:] else []
    return f"{dearer.system} pays {_digits(abs(gap) * us)} us more: {', '.join(named)}"


def _digits(value: float) -> str:
    """Four significant digits, never an exponent."""
    size = math.floor(math.log10(abs(value))) if value else 0
    return f"{value:.{min(max(3 - size, 0), 9)}f}"


def _signed(value: float) -> str:
    return ("" if value < 0 else "+") + _digits(value)
