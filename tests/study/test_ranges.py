"""Ranges: the same in any selection, around the value, wider where more is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.run.rows import setup_rows
from microbench.run.setup import NONE, Setup, prepare
from microbench.study import rangestore
from microbench.study.calibrate import FILL_KEY, with_numbers
from microbench.study.ranges import DRAWS, calibrated, drawn, low_high, position, ranged
from microbench.workloads.registry import workloads


def rows_of(name: str, args: str = "", systems: tuple[str, ...] = ("native", "l4")):
    return setup_rows(name, args.split(), systems, prepare("pxa255"))


def test_a_range_holds_its_value_and_does_not_hang_on_the_selection() -> None:
    setup = prepare("pxa255")
    both = ranged(rows_of("lat_pipe"), setup)
    alone = ranged(rows_of("lat_pipe", systems=("l4",)), setup)
    assert [(r.low, r.high) for r in both if r.system == "l4"] == [(r.low, r.high) for r in alone]
    for row in both:
        assert row.low is not None
        assert row.high is not None
        assert row.low < row.value < row.high


def span(kind: str, setup: Setup) -> float:
    """The range of a user loop over its low end."""
    low, high = low_high(workloads("bw_mem", ["1024", kind])[0], "native", setup)["bandwidth"]
    return high / low - 1


def test_what_has_no_kernel_but_the_tick_and_no_guess_in_it_has_hardly_a_range() -> None:
    setup = prepare("pxa255")
    assert span("bcopy", setup) < 0.002  # the tick's path is a guess


def test_a_programs_own_loop_hangs_on_its_compiler_unless_memory_sets_its_pace() -> None:
    setup = prepare("pxa255")
    assert span("rd", setup) > 1.0
    assert span("wr", setup) < 0.01


def test_a_draw_keeps_calibrated_rows_and_a_number_set_by_hand() -> None:
    setup = prepare("pxa255")
    by_hand = prepare("pxa255", [f"{FILL_KEY}=10"])
    assert calibrated(setup)
    assert not calibrated(by_hand)
    assert not calibrated(prepare("pxa255", (), NONE))
    assert drawn(by_hand, 0).spec.value(FILL_KEY) == 10
    fills = {drawn(setup, draw).spec.value(FILL_KEY) for draw in range(3)}
    assert len(fills) == 3


def test_positions_hang_on_name_and_draw_alone() -> None:
    assert position("tlb.walk_cycles", 3) == position("tlb.walk_cycles", 3)
    drawn_ones = [position(name, draw) for name in ("a", "b") for draw in range(4)]
    assert len(set(drawn_ones)) == 8
    for name in ("a", "b", "l4/ipc_fast instructions"):
        assert sorted(int(DRAWS * position(name, draw)) for draw in range(DRAWS)) == [*range(DRAWS)]


def test_the_same_work_under_two_names_has_the_same_range() -> None:
    setup = prepare("pxa255")
    for system in ("native", "l4"):
        pipe, fifo, unix = (
            low_high(workloads(name, [])[0], system, setup)["latency"]
            for name in ("lat_pipe", "lat_fifo", "lat_unix")
        )
        assert pipe == fifo != unix


def test_kept_ranges_come_back_for_the_same_machine_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("microbench.store.kept.folder", lambda: tmp_path)
    setup = with_numbers(prepare("pxa255"), {"tlb.walk_cycles": 7.5}, "choice")
    rangestore.keep(setup, DRAWS, {"x  native": {"latency": (1.5, 2.5)}})
    assert rangestore.load(setup, DRAWS) == {"x  native": {"latency": (1.5, 2.5)}}
    assert rangestore.load(setup, DRAWS + 1) == {}
    assert rangestore.load(with_numbers(setup, {"tlb.walk_cycles": 7.6}, "choice"), DRAWS) == {}
