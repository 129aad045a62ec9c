"""One text, three engines: compiled ahead, by numba, or not at all; the same integers.

numba takes half a minute to compile, so it is compared where it runs anyway, with
`MKBENCH_ENGINE=numba`, as CI does on a line of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from plain import imported_as, plain_replay
from random_traces import build, traces
from test_oracle import MACHINES, SCALES

from microbench.errors import InputError
from microbench.machine import engine, pricing, retiming
from microbench.machine.pricing import Ledger, Pricer
from microbench.machine.spec import MachineSpec
from microbench.run import runner
from microbench.run.rows import benchmark_rows
from microbench.trace import Trace

KINDS = ("ahead", "numba") if engine.CHOICE.kind == "numba" else ("ahead",)
TALK = Path(__file__).parents[2] / "results" / "talk.csv"
GOLDEN = (
    ("lat_syscall", "null", "native"),
    ("lat_syscall", "null", "l4"),
    ("lat_pipe", "", "native"),
    ("lat_pipe", "", "l4"),
    ("lat_ctx", "-s 0 2", "l4"),
)


@cache
def replay(kind: str) -> Callable[..., None]:
    """The loop, run in one way."""
    if kind == "plain":
        return plain_replay
    try:
        found: Callable[..., None] = imported_as(engine, kind).replay
    except InputError as error:
        pytest.skip(str(error))
    return found


def priced(kind: str, spec: MachineSpec, trace: Trace) -> list[Ledger]:
    with mock.patch.object(pricing.engine, "replay", replay(kind)):
        return Pricer(spec, trace, SCALES).iterations()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drawn=traces)
def test_random_traces_cost_the_same_on_every_engine(drawn: tuple) -> None:
    trace = build(drawn)
    for name, spec in MACHINES.items():
        expected = priced("plain", spec, trace)
        for kind in KINDS:
            note(f"{name} {kind}")
            for one, other in zip(priced(kind, spec, trace), expected, strict=True):
                assert np.array_equal(one.ticks, other.ticks)
                assert np.array_equal(one.counters, other.counters)


@pytest.mark.parametrize("kind", [*KINDS, "plain"])
@pytest.mark.parametrize(("name", "args", "system"), GOLDEN)
def test_stored_rows_are_those_of_every_engine(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: str, args: str, system: str
) -> None:
    monkeypatch.setattr(runner, "_PRICED", {})
    monkeypatch.setattr(retiming, "_KNOWN", {})
    monkeypatch.setattr(pricing.engine, "replay", replay(kind))
    with TALK.open(encoding="utf-8") as file:
        lines = csv.DictReader(line for line in file if not line.startswith("#"))
        stored = {tuple(line[k] for k in line)[:5]: line["cycles"] for line in lines}
    for row in benchmark_rows(name, args, systems=[system]):
        assert stored[name, args, "pxa255", system, row.metric] == str(row.cycles)
