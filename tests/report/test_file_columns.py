"""Benchmarks of files on a screen: a block for each, the range kept, the figure's curves."""

from __future__ import annotations

import pytest

from microbench.linux.disk import block_us, disk_model
from microbench.report.file_columns import LEGEND, file_blocks
from microbench.report.fs_columns import fs_blocks
from microbench.report.plot_files import similar_figure
from microbench.row import Row
from microbench.run.files import COUNTS, PREDICTION, file_rows
from microbench.run.setup import prepare
from microbench.study.fs_table import fs_rows
from microbench.workloads.registry import file_benches

WIDTH = 80


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    setup = prepare("pxa255")
    benches = file_benches("fs_op", ["null", "write", "16k"])
    return [row for bench in benches for row in file_rows(bench, setup)]


def test_each_benchmark_has_a_block_with_its_name(rows: list[Row]) -> None:
    blocks = file_blocks(rows)
    assert [block.heading for block in blocks] == ["fs_op null", "fs_op write 16k"]
    assert [block.legend for block in blocks] == ["", LEGEND]
    assert all(len(block.lines) == 6 for block in blocks)


def test_times_are_predictions_with_ranges_and_counts_are_neither(rows: list[Row]) -> None:
    counted = {name.replace(" ", "_") for name in COUNTS}
    for row in rows:
        if row.metric in counted:
            assert row.low is None, row
            assert row.note == "", row
        else:
            assert row.note == PREDICTION, row
            assert row.low is not None, row
            assert row.high is not None, row
            assert row.low <= row.value <= row.high, row


def test_the_range_holds_that_of_the_device() -> None:
    """A cold read takes at least the shortest and at most the longest time of the disk."""
    words = ["read", "4k", "--cache", "cold", "--disk", "ata"]
    (bench,) = file_benches("fs_op", [*words, "--fs", "native,native-fuse,l4-server"])
    disk = disk_model("ata")
    least, most = (
        sum(disk.at_cost(level).value(key) for key in ("half_turn", "track_seek")) * 1e3
        for level in ("low", "high")
    )
    for row in file_rows(bench, prepare("pxa255")):
        if row.metric == "latency":
            assert row.low is not None
            assert row.high is not None
            assert least < row.low < row.high - (most - least) / 2


def test_speed_is_relative_to_the_kernel_s_own() -> None:
    rows = file_rows(
        file_benches("fs_op", ["null", "--fs", "native-fuse,l4"])[0], prepare("pxa255")
    )
    ratios = {row.system: row.value for row in rows if row.metric == "ratio"}
    assert set(ratios) == {"native-fuse", "l4"}
    assert ratios["native-fuse"] < ratios["l4"] < 1


def test_the_tables_of_published_rows_fit_a_terminal() -> None:
    headings = []
    for block in fs_blocks(fs_rows()):
        headings.append(block.heading)
        widths = sum(column.width(block.lines) + 2 for column in block.columns)
        assert widths - 2 <= WIDTH, block.heading
    assert len(headings) == 3


def test_the_figure_has_a_curve_for_each_structure_and_a_mark_for_each_device() -> None:
    found = {"native": (9.0, 10.0, 11.0), "fuse": (90.0, 100.0, 120.0)}
    figure = similar_figure(found, "native", "title", {"4 KB, flash": block_us("flash")})
    (axes,) = figure.axes
    curve = axes.lines[0]
    assert curve.get_ydata()[0] == pytest.approx(11 / 101)
    assert curve.get_ydata()[-1] > 0.99
    assert any("flash" in text.get_text() for text in axes.texts)
    with pytest.raises(ValueError, match="nothing to compare"):
        similar_figure({"native": (1.0, 1.0, 1.0)}, "native", "title", {})


def test_a_block_far_away_takes_a_seek_and_half_a_turn() -> None:
    disk = disk_model("ata")
    least_ms = disk.value("half_turn") + disk.value("track_seek")
    assert least_ms * 1e3 < block_us("ata") < (least_ms + disk.value("full_seek")) * 1e3
    assert block_us("ram") == 0
