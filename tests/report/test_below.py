"""What lies below the overhead is no result anywhere: no ratio, no error, marked, not drawn."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from microbench.report.export import Frame, formatted
from microbench.report.pairs import pair_rows
from microbench.report.plot_ctx import below, by_system, ctx_figure
from microbench.report.plot_ratios import ratios
from microbench.report.terminal import print_screen
from microbench.row import NO_RESULT, Row, speed_ratio
from microbench.run.rows import setup_rows
from microbench.run.setup import prepare
from microbench.store.rows import parse_results

ARGS = "-s 4 96"
NATIVE = Row("lat_ctx", ARGS, "m", "native", "latency", "us", "smaller", 1400.0, 100)
BELOW = replace(NATIVE, system="l4", value=-1.8, cycles=-358, note=NO_RESULT)
FINE = [replace(row, args="-s 4 2", value=10.0, note="") for row in (NATIVE, BELOW)]
ROWS = [NATIVE, BELOW, *FINE]


def test_no_ratio_of_what_is_none() -> None:
    first, second = pair_rows(ROWS)
    assert first.ratio() is None
    assert first.value("l4") is None
    assert second.ratio() == 1.0
    assert speed_ratio(1400.0, -1.8, "smaller") is None


@pytest.mark.parametrize("form", ["table", "markdown", "latex"])
def test_tables_mark_it_and_say_what_the_mark_means(form: str) -> None:
    text = formatted(ROWS, form, Frame("t"))
    assert "-1.8" not in text
    assert "777" not in text
    assert text.count("below") >= 2


def test_files_carry_the_note_and_read_it_back() -> None:
    text = formatted(ROWS, "csv", Frame("t"))
    rows = parse_results(text, "x").rows
    assert [row.note for row in rows] == ["", NO_RESULT, "", ""]
    assert [row.is_result for row in rows] == [True, False, True, True]


def test_rows_without_a_pair_are_marked_too() -> None:
    out = io.StringIO()
    print_screen([BELOW], "t", out)
    assert "below" in out.getvalue()
    assert "-1.8" not in out.getvalue()


def test_figures_leave_it_out_and_name_it() -> None:
    pytest.importorskip("matplotlib")
    axes = ratios(ROWS, "t").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["lat_ctx -s 4 2"]
    assert f"lat_ctx {ARGS}" in axes.get_xlabel()
    assert by_system(ROWS)["l4"] == {4: [(2, 10.0)]}
    assert below(ROWS) == {"l4": [ARGS]}
    drawn = ctx_figure(ROWS, "t").axes[1]
    assert any(ARGS in text.get_text() for text in drawn.texts)


def test_a_modelled_row_below_its_overhead_says_so() -> None:
    rows = setup_rows("lat_ctx", ["-s", "4", "24"], ("native-fass",), prepare("pentium"))
    latency, overhead = rows
    assert overhead.note == ""
    assert (latency.note == NO_RESULT) == (latency.value <= 0)
