"""The engine against the machine as one reads it: every tick, cause and counter."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_traces import build, traces
from toy import toy

from microbench.machine import engine
from microbench.machine.manual import Manual
from microbench.machine.pricing import Pricer, factors_of
from microbench.machine.spec import MachineSpec
from microbench.run.runner import record
from microbench.run.setup import prepare
from microbench.trace import Trace
from microbench.workloads.registry import workloads

SCALES = {"linux": 1.25, "l4": 0.5, "l4/x": 1.7}
EXAMPLES = 250
KINDS = ("vivt", "vipt", "pipt")
ORDERS = ("lru", "round_robin")
YES = ("yes", "no")
WORDS = {
    "l1i__index": KINDS,
    "l1d__index": KINDS,
    "l1i__replacement": ORDERS,
    "l1d__replacement": ORDERS,
    "l1d__write_allocate": YES,
    "l1d__write_policy": ("write_back", "write_through"),
    "write_queue__coalesces": YES,
    "tlb__tag": ("none", "domain", "asid"),
    "tlb__global_pages": ("yes", "yes", "no"),
    "tlb__walk": ("memory", "memory", "cached"),
    "tlb__flush_filter": YES,
    "space_switch": ("full", "tagged"),
    "kernel_isolation": ("no", "no", "no", "yes"),
}
NUMBERS = {
    "l1i__ways": (1.0, 2.0, 4.0),
    "l1d__ways": (1.0, 2.0, 4.0),
    "l1d__dirty_bytes": (16.0, 32.0),
    "write_queue__entries": (0.0, 1.0, 2.0, 8.0),
    "core__btb_entries": (0.0, 3.0, 8.0),
    "itlb__entries": (2.0, 4.0),
    "dtlb__entries": (2.0, 4.0),
    "tlb__second_entries": (0.0, 8.0),
    "sdram__banks": (1.0, 3.0, 4.0),
    "sdram__row_bytes": (512.0, 4096.0),
}
COSTS = {
    "core__instruction_cycles": 5.0,
    "core__word_cycles": 2.0,
    "core__multiple_cycles": 3.0,
    "core__load_use_stall_cycles": 2.5,
    "core__load_result_cycles": 4.0,
    "core__branch_miss_cycles": 6.0,
    "core__return_by_load_cycles": 8.0,
    "core__return_by_register_cycles": 5.0,
    "sdram__row_miss_clocks": 9.0,
    "sdram__write_clocks": 12.0,
    "tlb__second_cycles": 7.0,
    "tlb__invalidate_cycles": 3.0,
    "switch__cycles": 9.0,
    "special__space_register_cycles": 4.0,
    **{f"trap__{name}_cycles": 20.0 for name in ("syscall", "fault", "interrupt", "return")},
    **{
        f"maintenance__{name}_cycles": 5.0
        for name in ("clean_line", "range_line", "area_line", "fixed", "pte_write", "drain")
    },
}
SECOND = {"l2__size_bytes": 512.0, "l2__ways": 4.0, "l2__line_bytes": 32.0}
THIRD = {"l3__size_bytes": 2048.0, "l3__ways": 2.0, "l3__line_bytes": 64.0}
OUTER: tuple[dict[str, float | str], ...] = (
    {},
    {},
    {**SECOND, "l2__latency_cycles": 9.0},
    {**SECOND, **THIRD, "l2__latency_cycles": 9.0, "l3__latency_cycles": 30.0}
    | {"l2__replacement": "lru", "l3__replacement": "lru"},
)


@st.composite
def machines(draw: st.DrawFn) -> MachineSpec:
    """A toy with every choice and some of the costs drawn."""
    chosen: dict[str, float | str] = {
        key: draw(st.sampled_from(values)) for key, values in (*WORDS.items(), *NUMBERS.items())
    }
    some = draw(st.sets(st.sampled_from(sorted(COSTS))))
    costs = {key: COSTS[key] for key in some}
    return toy(**(chosen | costs | draw(st.sampled_from(OUTER))))


def agree(spec: MachineSpec, trace: Trace, scales: dict[str, float]) -> None:
    """The engine's ledger and counters of every iteration are the manual's."""
    manual = Manual(spec, trace, dict(enumerate(factors_of(trace, scales).tolist())))
    ledgers = Pricer(spec, trace, scales).iterations()
    for (first, last), ledger in zip(trace.slices, ledgers, strict=True):
        manual.spent, manual.counted, began = Counter(), Counter(), manual.now
        manual.run(first, last)
        found = {
            (place, name): int(ledger.ticks[place, cause])
            for place in range(len(trace.places))
            for cause, name in enumerate(engine.CAUSES)
        }
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in manual.spent.items() if v}
        counted = {name: ledger.count(name) for name in engine.COUNTERS}
        assert counted == {name: manual.counted[name] for name in engine.COUNTERS}
        assert manual.now - began == int(ledger.ticks.sum())


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(spec=machines(), drawn=traces)
def test_random_traces_on_drawn_machines(spec: MachineSpec, drawn: tuple) -> None:
    agree(spec, build(drawn), SCALES)


@pytest.mark.parametrize("machine", ["pxa255", "cortex-a72", "skylake-pti"])
@pytest.mark.parametrize("system", ["native", "l4"])
def test_a_recorded_trace(machine: str, system: str) -> None:
    workload = workloads("lat_syscall", ["null"])[0]
    setup = prepare(machine)
    agree(setup.spec, record(workload, workload.parts()[0], system), dict(setup.scales))
