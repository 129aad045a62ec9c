"""Drawn machines through a run: what no accepted machine may give."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from draws import Draw

from microbench.machine.load import machine_names
from microbench.machine.pricing import Ledger, Pricer
from microbench.machine.retiming import price
from microbench.machine.spec import MachineSpec
from microbench.run.runner import record
from microbench.smp.build import Setup
from microbench.smp.machine import of_spec
from microbench.smp.operation import load_operation
from microbench.smp.simulate import simulate
from microbench.trace.recorder import Trace
from microbench.workloads.registry import workloads

MACHINE_NAMES = {False: machine_names(), True: machine_names(many=True)}
CALLS = (
    *(("lat_syscall", "null", "l4"), ("lat_syscall", "null", "native"), ("lat_pipe", "", "l4")),
    *(("lat_ctx", "-s 0 2", "native"), ("bw_mem", "1024 wr", "native")),
)


@cache
def trace_of(name: str, args: str, system: str) -> Trace:
    """The trace of a call's main part."""
    workload = workloads(name, args.split())[0]
    return record(workload, workload.parts()[0], system)


def check_one(spec: MachineSpec, draw: Draw) -> str:
    """Price two calls; replay and retiming agree, nothing is negative, wrapped or none."""
    for _ in range(2):
        call = draw.choose(CALLS)
        trace = trace_of(*call)
        ledgers = Pricer(spec, trace).iterations()
        for ledger in ledgers:
            problem = _wrong(ledger)
            if problem:
                return f"{' '.join(call)}: {problem}"
        again = price(spec, trace)
        if not all(np.array_equal(a.ticks, b.ticks) for a, b in zip(ledgers, again, strict=True)):
            return f"{' '.join(call)}: retimed is not replayed"
    return ""


def _wrong(ledger: Ledger) -> str:
    if int(ledger.ticks.min()) < 0:
        return f"ticks {int(ledger.ticks.min())}"
    if int(ledger.counters.min()) < 0:
        return f"a counter of {int(ledger.counters.min())}"
    if not 0 < ledger.cycles < 2**60:
        return f"{ledger.cycles} cycles"
    return ""


def check_many(spec: MachineSpec, draw: Draw) -> str:
    """Simulate one operation on a few CPUs."""
    machine = of_spec(spec)
    n = min(draw.choose((1, 2, 5)), machine.count("topology.cpus"))
    op = load_operation(draw.choose(("fault", "fstat")), draw.choose(("tornado", "linux-2.6.10")))
    found = simulate(op, machine, n, Setup(seed=draw.randrange(1000)), 300)
    for value in (found.cycles, found.per_second):
        if not (math.isfinite(value) and value > 0):
            return f"{op.operation} with {n} CPUs: {value}"
    return "" if found.moves >= 0 else f"{found.moves} moves"
