"""This machine measured, start to end: pin, compile, measure, doubt, and say it in rows."""

from __future__ import annotations

import gc
import os
import platform
import resource
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic, perf_counter_ns, sleep

from microbench.measured.probes import doubts, machine_file
from microbench.measured.probes.cpuid import ask, tlbs
from microbench.measured.probes.facts import System, facts, idle_share, stolen
from microbench.measured.probes.plan import PASSES, Found, measure
from microbench.measured.probes.suite import CHAIN, suite
from microbench.row import Row

DEADLINE_S = 27.0
"""All of it, compilation included."""
MEMORY_BYTES = 128 << 20


@dataclass(frozen=True)
class HostResult:
    """What was found.

    Attributes
    ----------
    found : list of Found
    facts : dict of str to str
    doubts : list of str
    system : System
    """

    found: list[Found]
    facts: dict[str, str]
    doubts: list[str]
    system: System


def load_sizes(system: System) -> list[int]:
    """Sizes at which loads are timed: half of each level, and well beyond the last."""
    found = [c.size_bytes // 2 for c in system.caches() if c.kind != "Instruction"]
    last = max((2 * size for size in found), default=32 << 20)
    return sorted({*found, min(max(4 * last, 32 << 20), MEMORY_BYTES)})


def run_host(
    cpu: int,
    seconds: float,
    progress: Callable[[int], Callable[[str], None]],
    wanted: str = "",
) -> HostResult:
    """Measure everything, or the probes whose name begins so.

    Parameters
    ----------
    cpu : int
        Where this process is pinned.
    seconds : float
        For each probe; less where the whole would take more than half a minute.
    progress : callable
        Number of steps to a function told each.
    """
    start, system = monotonic(), System(cpu=cpu)
    ticks = system.cpu_times()
    sleep(0.2)
    idle = idle_share(ticks, system.cpu_times())
    about = facts(system)
    with ExitStack() as stack:
        probes = suite(stack, load_sizes(system))
        probes = [p for p in probes if p.name.startswith(wanted)]
        threads = len(os.listdir("/proc/self/task"))
        said = doubts.before(system, os.cpu_count() or 1, idle, threads)
        left = max(2.0, DEADLINE_S - (monotonic() - start))
        each = min(seconds, left / max(1, len(probes)))
        ticks = system.cpu_times()
        gc.disable()
        stack.callback(gc.enable)
        found = measure(
            probes, perf_counter_ns, _interruptions, each, progress(PASSES * len(probes))
        )
        said += doubts.after(found, stolen(ticks, system.cpu_times()), each / seconds)
    return HostResult(found, about, said, system)


def _interruptions() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def host_rows(result: HostResult, machine: str = "host") -> list[Row]:
    """What was measured, as rows of role measured; the clock's probe is no row."""
    rows = []
    for one in result.found:
        estimate, probe = one.estimate(), one.probe
        if estimate is None or probe.benchmark == CHAIN:
            continue
        said = [f"MAD {estimate.mad:.4g}", f"{estimate.blocks} blocks"]
        if estimate.dropped:
            said.append(f"{estimate.dropped} dropped")
        rows.append(
            Row(
                benchmark=probe.benchmark,
                args=probe.args,
                machine=machine,
                system="measured",
                metric=probe.metric,
                unit=probe.unit,
                better=probe.better,
                value=estimate.median,
                low=estimate.low,
                high=estimate.high,
                role="measured",
                model_version="",
                note="; ".join([*said, *([probe.note] if probe.note else [])]),
            )
        )
    return rows


def host_machine(result: HostResult, name: str) -> tuple[str, str]:
    """A machine file of this machine, and the name of the machine it is like."""
    system = result.system
    like = machine_file.nearest(system, platform.machine())
    caches = system.caches()
    estimates = {one.probe.name: one.estimate() for one in result.found}
    loads = [
        machine_file.Latency(int(one.probe.metric.split()[2]), e.median, e.low, e.high)
        for one in result.found
        if (e := one.estimate()) is not None and one.probe.metric.startswith("latency at")
    ]
    on_x86 = platform.machine() == machine_file.LIKE_X86
    chain = estimates.get(f"{CHAIN} square and add") if on_x86 else None
    said = system.frequency_text("scaling_cur_freq")
    hertz = float(said) * 1e3 if said.isdigit() else 0.0
    ends = (chain.low, chain.high) if chain else (0.0, 0.0)
    clock = machine_file.clock(chain.median if chain else None, *ends, hertz)
    numbers = [*([clock] if clock else []), *machine_file.sizes(caches)]
    if clock:
        numbers += machine_file.latencies(loads, caches, clock.value)
    numbers += machine_file.translation(tlbs(ask()))
    title = f"{result.facts.get('processor', 'this machine')}, probed"
    title = "".join(c for c in title if c.isprintable() and c not in '"\\')
    return machine_file.machine_text(name, title, like, system.isolates(), numbers), like
