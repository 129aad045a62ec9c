"""Run a workload on a system, price its trace on a machine, in steady state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from microbench.linux.host import Host
from microbench.linux.kernel import Linux
from microbench.machine.pricing import Ledger
from microbench.machine.retiming import price
from microbench.run import tracecache
from microbench.run.setup import Setup, load_calibration
from microbench.systems.registry import SYSTEMS
from microbench.trace import Trace
from microbench.workloads.base import Metric, Part, Workload
from microbench.workloads.programs.images import as_described


@dataclass(frozen=True)
class Measured:
    """What one part cost, per iteration.

    Attributes
    ----------
    ledger : Ledger
        Sum over the counted iterations.
    counted : int
        How many they were.
    spread : float
        (most - least) / mean cycles of an iteration; 0 in a steady state.
    """

    ledger: Ledger
    counted: int
    spread: float

    @property
    def cycles(self) -> float:
        """Cycles of one iteration."""
        return self.ledger.cycles / self.counted


@dataclass(frozen=True)
class Outcome:
    """One workload on one system and machine."""

    workload: Workload
    system: str
    metrics: list[Metric]
    parts: dict[str, Measured]


_TRACES: dict[tuple[str, str, str, str, float], Trace] = {}
IMAGE_PAGES = "image_pages"


def record(workload: Workload, part: Part, system: str, setup: Setup | None = None) -> Trace:
    """The trace of one part on one system; functional work is done once per process.

    Parameters
    ----------
    setup : Setup, optional
        Whose calibrated numbers of workloads to use; the packaged ones if not given.
    """
    numbers = load_calibration().workload if setup is None else setup.workload
    pages = numbers.get(IMAGE_PAGES, 1.0)
    key = (workload.name, workload.args, part.name, system, pages)
    host, options = SYSTEMS[system], {**part.options, IMAGE_PAGES: pages}
    if getattr(workload, "described", False) and not as_described():
        return play(part, host(), options)
    if key not in _TRACES:
        kept = tracecache.load(key)
        if kept is None:
            kept = play(part, host(), options)
            tracecache.keep(key, kept)
        _TRACES[key] = kept
    return _TRACES[key]


def play(part: Part, host: Host, options: Mapping[str, Any]) -> Trace:
    """Run the programs of a part on a host, with settings of its Linux, and keep what they did."""
    linux = Linux(host, **options)
    part.build(part.iterations, linux)
    linux.run()
    return host.recorder.finish()


def measure(trace: Trace, part: Part, setup: Setup) -> Measured:
    """Price a trace and keep the counted iterations."""
    ledgers = price(setup.spec, trace, setup.scales)
    kept = ledgers[-part.counted :]
    total = kept[0]
    for ledger in kept[1:]:
        total = total + ledger
    cycles = [ledger.cycles for ledger in kept]
    spread = (max(cycles) - min(cycles)) / (sum(cycles) / len(cycles))
    return Measured(total, len(kept), spread)


def run(workload: Workload, system: str, setup: Setup) -> Outcome:
    """All parts of a workload on one system, and the values they give."""
    parts = {
        part.name: measure(record(workload, part, system, setup), part, setup)
        for part in workload.parts()
    }
    cycles = {name: measured.cycles for name, measured in parts.items()}
    clock = setup.spec.value("core.clock_hz")
    return Outcome(workload, system, workload.metrics(cycles, clock), parts)
