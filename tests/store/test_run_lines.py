"""What a run line means where it says little, and what a bad one is told."""

from __future__ import annotations

import pytest

from microbench.errors import InputError
from microbench.row import Row
from microbench.store.baseline import Run, baseline_text, rerun, runs_of
from microbench.store.rows import Results, parse_results

ROW = Row("lat_x", "", "toy", "l4", "latency", "us", "smaller", 2.0)


def of(line: str) -> Run:
    (run,) = runs_of(Results((ROW,), {"run.0": line}), "f")
    return run


def test_a_run_is_on_the_talk_s_machine_with_nothing_changed_unless_it_says_so() -> None:
    usual = Run("bench", "lat_x")
    assert (usual.args, usual.machine, usual.systems, usual.settings) == ("", "pxa255", (), ())
    assert usual.text() == "bench lat_x '' --machine=pxa255"
    assert of(usual.text()) == usual


def test_the_last_machine_counts_and_a_setting_keeps_its_own_equals_sign() -> None:
    assert of("bench b a --machine=x --machine=y --set=l1d.ways=8").machine == "y"
    assert of("bench b a --set=l1d.ways=8").settings == ("l1d.ways=8",)


def test_runs_are_numbered_from_nought_in_their_order() -> None:
    runs = [Run("bench", "b"), Run("table", "a")]
    found = parse_results(baseline_text([ROW], {"seed": "0"}, runs), "f")
    assert list(found.provenance) == ["seed", "run.0", "run.1"]
    assert runs_of(found, "f") == runs


@pytest.mark.parametrize("line", ["bench b", "run b ''", "bench b '' x"])
def test_a_short_or_unknown_line_is_refused(line: str) -> None:
    with pytest.raises(InputError, match=r"f: run\.0"):
        of(line)


def test_without_somebody_to_tell_a_run_is_made_all_the_same() -> None:
    assert rerun([Run("bench", "b")], lambda *a: [], lambda *a: [ROW]) == [ROW]
