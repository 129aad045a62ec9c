"""Events timed with other costs give the integers of a full replay, and only then are used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from random_traces import build as traced
from random_traces import traces
from test_oracle import MACHINES, SCALES
from toy import toy

from microbench.machine import conserve, engine, retiming
from microbench.machine.parameters import build
from microbench.machine.pricing import Ledger, Pricer
from microbench.machine.retiming import SEEN, geometry, keep, price, retime
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity
from microbench.run.runner import record
from microbench.run.setup import prepare
from microbench.trace import Trace
from microbench.workloads.registry import workloads

NO_PAGES = np.zeros((0, 6), np.int64)
OTHER = {
    "core.clock_hz": 250e6,
    "core.instruction_cycles": 1.3,
    "core.branch_miss_cycles": 9,
    "core.return_by_load_cycles": 6,
    "sdram.write_clocks": 11,
    "sdram.row_miss_clocks": 3,
    "sdram.banks": 2,
    "sdram.row_bytes": 512,
    "write_queue.entries": 5,
    "tlb.walk_cycles": 77,
    "tlb.second_cycles": 4,
    "maintenance.drain_cycles": 2,
    "trap.syscall_cycles": 17,
    "special.space_register_cycles": 5,
}


def slower(spec: MachineSpec) -> MachineSpec:
    """The machine with other costs, another queue and other memory, but the same geometry."""
    had = spec.numbers
    ratio = {k: v for k, v in OTHER.items() if k in had or k.startswith(("sdram", "core"))}
    changed = {k: Quantity(float(v), "", "TEST", "choice", v, v) for k, v in ratio.items()}
    if spec.value("special.space_register_cycles") == 0:
        changed.pop("special.space_register_cycles", None)
    return replace(spec, numbers={**had, **changed})


def equal(found: list[Ledger], expected: list[Ledger]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one.ticks, other.ticks)
        assert np.array_equal(one.counters, other.counters)


def retimed(spec: MachineSpec, trace: Trace, scales: dict[str, float], on: MachineSpec) -> None:
    """Keep events on one machine, time them on another, compare both with full replays."""
    ledgers, outline = keep(spec, trace, scales, 64)
    equal(ledgers, Pricer(spec, trace, scales).iterations())
    assert outline is not None
    for machine in (spec, on):
        parameters, state = build(machine, trace.pages[:0])
        found = retime(outline, trace, parameters, state, scales)
        equal(found, Pricer(machine, trace, scales).iterations())


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(drawn=traces)
def test_random_traces(drawn: tuple) -> None:
    trace = traced(drawn)
    for name, spec in MACHINES.items():
        note(name)
        retimed(spec, trace, SCALES, slower(spec))


@pytest.mark.parametrize("machine", ["pxa255", "cortex-a72", "skylake-pti"])
@pytest.mark.parametrize("system", ["native", "native-fass", "l4"])
@pytest.mark.parametrize("row", ["lat_ctx -s 4 3", "bw_pipe", "lat_proc fork"])
def test_recorded_traces(row: str, system: str, machine: str) -> None:
    name, *args = row.split()
    workload = workloads(name, args)[0]
    setup = prepare(machine)
    for part in workload.parts():
        trace = record(workload, part, system)
        retimed(setup.spec, trace, dict(setup.scales), slower(setup.spec))


def test_costs_do_not_change_the_geometry() -> None:
    for name, spec in MACHINES.items():
        one, other = (geometry(build(s, NO_PAGES)[0]) for s in (spec, slower(spec)))
        assert one == other, name


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("l1d__ways", 1.0),
        ("l1i__size_bytes", 256.0),
        ("l1d__replacement", "lru"),
        ("l1d__index", "pipt"),
        ("l1d__write_allocate", "yes"),
        ("l1d__write_policy", "write_through"),
        ("l1d__dirty_bytes", 32.0),
        ("dtlb__entries", 8.0),
        ("tlb__second_entries", 8.0),
        ("tlb__tag", "asid"),
        ("tlb__global_pages", "yes"),
        ("tlb__walk", "memory"),
        ("tlb__flush_filter", "yes"),
        ("space_switch", "tagged"),
        ("core__btb_entries", 16.0),
    ],
)
def test_what_decides_hits_changes_the_geometry(key: str, value: float | str) -> None:
    one, other = (geometry(build(s, NO_PAGES)[0]) for s in (toy(), toy(**{key: value})))
    assert one != other


def test_isolation_decides_by_being_there() -> None:
    isolated = {"kernel_isolation": "yes", "special__space_register_cycles": 9.0}
    shapes = [geometry(build(s, NO_PAGES)[0]) for s in (toy(), toy(**isolated))]
    assert shapes[0] != shapes[1]


def trace() -> Trace:
    return traced(([[(1, 0, 3, 2, 0), (2, 1, 5, 1, 0), (0, 0, 9, 4, 1)]], [(0, 2, 3, 0, 1)]))


def test_events_are_kept_from_the_third_time_on(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, mine, calls = toy(), trace(), []
    expected = Pricer(spec, mine).iterations()
    for name in ("keep", "retime"):
        kept = getattr(retiming, name)
        note = lambda *a, f=kept, n=name: calls.append(n) or f(*a)  # noqa: E731
        monkeypatch.setattr(retiming, name, note)
    for turn in range(5):
        equal(price(spec, mine), expected)
        assert calls == ["keep", "retime", "retime"][: max(0, turn - SEEN + 1)]
    other = toy(l1d__ways=1.0)
    equal(price(other, mine), Pricer(other, mine).iterations())
    assert len(calls) == 3, "another geometry begins anew"


def test_debug_mode_replays_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = trace()
    for _ in range(4):
        price(toy(), mine)
    monkeypatch.setattr(conserve, "DEBUG", True)
    monkeypatch.setattr(retiming, "retime", None)
    equal(price(toy(), mine), Pricer(toy(), mine).iterations())


@pytest.mark.parametrize("limit", ["MOST_WORDS", "MOST_KEPT"])
def test_too_many_events_are_not_kept(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(retiming, limit, 1)
    ledgers, outline = keep(toy(), trace(), {}, 64)
    assert outline is None
    equal(ledgers, Pricer(toy(), trace()).iterations())


def test_time_that_is_in_no_ledger_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = trace()
    _, outline = keep(toy(), mine, {}, 64)
    assert outline is not None
    monkeypatch.setattr(engine, "retime", lambda *a: a[-3].__setitem__(engine.S_NOW, 1))
    with pytest.raises(AssertionError, match="time that passed"):
        retime(outline, mine, *build(toy(), mine.pages[:0]))
