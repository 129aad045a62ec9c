"""The forms of a table: escaping, decimals, nothing invented and nothing lost."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from sample_rows import sample_rows

from microbench.report.dashboards import github_benchmark, junit_rows
from microbench.report.export import FORMATS, Frame, formatted, latex_escape, slug
from microbench.report.frames import frame, read_frame, rows_of, wide
from microbench.store.rows import csv_text, parse_results

LINES = {
    "table": "lat_ctx -s 0 10 ",
    "csv": "lat_ctx,-s 0 10,pxa255,",
    "json": '"args": "-s 0 10"',
    "markdown": "| lat\\_ctx -s 0 10 ",
    "latex": r"lat\_ctx -s 0 10 &",
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_has_a_line_for_each_row(form: str) -> None:
    text = formatted(sample_rows("context"), form, Frame("lmbench-style"), {"seed": "0"})
    assert text.endswith("\n")
    rows = 3 if form in ("csv", "json") else 1
    assert text.count(LINES[form]) == rows
    assert text.count("null") >= rows


def test_unknown_form() -> None:
    with pytest.raises(ValueError, match="roff"):
        formatted([], "roff")


def test_csv_frame_and_rows_are_one_thing() -> None:
    rows = sample_rows()
    assert rows_of(frame(rows)) == rows
    assert rows_of(read_frame(io.StringIO(csv_text(rows)))) == rows
    assert list(parse_results(csv_text(rows, {"seed": "3"}), "x").rows) == rows
    assert frame(rows)["cycles"].dtype == "Int64"


def test_json_reads_back() -> None:
    rows = sample_rows("reaim")
    text = formatted(rows, "json", provenance={"seed": "3"})
    results = parse_results(text, "x")
    assert list(results.rows) == rows
    assert results.provenance == json.loads(text)["provenance"] == {"seed": "3"}


def test_wide_has_a_column_per_system_in_order() -> None:
    table = wide(sample_rows("context"))
    assert list(table.columns) == ["native", "native-fass", "l4"]
    assert [index[1] for index in table.index][:3] == ["-s 0 1", "-s 0 2", "-s 0 10"]


def test_names_that_look_like_missing_values_survive() -> None:
    row = replace(sample_rows("reaim")[0], benchmark="NA", args="null")
    assert rows_of(read_frame(io.StringIO(csv_text([row])))) == [row]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b", r"a\_b"),
        ("50 %", r"50\,\%"),
        ("-4.1", "$-$4.1"),
        ("lat_ctx -s 0", r"lat\_ctx -s 0"),
        ("--same", "{-}{-}same"),
        ("{~^\\}", r"\{\textasciitilde{}\textasciicircum{}\textbackslash{}\}"),
        ("$5 & #3", r"\$5 \& \#3"),
    ],
)
def test_latex_escape(text: str, escaped: str) -> None:
    assert latex_escape(text) == escaped


def test_slug() -> None:
    assert slug("lmbench-style: Rows!") == "lmbench-style-rows"
    assert slug("%") == "mkbench"


def test_side_results_have_names_of_their_own() -> None:
    row = sample_rows("context")[0]
    both = [row, replace(row, metric="overhead")]
    names = [entry["name"] for entry in json.loads(github_benchmark(both, "smaller"))]
    assert names == ["lat_ctx -s 0 1 native pxa255", "lat_ctx -s 0 1 (overhead) native pxa255"]
    assert 'name="lat_ctx -s 0 1 (overhead)"' in junit_rows(both)
