"""The plan of measurement with a clock and probes that are made up: no time passes here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from microbench.measured.probes.plan import BLOCK_NS, Probe, calibrated, measure
from microbench.measured.probes.statistics import estimate


@dataclass
class Machine:
    """A machine whose operations take a known time, and which may interrupt."""

    now: float = 0.0
    each_ns: float = 100.0
    interrupt_every: int = 0
    interruptions: int = 0
    blocks: int = 0
    log: list[str] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def probe(self, name: str, factor: float = 1.0, **more: object) -> Probe:
        def block(count: int) -> float:
            self.blocks += 1
            self.log.append(name)
            spent = self.each_ns * factor * count
            if self.interrupt_every and self.blocks % self.interrupt_every == 0:
                self.interruptions += 1
                spent *= 50
            self.now += spent
            return spent

        return Probe(name, "", "us", block, lambda ns: ns / 1e3, **more)  # type: ignore[arg-type]


def run(machine: Machine, *probes: Probe, seconds: float = 1.0):  # type: ignore[no-untyped-def]
    return measure(probes, machine.clock, lambda: machine.interruptions, seconds)


def test_passes_are_interleaved_and_every_block_is_there() -> None:
    machine = Machine()
    a, b = run(machine, machine.probe("a"), machine.probe("b", 2.0))
    assert [len(p) for p in a.passes] == [101] * 5
    order = [name for i, name in enumerate(machine.log) if i == 0 or machine.log[i - 1] != name]
    assert order == ["a", "b"] * 5
    assert a.estimate().median == pytest.approx(0.1)
    assert b.estimate().median == pytest.approx(0.2)


def test_a_block_is_far_shorter_than_a_slice_of_the_scheduler() -> None:
    machine = Machine(each_ns=7.0)
    count = calibrated(machine.probe("a"), BLOCK_NS, machine.clock)
    assert BLOCK_NS / 2 < count * 7.0 < 2 * BLOCK_NS


def test_calibration_is_not_fooled_by_an_interruption() -> None:
    machine = Machine(interrupt_every=3)
    count = calibrated(machine.probe("a"), BLOCK_NS, machine.clock)
    assert count == pytest.approx(BLOCK_NS / 100, rel=0.5)


def test_interrupted_blocks_are_dropped_and_counted() -> None:
    machine = Machine(interrupt_every=10)
    (found,) = run(machine, machine.probe("a"))
    result = found.estimate()
    assert result.median == pytest.approx(0.1)
    assert result.dropped == pytest.approx(50, abs=3)
    assert result.mad == pytest.approx(0.0, abs=1e-9)


def test_where_nearly_all_are_interrupted_all_are_kept() -> None:
    machine = Machine(interrupt_every=1)
    (found,) = run(machine, machine.probe("a"))
    assert found.estimate().dropped == 0


def test_a_probe_that_switches_by_design_drops_nothing() -> None:
    machine = Machine(interrupt_every=10)
    (found,) = run(machine, machine.probe("a", switches=True))
    assert found.estimate().dropped == 0


def test_a_slow_probe_is_cut_short_at_its_time() -> None:
    machine = Machine(each_ns=50e6)
    (found,) = run(machine, machine.probe("a"), seconds=1.0)
    assert machine.now < 2.5e9
    assert 5 <= found.estimate().blocks <= 25


def test_a_call_that_fails_is_said_and_the_others_go_on() -> None:
    machine = Machine()
    bad = Probe("bad", "", "us", lambda count: math.nan, lambda ns: ns)
    broken, good = run(machine, bad, machine.probe("good"))
    assert broken.failure
    assert broken.estimate() is None
    assert good.estimate().blocks == 505


def test_the_interval_is_over_passes_not_blocks() -> None:
    steady = [[1.0] * 50, [2.0] * 50, [3.0] * 50]
    found = estimate(steady)
    assert (found.median, found.low, found.high) == (2.0, 1.0, 3.0)
    assert estimate(steady) == found
    with pytest.raises(ValueError, match="no block"):
        estimate([[]])
