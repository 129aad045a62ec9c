"""What each native row scales with: core, bus or SDRAM, and together all of its time."""

from __future__ import annotations

import math
from functools import cache

import pytest

from microbench.machine.clocks import BUS, CORE, SDRAM
from microbench.run.setup import prepare
from microbench.study.calibrate import with_numbers
from microbench.study.values import evaluate, talk_values

STEP = 0.05
ROWS = (
    "lat_syscall null native",
    "lat_ctx -s 0 1 native",
    "bw_mem 1024 wr native",
    "lat_ctx -s 0 2 native",
    "lat_pipe native",
    "lat_unix native",
    "bw_unix native",
    "lat_proc fork native",
)


@cache
def moved(*keys: str) -> dict[str, float]:
    """Elasticity of each row's time to clocks that move together."""
    base, ends = prepare("pxa255"), []
    wanted = [value for value in talk_values() if value.name in ROWS]
    for factor in (1 - STEP, 1 + STEP):
        changed = {key: base.spec.value(key) * factor for key in keys}
        ends.append({v.name: v for v in evaluate(with_numbers(base, changed), wanted)})
    found = {}
    for name, low in ends[0].items():
        slope = math.log(ends[1][name].modelled / low.modelled) / math.log((1 + STEP) / (1 - STEP))
        found[name] = -slope if low.published.unit == "us" else slope
    return found


@pytest.mark.parametrize("row", ROWS)
def test_a_row_takes_half_the_time_where_every_clock_is_doubled(row: str) -> None:
    """A little less than half: the timer's ticks keep their own time."""
    assert 1.0 <= moved(CORE, BUS, SDRAM)[row] < 1.03
    assert sum(moved(key)[row] for key in (CORE, BUS, SDRAM)) == pytest.approx(1.01, abs=0.02)


@pytest.mark.parametrize("row", ["lat_syscall null native", "lat_ctx -s 0 1 native"])
def test_what_stays_in_the_caches_hangs_on_the_core_alone(row: str) -> None:
    assert moved(CORE)[row] > 0.99
    assert moved(BUS)[row] == moved(SDRAM)[row] == 0


def test_stores_that_miss_hang_on_memory_alone() -> None:
    assert moved(SDRAM)["bw_mem 1024 wr native"] > 0.98


@pytest.mark.parametrize("row", ["lat_ctx -s 0 2 native", "lat_pipe native", "bw_unix native"])
def test_what_is_flushed_at_every_switch_hangs_on_bus_and_memory(row: str) -> None:
    assert moved(CORE)[row] < 0.2
    assert moved(SDRAM)[row] > moved(BUS)[row] > 0.3
