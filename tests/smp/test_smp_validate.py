"""Published series: what is compared, what is not allowed to leak, and how shapes are judged."""

from dataclasses import replace

import pytest

from microbench.errors import InputError
from microbench.reference.series import load_series, load_statements
from microbench.row import Row
from microbench.study.smp.lines import lines_rows
from microbench.study.smp.validate import misses, predicted, shape, summary, validate_rows, within


@pytest.fixture(scope="module")
def rows():
    return validate_rows()


def test_only_the_value_at_one_cpu_reaches_the_model():
    series = next(s for s in load_series() if s.name == "pft-6.2")
    others = tuple(v * 7 for v in series.values[1:])
    changed = replace(series, values=(series.values[0], *others))
    assert predicted(changed) == predicted(series)
    slower = replace(series, values=(series.values[0] / 2, *series.values[1:]))
    assert predicted(slower) != predicted(series)


def test_the_value_at_one_cpu_is_met_and_not_counted_as_predicted(rows):
    calibrated = [r for r in rows if r.role == "calibrate"]
    assert len(calibrated) == len(load_series())
    assert max(abs(r.error) for r in calibrated) < 0.01


def test_every_direction_but_those_printed_as_misses_is_right(rows):
    directions = [r for r in rows if r.metric.startswith("direction")]
    assert len(directions) == len(load_series())
    assert all(r.value == 1.0 for r in directions)


def test_every_promise_not_kept_is_printed(rows):
    printed = misses(rows)
    s = summary(rows)
    assert s["promises"] - s["promises_kept"] == len(printed)
    assert s["promises_kept"] / s["promises"] > 0.7
    assert s["point_median_error"] < 0.3


@pytest.mark.parametrize(
    ("cpus", "rates", "direction", "onset", "peak"),
    [
        ((1, 2, 4), [1, 2, 4], "scales", 4, 4),
        ((1, 2, 4, 8), [1, 2, 2, 2], "saturates", 4, 2),
        ((1, 2, 4, 8), [1, 2, 1, 0.5], "falls", 2 + 2 * 0.5 / 0.75, 2),
        ((1, 10, 20), [1, 0.4, 0.1], "falls", 1 + 9 * 0.5 / 0.96, 1),
    ],
)
def test_shapes_by_hand(cpus, rates, direction, onset, peak):
    got = shape(cpus, rates)
    assert (got.direction, got.peak) == (direction, peak)
    assert got.onset == pytest.approx(onset)


def judged(metric, value, published):
    return within(
        Row("b", "", "m", "s", metric, "u", "larger", value, published=published,
            error=value / published - 1, role="predict")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "value", "kept"),
    [
        ("plateau", 129, True),
        ("plateau", 131, False),
        ("plateau", 69, False),
        ("onset", 149, True),
        ("onset", 151, False),
        ("peak", 66, False),
        ("level after the fall", 199, True),
        ("level after the fall", 201, False),
        ("direction (falls)", 100, True),
        ("direction (falls)", 0, False),
        ("waiting_share_at_8_above", 101, True),
        ("waiting_share_at_8_above", 99, False),
        ("rate", 500, None),
    ],
)
def test_both_sides_of_every_gate(metric, value, kept):
    assert judged(metric, value, 100) is kept


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
    assert {s.what for s in found} >= {"peak_cpus", "worst_slowdown_at_16"}
    assert all(s.says for s in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[series.x]\n", "series.x.title"),
        ("a = 1\n", "no series"),
    ],
)
def test_a_wrong_series_file_is_said(tmp_path, text, said):
    path = tmp_path / "series.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_series(path)
    assert said in str(caught.value)
