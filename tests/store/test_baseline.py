"""A baseline says what to run to make it again, and is refused where it cannot be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microbench.errors import InputError, MismatchError
from microbench.row import Row
from microbench.store.baseline import (
    Run,
    baseline_text,
    checked,
    read_results,
    rerun,
    runs_of,
)
from microbench.store.provenance import SCHEMA_VERSION
from microbench.store.rows import Results

ROW = Row("lat_x", "-n 1", "toy", "l4", "latency", "us", "smaller", 2.0, 200)
OTHER = replace(ROW, system="native")


def test_rows_are_sorted_by_name_whatever_order_they_came_in() -> None:
    rows = [replace(ROW, benchmark=name) for name in ("lat_b", "lat_a")]
    text = baseline_text(rows, {}, [])
    assert text == baseline_text(rows[::-1], {}, [])
    assert text.index("lat_a") < text.index("lat_b")


def test_without_a_header_each_question_is_one_run_on_all_its_systems() -> None:
    second = replace(ROW, benchmark="lat_y", args="", machine="m")
    found = runs_of(Results((ROW, second, OTHER)), "f")
    assert found == [
        Run("bench", "lat_x", "-n 1", "toy", ("l4", "native")),
        Run("bench", "lat_y", "", "m", ("l4",)),
    ]


def header(text: str) -> Results:
    return Results((ROW,), {"run.0": text, "seed": "0"})


def test_a_line_without_options_means_the_usual_machine_and_systems() -> None:
    assert runs_of(header("table all ''"), "f") == [Run("table", "all")]


def test_several_systems_and_settings_keep_their_order() -> None:
    line = "bench b a --system=y --set=k=1 --system=x --set=j=2 --machine=m"
    assert runs_of(header(line), "f") == [Run("bench", "b", "a", "m", ("y", "x"), ("k=1", "j=2"))]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("table all", "not `table"),
        ("plot all ''", "not `table"),
        ("table 'all", "No closing quotation"),
        ("table all '' --color=1", "unknown option"),
        ("table all '' --machine", "unknown option"),
        ("table all '' extra", "unknown option"),
        ("", "not `table"),
    ],
)
def test_a_line_that_says_nothing_is_refused_by_its_key(line: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        runs_of(header(line), "f.csv")
    assert "f.csv: run.0" in str(caught.value)


def test_a_later_schema_is_refused_and_no_schema_is_this_one() -> None:
    assert checked(Results((ROW,)), "f").rows == (ROW,)
    assert checked(Results((ROW,), {"schema": SCHEMA_VERSION}), "f").rows == (ROW,)
    with pytest.raises(MismatchError, match="f: schema = '99'"):
        checked(Results((ROW,), {"schema": "99"}), "f")


def test_a_heading_without_rows_is_nothing_to_compare(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(baseline_text([], {}, []))
    with pytest.raises(InputError, match=r"b\.csv.*no rows"):
        read_results(str(path))
    path.write_text(baseline_text([ROW], {}, []))
    assert read_results(str(path)).rows == (ROW,)


def test_each_run_asks_the_one_who_makes_its_rows() -> None:
    asked: list[tuple[Any, ...]] = []
    said: list[str] = []

    def tables(*words: Any) -> list[Row]:
        asked.append(("table", *words))
        return [ROW]

    def benchmarks(*words: Any) -> list[Row]:
        asked.append(("bench", *words))
        return [replace(ROW, value=3.0), OTHER]

    runs = [Run("table", "all"), Run("bench", "lat_x", "-n 1", "toy", ("l4",), ("a=1",))]
    found = rerun(runs, tables, benchmarks, said.append)
    assert asked == [
        ("table", "all", "pxa255", None, ()),
        ("bench", "lat_x", "-n 1", "toy", ["l4"], ("a=1",)),
    ]
    assert said == ["all", "lat_x -n 1"]
    assert found == [replace(ROW, value=3.0), OTHER]
