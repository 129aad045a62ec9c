"""Each part of a line fill runs at a clock of its own."""

from __future__ import annotations

from toy import toy

from microbench.machine.engine import TICKS
from microbench.machine.parameters import memory_ticks
from microbench.run.setup import prepare

# Core 400 MHz, bus 100 MHz: 10 bus clocks ahead are 40 cycles; SDRAM clocks are 4 or 8.
MEMORY = {"core__clock_hz": 400e6, "bus__clock_hz": 100e6, "sdram__write_clocks": 3.0}


def test_what_lies_ahead_of_the_command_does_not_slow_down_with_sdram() -> None:
    full = memory_ticks(toy(**MEMORY, sdram__clock_hz=100e6))
    half = memory_ticks(toy(**MEMORY, sdram__clock_hz=50e6))
    assert full["fill"] == (40 + 4 * (5 + 5)) * TICKS
    assert half["fill"] == (40 + 8 * (5 + 5)) * TICKS
    assert half["read"] == (40 + 8 * (5 + 1)) * TICKS
    assert half["write"] == 2 * full["write"] == 24 * TICKS


def test_a_second_burst_that_waits_makes_a_line_dearer_and_a_word_not() -> None:
    plain = memory_ticks(toy(**MEMORY, sdram__clock_hz=100e6))
    waits = memory_ticks(toy(**MEMORY, sdram__clock_hz=100e6, sdram__second_burst_clocks=6.0))
    assert waits["fill"] - plain["fill"] == 24 * TICKS
    assert waits["read"] == plain["read"]


def test_sdram_at_the_full_clock_shortens_only_its_own_part_of_a_fill() -> None:
    slow, fast = prepare("pxa255"), prepare("pxa255", ["sdram.clock_hz=99532800"])
    spec = slow.spec
    own = sum(
        spec.value(f"sdram.{part}_clocks") for part in ("cas", "line_beats", "second_burst")
    ) * (spec.value("core.clock_hz") / spec.value("sdram.clock_hz"))
    gained = memory_ticks(slow.spec)["fill"] - memory_ticks(fast.spec)["fill"]
    assert abs(gained - own / 2 * TICKS) <= 1
