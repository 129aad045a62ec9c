"""Where a difference begins, which of them fail a gate, and how it is said once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import MismatchError
from microbench.row import Row
from microbench.store.across import Line, means
from microbench.store.compare import Match, compare, differences
from microbench.store.rows import Results

ROW = Row("lat_x", "-n 1", "toy", "l4", "latency", "us", "smaller", 2.0, 200, machine_hash="aa")
OTHER = replace(ROW, machine="box", machine_hash="bb")
LARGE = replace(ROW, value=1e12)


@pytest.mark.parametrize("tolerance", [None, 0.0])
def test_a_difference_of_just_the_rounding_is_none(tolerance: float | None) -> None:
    just = Match(LARGE, replace(LARGE, value=1e12 + 1), tolerance)
    assert (just.differs, just.verdict) == (False, "same")
    more = Match(LARGE, replace(LARGE, value=1e12 + 2), tolerance)
    assert (more.differs, more.verdict) == (True, "worse")


def test_other_cycles_of_a_value_that_rounds_alike_are_called_cycles() -> None:
    match = Match(LARGE, replace(LARGE, value=1e12 + 1, cycles=201))
    assert match.verdict == "cycles"


@pytest.mark.parametrize(
    ("new", "speed"), [(1e-300, None), (2e-300, 0.5e300), (1e300, None), (0.5e300, 2e-300)]
)
def test_a_ratio_near_the_ends_of_floats_is_none_to_speak_of(
    new: float, speed: float | None
) -> None:
    found = Match(replace(ROW, value=1.0), replace(ROW, value=new)).speed
    assert found == (speed if speed is None else pytest.approx(speed))


def test_only_worse_rows_and_missing_ones_fail_if_asked_so() -> None:
    faster = replace(ROW, args="-n 2", value=1.0, cycles=100)
    was = replace(faster, value=2.0, cycles=200)
    found = compare(Results((ROW, was)), Results((ROW, faster)))
    assert [m.new for m in found.failures()] == [faster]
    assert found.failures(only_worse=True) == []
    assert (found.failed(), found.failed(only_worse=True)) == (True, False)
    assert compare(Results((ROW, was)), Results((ROW,))).failed(only_worse=True)
    assert not compare(Results((ROW,)), Results((ROW, was))).failed()


def test_what_the_header_names_the_rows_do_not_name_again() -> None:
    old = Results((ROW,), {"machine.toy": "aa"})
    new = Results((replace(ROW, machine_hash="cc"),), {"machine.toy": "cc"})
    assert differences(old, new) == ["machine.toy: aa / cc"]
    assert differences(Results((ROW,)), Results(new.rows)) == ["machine.toy: aa / cc"]


def test_a_machine_of_several_rows_is_named_once_and_an_unknown_hash_never() -> None:
    rows = (ROW, replace(ROW, args=""), OTHER)
    changed = tuple(replace(row, machine_hash="cc") for row in rows)
    assert differences(Results(rows), Results(changed)) == [
        "machine.toy: aa / cc", "machine.box: bb / cc",
    ]  # fmt: skip
    unknown = tuple(replace(row, machine_hash="") for row in rows)
    assert differences(Results(rows), Results(unknown)) == []
    assert differences(Results(unknown), Results(rows)) == []


def test_a_file_that_is_gone_is_a_difference_where_its_family_is_known() -> None:
    old = Results((ROW,), {"kernel.a.toml": "1", "kernel.b.toml": "2", "machine.toy": "aa"})
    assert differences(old, Results((ROW,), {"kernel.a.toml": "1"})) == ["kernel.b.toml: 2 / gone"]
    assert differences(old, Results((ROW,), {"workload.w.toml": "3"})) == []
    assert differences(old, Results((ROW,), {"machine.other": "bb"})) == []
    assert differences(old, Results((ROW,), {"kernel": "1"})) == []


def test_an_empty_value_is_called_so() -> None:
    old, new = Results((ROW,), {"seed": ""}), Results((ROW,), {"seed": "1"})
    assert differences(old, new) == ["seed: empty / 1"]
    assert differences(new, old) == ["seed: 1 / empty"]


def test_the_first_reason_is_said_and_the_others_counted() -> None:
    old = Results((ROW,), {"seed": "0", "calibration": "a", "schema": "1"})
    with pytest.raises(MismatchError, match=r"seed: 0 / 1; --force"):
        compare(old, Results((ROW,), {"seed": "1"}))
    with pytest.raises(MismatchError, match=r"seed: 0 / 1 \(and 1 more\); --force"):
        compare(old, Results((ROW,), {"seed": "1", "calibration": "b"}))


def test_nothing_in_common_is_refused_only_where_both_have_rows() -> None:
    with pytest.raises(MismatchError, match="no row in common"):
        compare(Results((ROW,)), Results((OTHER,)))
    assert compare(Results(()), Results((OTHER,))).added == (OTHER,)
    assert compare(Results((ROW,)), Results(())).removed == (ROW,)


def test_a_direction_is_as_good_as_a_unit() -> None:
    with pytest.raises(MismatchError, match=r"lat_x -n 1 l4: unit: us \(smaller is better\) / us"):
        compare(Results((ROW,)), Results((replace(ROW, better="larger"),)), force=True)


def test_a_row_s_own_tolerance_goes_before_that_of_the_call() -> None:
    slower = replace(ROW, value=2.1, cycles=210)
    old = Results((ROW, OTHER), tolerances={ROW.key: 0.1})
    found = compare(old, Results((slower, replace(OTHER, value=2.1, cycles=210))), tolerance=0.01)
    assert [m.verdict for m in found.matched] == ["within", "worse"]
    assert [m.machine for m in found.matched] == ["toy", "box"]


@pytest.mark.parametrize("value", [0.0, -1.0, -3.0])
def test_a_value_that_is_not_above_zero_has_no_place_in_a_geometric_mean(value: float) -> None:
    assert means([Line((ROW, replace(ROW, value=value)))], 2) == [1.0, None]


def test_each_side_has_its_own_mean() -> None:
    line = Line((ROW, replace(ROW, value=4.0), replace(ROW, value=1.0)))
    assert means([line], 3) == [1.0, pytest.approx(2.0), pytest.approx(0.5)]
