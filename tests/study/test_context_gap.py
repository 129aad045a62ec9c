"""The fifty-fold switch is what the machine does: take that away and the gap closes."""

from __future__ import annotations

import pytest

from microbench.run.rows import benchmark_rows

SWITCH = ("lat_ctx", "-s 0 2")


def ratio(*settings: str) -> float:
    """Native time of a switch over that on L4."""
    rows = benchmark_rows(*SWITCH, systems=["native", "l4"], settings=settings)
    value = {row.system: row.value for row in rows if row.metric == "latency"}
    return value["native"] / value["l4"]


def test_a_native_switch_costs_ten_times_an_l4_switch() -> None:
    assert ratio() >= 10


def test_tagged_switching_closes_the_gap() -> None:
    assert ratio("space_switch=tagged") < 1.5


def test_physical_tags_close_most_of_the_gap() -> None:
    assert ratio("l1i.index=pipt", "l1d.index=pipt") < 4


def test_a_system_call_is_dearer_on_l4_by_the_same_amount_wherever_it_is_made() -> None:
    def cost(name: str, args: str, calls: int) -> float:
        rows = benchmark_rows(name, args, systems=["native", "l4"])
        value = {r.system: r.cycles or 0 for r in rows if r.metric == "latency"}
        return (value["l4"] - value["native"]) / calls

    null = cost("lat_syscall", "null", 1)
    assert cost("lat_ctx", "-s 0 1", 2) == pytest.approx(null, rel=0.2)
