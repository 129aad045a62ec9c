"""FUSE beside the kernel on the machine of a published measurement."""

from __future__ import annotations

import statistics

from microbench.study.fs_table import (
    STRICT,
    fs_rows,
    numbers,
    predicted,
    published,
    side,
    summary,
    wrong_sides,
)


def test_median_error_where_the_disk_s_rate_is_given() -> None:
    errors = [abs(row.error or 0) for row in fs_rows()]
    assert len(errors) > 100
    assert statistics.median(errors) <= 0.2


def test_no_row_is_on_the_other_side_of_one() -> None:
    """Slower is never modelled as faster, nor faster as slower; near 1 both are alike."""
    for row in fs_rows():
        assert row.published is not None
        assert {side(row.value), side(row.published)} != {"slower", "faster"}, row.args


def test_small_files_and_metadata_are_slower_and_streams_are_not() -> None:
    shares = {(r.args, r.system): r.value for r in fs_rows()}
    assert shares["sq-re-128KB-1th-1f SSD", "base"] > 0.9
    assert shares["cr-wr-4KB-1th-4Mf SSD", "base"] < 0.6
    assert shares["rd-re-4KB-32th-1f SSD", "base"] < 0.3


def test_a_dearer_request_leaves_less() -> None:
    for line in published()[1]:
        assert predicted(line, "high") <= predicted(line, "value") <= predicted(line, "low")
    assert numbers("low")["pending"] < numbers("high")["pending"]


def test_wrong_sides_are_counted_strictly_too() -> None:
    """A wider "alike" never has more of them, and the summary tells every count."""
    counts = [wrong_sides(near) for near in STRICT]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] > 0
    assert all(f"{n} (alike" in summary(fs_rows()) for n in counts)
