"""Rows as text and back: nothing lost, nothing guessed, every bad cell named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from microbench.errors import InputError
from microbench.row import Row
from microbench.store.rows import csv_text, json_text, parse_results

FULL = Row(
    "lat_x", "-n 1", "toy", "l4", "latency", "us", "smaller", 0.1, 200, 0.3, "T 1", -0.25,
    "predict", "abc", "2", 0.05, 1e-7, "a; b",
)  # fmt: skip
BARE = Row("bw_x", "", "toy", "l4", "bandwidth", "MB/s", "larger", 1 / 3)
HEADER = {"seed": "0", "command": "mkbench run x: y"}


def test_csv_reads_back_as_itself() -> None:
    found = parse_results(csv_text([FULL, BARE], HEADER), "f")
    assert found.rows == (FULL, BARE)
    assert found.provenance == HEADER
    assert found.tolerances == {}


def test_json_reads_back_as_itself() -> None:
    found = parse_results(json_text([FULL, BARE], HEADER, {"more": 1}), "f")
    assert found.rows == (FULL, BARE)
    assert found.provenance == HEADER


def test_what_is_not_there_is_an_empty_cell_and_zero_is_not() -> None:
    zero = replace(FULL, error=0.0, low=0.0, cycles=0)
    lines = csv_text([BARE, zero]).splitlines()
    assert ",0.0," in lines[2]
    assert parse_results("\n".join(lines) + "\n", "f").rows == (BARE, zero)


def changed(old: str, new: str) -> str:
    text = csv_text([FULL, BARE], HEADER)
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("# seed: 0", "# seed 0", "line 1 = # seed 0: not `# key: value`"),
        ("# seed: 0", "# : 0", "not `# key: value`"),
        ("# command", "# seed", "line 2 = seed: key given twice"),
        ("benchmark,", "bench,", "column = bench: unknown column"),
        (",system,", ",cycles,", "a column is named twice"),
        (",toy,l4,latency", ",toy,latency", "line 4"),
        (",0.1,200,", ",x,200,", "line 4.value = x: not a number"),
        (",0.1,200,", ",inf,200,", "not a finite number"),
        (",0.1,200,", ",0.1,2e2,", "line 4.cycles = 2e2: not a whole number"),
        (",0.1,200,", f",0.1,{2**63},", "does not fit 64 bits"),
        (",0.1,200,", f",0.1,-{2**63},", "does not fit 64 bits"),
        ("smaller", "cheaper", "line 4.better = cheaper: not smaller or larger"),
        ("predict", "guess", "line 4.role = guess: unknown role"),
        ("lat_x", "", "line 4.benchmark"),
        ("T 1", "T\x1b1", "not one printable line"),
        ("-n 1", "-n\x1b1", "line 4.args"),
        ("bw_x,,toy,l4,bandwidth", "lat_x,-n 1,toy,l4,latency", "line 5"),
    ],
)
def test_a_bad_line_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_results(changed(old, new), "f")
    said = str(caught.value).replace("'", "")
    assert says in said
    assert said.startswith("f: ")


def test_the_largest_whole_number_is_taken() -> None:
    for cycles in (2**63 - 1, 1 - 2**63):
        text = changed(",0.1,200,", f",0.1,{cycles},")
        assert parse_results(text, "f").rows[0].cycles == cycles


def test_a_column_that_must_be_there_is_missed() -> None:
    with pytest.raises(InputError, match="missing column"):
        parse_results("benchmark,args,machine,system,metric,unit,better\n", "f")
    with pytest.raises(InputError, match="holds no table"):
        parse_results("", "f")
    assert parse_results(csv_text([]), "f").rows == ()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"rows": 1}, "rows"),
        ({"rows": [1]}, "must be a list of objects"),
        ({}, "must be a list of objects"),
        ({"rows": [], "provenance": 3}, "provenance = 3: must be an object"),
        ({"rows": [{"benchmark": "x"}]}, "missing column"),
    ],
)
def test_other_json_is_named(body: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_results(json.dumps(body), "f")


def test_a_header_stays_one_line_and_a_tolerance_one_cell() -> None:
    text = csv_text([FULL], {"note": "two\n lines"}, {FULL.key: 0.5})
    assert text.splitlines()[0] == "# note: two lines"
    assert text.splitlines()[1].endswith(",tolerance")
    assert parse_results(text, "f").tolerances == {FULL.key: 0.5}
    both = csv_text([FULL, BARE], None, {BARE.key: 0.1})
    assert parse_results(both, "f").tolerances == {BARE.key: 0.1}
