"""Figures: the right bars and stacks, in every form, the same bytes each time."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_rows import sample_rows

pytest.importorskip("matplotlib")

from microbench.errors import UsageError
from microbench.report.plot import check_name, save
from microbench.report.plot_breakdown import OTHER, breakdown_figure, gathered
from microbench.report.plot_ctx import by_system, ctx_figure
from microbench.report.plot_ratios import ratios
from microbench.row import Row

CYCLES = {
    "native": {"flush": 900.0, "refill": 90.0, "trap": 10.0},
    "l4": {"flush": 0.0, "refill": 50.0, "ipc": 40.0, "dust": 1.0},
}


def ctx_rows() -> list[Row]:
    return [
        Row("lat_ctx", f"-s {k} {n}", "pxa255", s, "latency", "us", "smaller", base + k * n)
        for s, base in (("native", 260.0), ("l4", 5.0))
        for k in (0, 4)
        for n in (2, 8)
    ]


def figures() -> dict[str, Any]:
    return {
        "ratios": ratios(sample_rows("context"), "t"),
        "breakdown": breakdown_figure(CYCLES, "t"),
        "ctx": ctx_figure(ctx_rows(), "t"),
    }


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_every_form_without_warning_and_with_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    magic = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[suffix]
    for name in ("ratios", "breakdown", "ctx"):
        first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            save(figures()[name], str(first))
            save(figures()[name], str(second))
        assert first.read_bytes().startswith(magic)
        assert first.read_bytes() == second.read_bytes()


def test_ratio_bars_start_at_one_and_end_at_the_ratio() -> None:
    rows = sample_rows("context")
    axes = ratios(rows, "t").axes[0]
    assert axes.get_xscale() == "log"
    values = {(r.args or r.benchmark, r.system): r.value for r in rows}
    for patch, label in zip(axes.patches, axes.get_yticklabels(), strict=True):
        left, right = sorted((patch.get_x(), patch.get_x() + patch.get_width()))
        name = label.get_text().split(" (")[0]
        key = name.split(" ", 1)[-1]
        ratio = values[key, "native"] / values[key, "l4"]
        assert (left, right) == pytest.approx(tuple(sorted((1.0, ratio))))
        assert (patch.get_hatch() is not None) == (ratio < 1), "colour is not alone"


def test_ratio_rows_show_their_role() -> None:
    labels = [t.get_text() for t in ratios(sample_rows(), "t").axes[0].get_yticklabels()]
    assert "lat_ctx -s 0 2 (*)" in labels
    assert "lat_proc procedure (c)" in labels
    assert "lat_pipe" in labels


def test_breakdown_keeps_every_cycle() -> None:
    stacks = gathered(CYCLES)
    assert {s: sum(v.values()) for s, v in stacks.items()} == {"native": 1000.0, "l4": 91.0}
    assert [list(stack) for stack in stacks.values()] == [["flush", "refill", "ipc", OTHER]] * 2
    axes = breakdown_figure(CYCLES, "t").axes[0]
    tops = [p.get_y() + p.get_height() for p in axes.patches]
    assert max(tops) == pytest.approx(1000.0)
    assert {text.get_text() for text in axes.texts} == {"1,000", "91"}


def test_more_causes_than_colours_still_sum() -> None:
    many = {"native": {f"cause {i}": float(100 - i) for i in range(40)}}
    stack = gathered(many)["native"]
    assert sum(stack.values()) == sum(many["native"].values())
    assert len(stack) <= 12
    assert OTHER in stack


def test_ctx_lines() -> None:
    panels = by_system(ctx_rows())
    assert panels["l4"] == {0: [(2, 5.0), (8, 5.0)], 4: [(2, 13.0), (8, 37.0)]}
    figure = ctx_figure(ctx_rows(), "t")
    assert [axes.get_title() for axes in figure.axes] == ["native", "L4"]
    looks = [(line.get_marker(), line.get_linestyle()) for line in figure.axes[0].lines]
    assert len(set(looks)) == len(looks), "lines differ without colour"
    assert {text.get_text() for text in figure.axes[0].texts} == {"0 KB", "4 KB"}


def test_side_results_are_not_mixed_in() -> None:
    rows = ctx_rows()
    side = [replace(row, metric="overhead", value=1.0) for row in rows]
    assert by_system(rows + side) == by_system(rows)
    bars = len(ratios(rows, "t").axes[0].patches)
    assert len(ratios(rows + side, "t").axes[0].patches) == bars == 4


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="native and l4"):
        ratios([], "t")
    with pytest.raises(ValueError, match="no cycles"):
        breakdown_figure({"native": {}}, "t")
    with pytest.raises(ValueError, match="no lat_ctx"):
        ctx_figure([], "t")
    with pytest.raises(UsageError, match=r"\.svg"):
        check_name("figure.gif")
