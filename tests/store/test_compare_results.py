"""Comparing results: verdicts, means and what counts as the same thing, in small numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import InputError, MismatchError
from microbench.row import MODEL_VERSION, Row
from microbench.store.baseline import Run, baseline_text, runs_of
from microbench.store.compare import Match, compare, differences
from microbench.store.rows import Results, csv_text, parse_results, parse_tolerance

LATENCY = Row("lat_x", "", "toy", "l4", "latency", "us", "smaller", 2.0, 200)
BANDWIDTH = Row("bw_x", "", "toy", "l4", "bandwidth", "MB/s", "larger", 10.0, 100)


def results(*rows: Row, **header: str) -> Results:
    return Results(rows, header)


@pytest.mark.parametrize(
    ("old", "new", "cycles", "tolerance", "verdict"),
    [
        (2.0, 2.0, 200, None, "same"),
        (2.0, 2.0, 201, None, "cycles"),
        (2.0, 2.01, 201, None, "worse"),
        (2.0, 1.99, 199, None, "better"),
        (2.0, 2.01, 201, 0.01, "within"),
        (2.0, 2.02, 202, 0.01, "within"),
        (2.0, 2.03, 203, 0.01, "worse"),
        (2.0, 2.0 * (1 + 1e-15), 200, None, "same"),
        (-1.0, -0.5, 200, None, "worse"),
        (0.0, 0.5, 200, None, "worse"),
    ],
)
def test_verdicts(
    old: float, new: float, cycles: int, tolerance: float | None, verdict: str
) -> None:
    match = Match(
        replace(LATENCY, value=old), replace(LATENCY, value=new, cycles=cycles), tolerance
    )
    assert match.verdict == verdict
    assert match.differs == (verdict not in ("same", "within"))


def test_larger_bandwidth_is_better() -> None:
    assert Match(BANDWIDTH, replace(BANDWIDTH, value=11.0)).verdict == "better"
    assert Match(BANDWIDTH, replace(BANDWIDTH, value=9.0)).verdict == "worse"


@pytest.mark.parametrize(("old", "new"), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (0.0, 0.0)])
def test_there_is_no_speed_without_two_positive_values(old: float, new: float) -> None:
    match = Match(replace(LATENCY, value=old), replace(LATENCY, value=new))
    assert match.speed is None


def test_means_are_geometric_and_apart() -> None:
    second = replace(LATENCY, benchmark="lat_y")
    negative = replace(LATENCY, benchmark="lat_z", value=-1.0)
    old = results(LATENCY, second, negative, BANDWIDTH)
    new = results(
        replace(LATENCY, value=1.0),
        replace(second, value=16.0),
        negative,
        replace(BANDWIDTH, value=30.0),
    )
    means = compare(old, new).means()
    assert means["latency"] == (pytest.approx(0.5), 2)
    assert means["bandwidth"] == (pytest.approx(3.0), 1)


def test_added_removed_matched() -> None:
    found = compare(results(LATENCY, BANDWIDTH), results(BANDWIDTH, replace(LATENCY, args="-n")))
    assert [m.old for m in found.matched] == [BANDWIDTH]
    assert [row.args for row in found.added] == ["-n"]
    assert list(found.removed) == [LATENCY]
    assert found.failed()
    assert found.failures() == []


def test_difference_names_its_key_and_only_common_keys_count() -> None:
    old = results(LATENCY, seed="0", calibration="a", command="x", mkbench="1")
    assert differences(old, results(LATENCY, seed="0", command="y", mkbench="2")) == []
    assert differences(old, results(LATENCY, calibration="b")) == ["calibration: a / b"]
    changed = replace(LATENCY, model_version="0")
    assert differences(results(LATENCY), results(changed)) == [f"model: {MODEL_VERSION} / 0"]
    with pytest.raises(MismatchError, match="--force"):
        compare(results(LATENCY), results(changed))
    assert compare(results(LATENCY), results(changed), force=True).matched


def test_units_are_never_forced() -> None:
    other = replace(LATENCY, unit="ms")
    with pytest.raises(MismatchError, match="unit: us"):
        compare(results(LATENCY), results(other), force=True)


def test_a_run_survives_its_header_line() -> None:
    runs = [
        Run("bench", "lat_ctx", "-s 0 2 10", "my machine.toml", ("l4",), ("l1d.ways=8",)),
        Run("table", "all"),
    ]
    text = baseline_text([LATENCY], {"seed": "0"}, runs)
    assert runs_of(parse_results(text, "x"), "x") == runs


def test_tolerances_come_back() -> None:
    text = csv_text([LATENCY, BANDWIDTH], None, {LATENCY.key: 0.02})
    assert parse_results(text, "x").tolerances == {LATENCY.key: 0.02}
    assert parse_results(text.replace("0.02", "2 %"), "x").tolerances == {LATENCY.key: 0.02}


@pytest.mark.parametrize("text", ["-1%", "101%", "2", "nan", "", "%"])
def test_bad_tolerances(text: str) -> None:
    with pytest.raises(InputError, match="not a tolerance"):
        parse_tolerance(text)
