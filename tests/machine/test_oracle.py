"""The compiled engine gives the integers of the same source run as plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from plain import plain_engine, priced_and_checked, priced_plainly
from random_traces import build, traces
from toy import toy

from microbench.machine.spec import MachineSpec
from microbench.run.runner import record
from microbench.run.setup import prepare
from microbench.trace import Trace
from microbench.trace.check import check
from microbench.workloads.registry import workloads

SCALES = {"linux": 1.25, "l4": 0.5, "l4/x": 1.7}
COSTS = {
    "core__word_cycles": 1.0,
    "core__multiple_cycles": 2.0,
    "core__load_use_stall_cycles": 1.5,
    "core__branch_miss_cycles": 4.0,
    "core__btb_entries": 8.0,
    "sdram__row_miss_clocks": 7.0,
    "sdram__row_bytes": 1024.0,
    "maintenance__clean_line_cycles": 2.0,
    "maintenance__range_line_cycles": 3.0,
    "maintenance__area_line_cycles": 5.0,
}
OUTER = {
    "l2__size_bytes": 512.0,
    "l2__ways": 4.0,
    "l2__line_bytes": 32.0,
    "l2__latency_cycles": 9.0,
}
MACHINES = {
    "virtual": toy(**COSTS),
    "lru": toy(l1d__replacement="lru", l1i__replacement="lru", **COSTS),
    "physical": toy(l1d__index="pipt", l1i__index="vipt", tlb__walk="memory", **COSTS),
    "allocating": toy(
        l1d__write_allocate="yes", tlb__tag="domain", tlb__global_pages="yes", **COSTS
    ),
    "through": toy(l1d__write_policy="write_through", write_queue__coalesces="no", **COSTS),
    "no queue": toy(write_queue__entries=0.0, tlb__flush_filter="yes", **COSTS),
    "outer": toy(l1d__index="pipt", l1i__index="pipt", tlb__second_entries=8.0, **COSTS, **OUTER),
    "isolated": toy(kernel_isolation="yes", special__space_register_cycles=9.0, **COSTS),
}


def same(spec: MachineSpec, trace: Trace, scales: dict[str, float]) -> None:
    plain = priced_plainly(spec, trace, scales)
    compiled = priced_and_checked(spec, trace, scales)
    for one, other in zip(plain, compiled, strict=True):
        assert np.array_equal(one.ticks, other.ticks)
        assert np.array_equal(one.counters, other.counters)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(drawn=traces)
def test_random_traces(drawn: tuple) -> None:
    trace = build(drawn)
    check(trace)
    for name, spec in MACHINES.items():
        note(name)
        same(spec, trace, SCALES)


@pytest.mark.parametrize("machine", ["pxa255", "cortex-a72"])
@pytest.mark.parametrize("system", ["native", "native-fass", "l4"])
@pytest.mark.parametrize("name", ["lat_pipe", "bw_file_rd"])
def test_recorded_traces(name: str, system: str, machine: str) -> None:
    workload = workloads(name, [])[0]
    setup = prepare(machine)
    for part in workload.parts():
        same(setup.spec, record(workload, part, system), dict(setup.scales))


def test_the_oracle_is_not_compiled() -> None:
    assert not hasattr(plain_engine().replay, "signatures")
