"""Result files at their edges: the fewest columns, the largest file, the ends of a tolerance."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from microbench.errors import InputError
from microbench.row import Row
from microbench.store import rows
from microbench.store.rows import csv_text, json_text, parse_results, parse_tolerance

ROW = Row("lat_x", "", "toy", "l4", "latency", "us", "smaller", 2.0)
SHORT = "benchmark,args,machine,system,metric,unit,better,value\nlat_x,,toy,l4,latency,us,smaller,2"


def without(number: int) -> str:
    """The short table, one column less."""
    lines = (line.split(",") for line in SHORT.splitlines())
    return "\n".join(",".join(cells[:number] + cells[number + 1 :]) for cells in lines)


def test_eight_columns_make_a_row() -> None:
    (found,) = parse_results(SHORT, "f").rows
    assert found == ROW
    for number, name in enumerate(SHORT.partition("\n")[0].split(",")):
        with pytest.raises(InputError, match=f"column = .{name}.: missing column"):
            parse_results(without(number), "f")


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    text = f"# a: 1\n# b: 2\n{SHORT}\nlat_x,-n,toy,l4,latency,us,smaller,x\n"
    assert parse_results(f"# a: 1\n# b: 2\n{SHORT}\n", "f").provenance == {"a": "1", "b": "2"}
    with pytest.raises(InputError, match=r"line 5\.value = .x.: not a number"):
        parse_results(text, "f")
    with pytest.raises(InputError, match=r"line 3 = .*a column is named twice"):
        parse_results(text.replace("args", "unit"), "f")
    with pytest.raises(InputError, match=r"line 4 = .*9 cells where the heading has 8"):
        parse_results(text.replace("smaller,2\n", "smaller,2,3\n"), "f")


def test_a_file_of_just_the_largest_size_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_TEXT", len(SHORT))
    assert parse_results(SHORT, "f").rows == (ROW,)
    with pytest.raises(InputError, match=f"larger than {len(SHORT)} characters"):
        parse_results(SHORT + "\n", "f")


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("0%", 0), ("100%", 1), ("1", 1), (" 2.5 % ", 0.025)]
)
def test_a_tolerance_is_nothing_to_everything(text: str, value: float) -> None:
    assert parse_tolerance(text) == value


@pytest.mark.parametrize("text", ["100.1%", "1.01", "-0.01", "many"])
def test_beyond_that_it_is_refused_by_its_key(text: str) -> None:
    with pytest.raises(InputError, match=r"--tolerance: value"):
        parse_tolerance(text)
    with pytest.raises(InputError, match=r"f: here"):
        parse_tolerance(text, "f", "here")


def test_json_is_one_field_a_line_and_has_no_number_that_is_none() -> None:
    text = json_text([ROW], {"seed": "0"}, {"more": [1]})
    lines = text.splitlines()
    assert lines[:4] == ["{", ' "provenance": {', '  "seed": "0"', " },"]
    assert '   "value": 2.0,' in lines
    assert list(json.loads(text)) == ["provenance", "rows", "more"]
    assert text.endswith("}\n")
    with pytest.raises(ValueError, match="JSON"):
        json_text([replace(ROW, value=math.nan)], {})


def test_a_json_header_and_its_rows_are_texts() -> None:
    text = json.dumps({"provenance": {"seed": 3}, "rows": [ROW.as_dict()]})
    found = parse_results("\n " + text, "f")
    assert (found.provenance, found.rows) == ({"seed": "3"}, (ROW,))
    bad = json.dumps({"rows": [ROW.as_dict(), {**ROW.as_dict(), "args": "-n", "value": "x"}]})
    with pytest.raises(InputError, match=r"rows\[1\]\.value = .x."):
        parse_results(bad, "f")


def test_no_tolerances_no_column_and_none_for_a_row_an_empty_cell() -> None:
    other = replace(ROW, args="-n")
    assert "tolerance" not in csv_text([ROW])
    lines = csv_text([ROW, other], None, {other.key: 0.5}).splitlines()
    assert [line.rpartition(",")[2] for line in lines] == ["tolerance", "", "0.5"]
    assert parse_results("\n".join(lines) + "\n", "f").tolerances == {other.key: 0.5}
    (header, *_) = csv_text([], {"a": "b   c"}, {}).splitlines()
    assert header == "# a: b c"
