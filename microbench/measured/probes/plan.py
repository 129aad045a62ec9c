"""Which blocks are measured when: passes interleaved over all probes, within a time.

Knows no clock and no system call: a probe is a function that measures one block, and the clock
and the count of interruptions are handed in, so the whole plan runs in a test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from microbench.measured.probes.statistics import Estimate, estimate

PASSES = 5
BLOCKS = 101
BLOCK_NS = 200_000.0
"""A block is well under a slice of the scheduler, so that most are not interrupted."""
TRIES = 3
MOST_DROPPED = 0.5
"""Where more blocks than this share were interrupted, they are all kept: a busy machine."""


@dataclass(frozen=True)
class Probe:
    """One quantity to measure.

    Attributes
    ----------
    benchmark, args, metric, unit, better : str
        As in a row.
    block : callable
        Operations to the time they took [ns]; nan if a call failed. A difference of two
        times may be below 0.
    scale : callable
        Time per operation [ns] to the unit.
    count : int
        Operations of a block; set by `calibrated` where 0.
    switches : bool
        The probe gives up the processor by design, so interruptions say nothing.
    most : int
        Most operations of a block, e.g. for memory that a block uses up.
    note : str
        What is measured, where it is not what the benchmark's name says.
    """

    benchmark: str
    args: str
    unit: str
    block: Callable[[int], float]
    scale: Callable[[float], float]
    metric: str = "latency"
    better: str = "smaller"
    count: int = 0
    switches: bool = False
    most: int = 1_000_000
    note: str = ""

    @property
    def name(self) -> str:
        """Benchmark with arguments and, where it is not the latency, metric."""
        said = "" if self.metric in ("latency", "bandwidth") else f" ({self.metric})"
        return f"{self.benchmark} {self.args}".strip() + said


@dataclass
class Found:
    """What a probe gave so far."""

    probe: Probe
    passes: list[list[float]] = field(default_factory=list)
    interrupted: list[list[float]] = field(default_factory=list)
    failure: str = ""

    def estimate(self) -> Estimate | None:
        """The quantity in the probe's unit; None if no block was measured."""
        clean = sum(map(len, self.passes))
        hit = sum(map(len, self.interrupted))
        if clean + hit == 0:
            return None
        if hit > MOST_DROPPED * (clean + hit):
            both = [a + b for a, b in zip(self.passes, self.interrupted, strict=True)]
            return estimate(both, 0)
        return estimate(self.passes, hit)


def calibrated(probe: Probe, target_ns: float, clock: Callable[[], float]) -> int:
    """Operations that take about `target_ns`, by steps of eight; at least one.

    Of three tries the shortest counts: who is interrupted would be taken for slow.
    """
    count = 1
    while count < probe.most:
        spent = min(_timed(probe, count, clock) for _ in range(TRIES))
        if math.isnan(spent) or spent >= target_ns:
            return count
        if spent > target_ns / 8:
            return min(probe.most, max(1, round(count * target_ns / spent)))
        count = min(probe.most, count * 8)
    return count


def _timed(probe: Probe, count: int, clock: Callable[[], float]) -> float:
    start = clock()
    failed = math.isnan(probe.block(count))
    return math.nan if failed else clock() - start


def measure(
    probes: Sequence[Probe],
    clock: Callable[[], float],
    interruptions: Callable[[], int],
    seconds: float = 1.0,
    tick: Callable[[str], None] = lambda text: None,
    blocks: int = BLOCKS,
    passes: int = PASSES,
) -> list[Found]:
    """Measure every probe for about `seconds` in all.

    Parameters
    ----------
    probes : sequence of Probe
    clock : callable
        Now [ns].
    interruptions : callable
        How often this process lost its processor so far.
    seconds : float
        For each probe, over all passes.
    tick : callable
        Told each probe and pass before it starts.
    """
    found = [Found(probe) for probe in probes]
    a_pass = seconds * 1e9 / passes
    counts: dict[int, int] = {}
    for number in range(passes):
        for i, one in enumerate(found):
            tick(f"{one.probe.name}, pass {number + 1} of {passes}")
            if one.failure:
                continue
            if number == 0:
                target = min(a_pass / blocks, BLOCK_NS)
                counts[i] = one.probe.count or calibrated(one.probe, target, clock)
            _pass(one, counts[i], clock, interruptions, blocks, a_pass)
    return found


def _pass(
    one: Found,
    count: int,
    clock: Callable[[], float],
    interruptions: Callable[[], int],
    blocks: int,
    a_pass: float,
) -> None:
    """One pass of blocks behind one that warms the caches; cut short where it takes too long."""
    clean: list[float] = []
    hit: list[float] = []
    start = clock()
    one.probe.block(count)
    for _ in range(blocks):
        before = interruptions()
        spent = one.probe.block(count)
        if math.isnan(spent):
            one.failure = "a system call failed"
            break
        value = one.probe.scale(spent / count)
        disturbed = interruptions() > before and not one.probe.switches
        (hit if disturbed else clean).append(value)
        if clock() - start > a_pass:
            break
    one.passes.append(clean)
    one.interrupted.append(hit)
