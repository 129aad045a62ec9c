"""How a value is made of the parts of its workload: value = sum of share times cycles of part.

The shares are asked of the workload itself, by its own arithmetic, with exact fractions. So
whatever is counted or charged part by part (cycles by cause, traps, misses) adds up to the
row exactly as the cycles do, overheads taken off included.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from microbench.workloads.base import Workload

Shares = Mapping[str, Fraction]


def part_names(workload: Workload) -> list[str]:
    """Parts of a workload, or the ways they divide into."""
    return [name for part in workload.parts() for name in part.ways or (part.name,)]


def all_shares(workload: Workload) -> dict[str, Shares]:
    """For each metric the share of each part's iteration in the operation behind it.

    Raises
    ------
    ValueError
        If the cycles of a metric are no such sum.
    """
    names = part_names(workload)
    ones = dict.fromkeys(names, Fraction(1))
    base = _cycles(workload, ones)
    moved = {name: _cycles(workload, {**ones, name: Fraction(2)}) for name in names}
    found: dict[str, Shares] = {m: {name: moved[name][m] - base[m] for name in names} for m in base}
    for metric, shares in found.items():
        if sum(shares.values()) != base[metric]:
            raise ValueError(f"{workload.name} {workload.args}: {metric} is no sum of its parts")
    return found


def main_shares(workload: Workload) -> Shares:
    """Those of the metric the workload is run for, the first."""
    return next(iter(all_shares(workload).values()))


def _cycles(workload: Workload, cycles: Mapping[str, Fraction]) -> dict[str, Fraction]:
    metrics = workload.metrics(cycles, 1e9)  # type: ignore[arg-type]
    return {metric.name: Fraction(metric.cycles) for metric in metrics}


def summed(shares: Shares, amounts: Mapping[str, float]) -> float:
    """What an amount per iteration of each part comes to in one operation."""
    return float(sum(share * Fraction(amounts[name]) for name, share in shares.items()))


def taken_off(shares: Shares) -> list[str]:
    """Parts that are subtracted."""
    return [name for name, share in shares.items() if share < 0]
