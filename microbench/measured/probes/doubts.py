"""Why a measurement on this machine may not repeat, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from microbench.measured.probes.facts import System
from microbench.measured.probes.plan import Found

BUSY = 0.5
"""Processes per processor that wanted to run, above which it is said."""
WIDE = 0.10
HIT = 0.20


def before(system: System, processors: int, idle: float | None, threads: int) -> list[str]:
    """What is known before anything is measured."""
    found = []
    load = system.load()
    if load > BUSY * processors:
        found.append(f"load {load:.1f} on {processors} processors: other work runs")
    if idle is not None and idle < 0.9:
        found.append(f"the processor was idle for only {idle:.0%} of the time just before")
    if threads > 1:
        found.append(
            f"this process has {threads} threads: each call with a descriptor costs more; "
            "set OPENBLAS_NUM_THREADS=1"
        )
    governor = system.frequency_text("scaling_governor")
    if not governor:
        found.append("no cpufreq: the clock's frequency is not known and may move")
    elif governor != "performance":
        found.append(f"the governor is {governor}: the clock's frequency moves")
    if "hypervisor" in system.cpuinfo().get("flags", "").split():
        found.append("a virtual machine: what its neighbours do cannot be seen")
    siblings = system.text(f"sys/devices/system/cpu/cpu{system.cpu}/topology/thread_siblings_list")
    if "," in siblings or "-" in siblings:
        found.append(f"processors {siblings} share a core")
    return found


def after(found: Sequence[Found], stolen_ticks: int, seconds_short: float) -> list[str]:
    """What the measurements themselves tell."""
    said = []
    wide, hit = [], []
    for one in found:
        estimate = one.estimate()
        if estimate is None:
            continue
        if estimate.high - estimate.low > 2 * WIDE * abs(estimate.median):
            wide.append(one.probe.name)
        if estimate.dropped > HIT * (estimate.blocks + estimate.dropped):
            hit.append(one.probe.name)
    if wide:
        said.append(f"intervals wider than 10 % either way: {_few(wide, len(found))}")
    if hit:
        said.append(f"many blocks interrupted and dropped: {_few(hit, len(found))}")
    if stolen_ticks > 0:
        said.append(f"the host took the processor away for {stolen_ticks} ticks")
    if seconds_short < 1:
        said.append(f"{seconds_short:.2f} of a probe's time was there")
    failed = [f"{one.probe.name} ({one.failure})" for one in found if one.failure]
    if failed:
        said.append(f"not measured: {', '.join(failed)}")
    return said


def _few(names: Sequence[str], of: int) -> str:
    """Some names, or how many where there are more."""
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} of {of} probes"


NOT_SO = (
    "not measured so: L1 bandwidth (the compiler's loop is not a C compiler's), fork of a small C "
    "program, calls the C library answers itself (clock_gettime)"
)
"""What this way of probing cannot tell."""
