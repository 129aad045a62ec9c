"""Clocks that no board has are said, not refused; one setting describes another board."""

from __future__ import annotations

import pytest

from microbench.machine.clocks import clock_doubts
from microbench.machine.parameters import memory_ticks
from microbench.run.setup import prepare

FAST = "sdram.clock_hz=99532800"


def doubts(*settings: str) -> str:
    return "; ".join(clock_doubts(prepare("pxa255", settings).spec))


@pytest.mark.parametrize(
    "settings",
    [
        (),
        (FAST,),
        (FAST, "core.clock_hz=398131200"),
        ("core.clock_hz=398100000", "sdram.clock_hz=99500000"),
        ("core.clock_hz=235929600", "bus.clock_hz=117964800", "sdram.clock_hz=58982400"),
    ],
)
def test_boards_that_the_part_allows_are_not_doubted(settings: tuple[str, ...]) -> None:
    assert doubts(*settings) == ""


def test_a_pair_the_part_does_not_have_is_named() -> None:
    assert doubts("core.clock_hz=300000000") == (
        "core / SDRAM at 300 / 49.7664 MHz is no pair that pxa255 allows"
    )


def test_a_memory_out_of_step_with_its_bus_is_named() -> None:
    found = doubts("core.clock_hz=235929600", "sdram.clock_hz=58982400")
    assert found.startswith("sdram.clock_hz 58982400, bus.clock_hz 99532800: SDRAM runs at")


def test_a_machine_without_stated_pairs_is_not_doubted() -> None:
    assert clock_doubts(prepare("skylake", ["core.clock_hz=1000000"]).spec) == []


def test_each_part_of_a_fill_is_charged_in_its_own_clock() -> None:
    """Twice the SDRAM clock halves what SDRAM does; what lies ahead of it keeps the bus's."""
    slow, fast = (memory_ticks(prepare("pxa255", s).spec) for s in ((), (FAST,)))
    spec = prepare("pxa255").spec
    ahead = spec.value("sdram.overhead_clocks") * spec.value("core.clock_hz") * 100
    ahead /= spec.value("bus.clock_hz")
    assert fast["fill"] - ahead == pytest.approx((slow["fill"] - ahead) / 2, abs=1)
    for part in ("row", "write", "part"):
        assert fast[part] * 2 == slow[part]
    twice = memory_ticks(prepare("pxa255", ["core.clock_hz=398131200"]).spec)
    assert {part: time / 2 for part, time in twice.items()} == pytest.approx(slow, abs=1)
