"""Occupancy counts distinct lines and pages of one iteration."""

from __future__ import annotations

import pytest

from microbench.run.occupancy import Occupancy, occupancy
from microbench.run.runner import record
from microbench.run.setup import prepare
from microbench.workloads.registry import workloads


def of(name: str, *args: str) -> Occupancy:
    workload = workloads(name, list(args))[0]
    return occupancy(record(workload, workload.parts()[0], "l4"), prepare("pxa255").spec)


def test_a_buffer_of_half_the_cache_fills_half_of_it() -> None:
    assert of("bw_mem", "16k", "frd").l1d == pytest.approx(0.5, abs=0.01)


def test_more_processes_need_more() -> None:
    two, ten = of("lat_ctx", "-s", "0", "2"), of("lat_ctx", "-s", "0", "10")
    assert ten.l1d > two.l1d
    assert ten.dtlb > two.dtlb


def test_cliffs_are_from_80_to_150_per_cent() -> None:
    assert Occupancy(0.79, 0.8, 1.5, 1.51).on_cliff == ["l1d", "itlb"]
