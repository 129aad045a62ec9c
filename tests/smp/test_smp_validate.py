"""Published series: what is compared, what is not allowed to leak, and how shapes are judged."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.reference.series import load_series, load_statements
from microbench.row import Row
from microbench.study.smp.lines import lines_rows
from microbench.study.smp.predict import predicted
from microbench.study.smp.shapes import shape
from microbench.study.smp.validate import (
    MODELS,
    against,
    misses,
    remarks,
    summary,
    validate_rows,
    within,
)


@pytest.fixture(scope="module")
def rows():
    return validate_rows()


def the(name):
    return next(s for s in load_series() if s.name == name)


def test_no_published_value_reaches_the_model():
    series = the("pft-6.2")
    changed = replace(series, values=tuple(v * 7 for v in series.values))
    one, other = predicted(series), predicted(changed)
    assert (one.engine, one.queue) == (other.engine, other.queue)
    assert other.law != one.law


def test_scaled_meets_the_value_at_one_cpu_and_nothing_else():
    got = predicted(the("open-sv6-any"), scaled=True)
    assert got.engine[0] == pytest.approx(2544, rel=0.03)


def test_curves_that_cannot_fail_and_second_copies_are_not_judged(rows):
    judged = {r.args.split()[0] for r in rows if r.metric.startswith("direction")}
    assert {"open-sv6-any", "map-radixvm", "pft-vma-v2-opt"}.isdisjoint(judged)
    assert {"pft-6.2", "open-linux", "map-linux", "map-rcu", "map-radixvm-shared"} <= judged


def test_every_promise_not_kept_is_printed(rows):
    s = summary(rows)
    assert s["promises"] - s["promises_kept"] == len(misses(rows))
    assert s["promises_kept"] / s["promises"] > s["queue_promises_kept"] / s["queue_promises"]
    assert set(misses(rows)) <= set(remarks(rows))


def test_all_three_models_stand_beside_each_other(rows):
    for suffix in ("", " (closed queue)", " (USL of 4 points)"):
        at_80 = [r for r in rows if r.args == "map-linux --shared process --cpus 80"]
        assert sum(r.metric == f"latency{suffix}" for r in at_80) == 1
    band = next(r for r in rows if r.args.startswith("map-linux") and r.metric == "latency")
    assert band.low <= band.value <= band.high


@pytest.mark.parametrize(
    ("cpus", "rates", "direction", "onset"),
    [
        ((1, 2, 4), [1, 2, 4], "scales", 4),
        ((1, 2, 4, 8), [1, 2, 2, 2], "saturates", 4),
        ((1, 2, 4, 8), [1, 2, 1, 0.5], "falls", 2 + 2 * 0.5 / 0.75),
        ((1, 10, 20), [1, 0.4, 0.1], "falls", 1 + 9 * 0.5 / 0.96),
    ],
)
def test_shapes_by_hand(cpus, rates, direction, onset):
    got = shape(cpus, rates)
    assert got.direction == direction
    assert got.onset == pytest.approx(onset)


@pytest.mark.parametrize(
    ("metric", "unit", "value", "kept"),
    [
        ("end", "1/s", 139, True),
        ("end", "1/s", 141, False),
        ("end", "1/s", 59, False),
        ("onset", "cpus", 149, True),
        ("onset", "cpus", 151, False),
        ("onset", "cpus", 66, False),
        ("direction falls", "right", 1, True),
        ("direction falls", "right", 0, False),
        ("waiting_share_at_8_above", "ratio", 101, True),
        ("waiting_share_at_8_above", "ratio", 99, False),
        ("rate", "1/s", 500, None),
    ],
)
def test_both_sides_of_every_gate(metric, unit, value, kept):
    row = Row("b", "", "m", "s", metric, unit, "larger", value, published=100.0,
              error=value / 100 - 1, role="predict")  # fmt: skip
    assert within(row) is kept


def test_lameters_peak_and_lock_share_come_out(rows):
    said = {r.args.split()[0]: r for r in rows if r.args.startswith("fault-")}
    assert said["fault-2.6.10-peak"].value == said["fault-2.6.10-peak"].published
    assert said["fault-2.6.10-lock-share"].value > 0.5


def test_the_write_bursts_the_line_costs_come_from_are_met_within_a_third():
    writes = [r for r in lines_rows() if "--burst write" in r.args]
    assert len(writes) == 20
    assert max(abs(r.error) for r in writes) < 0.34
    assert sorted(abs(r.error) for r in writes)[10] < 0.05


def test_statements_have_words_and_a_number():
    found = load_statements()
    assert {s.what for s in found} >= {"peak_cpus", "loss_to_own_line_at_12"}
    assert all(s.says for s in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[series.x]\n", "series.x.title"),
        ("a = 1\n", "no tables [series.NAME]"),
    ],
)
def test_a_wrong_series_file_is_said(tmp_path, text, said):
    path = tmp_path / "series.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_series(path)
    assert said in str(caught.value)


def test_the_readme_says_what_is_computed(rows):
    """Promises and errors in the README are those of today's rows."""
    text = " ".join((Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").split())
    s = summary(rows)
    for key in ("", "queue_", "law_"):
        assert f"{s[key + 'promises_kept']:.0f} of {s[key + 'promises']:.0f}" in text
    medians = [s[f"{model}_unseen_median_error"] for model in MODELS]
    one, two, three = (f"{100 * x:.0f}" for x in medians)
    assert f"the median errors are {one}, {two} and {three} %" in text
    ours, fit = re.findall(r"(\d+)%", against(rows, "law"))
    _, queue = re.findall(r"(\d+)%", against(rows, "queue"))
    assert f"the means {ours}, {queue} and {fit} %" in text
