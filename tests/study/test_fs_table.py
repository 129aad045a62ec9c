"""Files outside the kernel beside those in it: shares, requests, a tree of 2007."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from microbench.study.fast17.given import Line, parts, published
from microbench.study.fast17.mixes import turn_of
from microbench.study.fast17.rules import OPTIONAL, predicted
from microbench.study.fs_table import (
    REQUESTS,
    STRICT,
    fs_rows,
    request_rows,
    share_rows,
    side,
    summary,
    wrong_sides,
)
from microbench.study.trees.phases import outcome_of
from microbench.study.trees.rows import tree_rows

LINES = published()[1]
README = Path(__file__).parents[2] / "README.md"


def line(workload: str, disk: str, config: str) -> Line:
    return next(x for x in LINES if (x.workload, x.disk, x.config) == (workload, disk, config))


def test_median_error_where_the_disk_s_rate_is_given() -> None:
    """Over all rows, and over those that are slower, where saying 1 is far off."""
    assert len(LINES) > 140
    slower = [x for x in LINES if side(x.share) == "slower"]
    for group in (LINES, slower):
        assert statistics.median(abs(predicted(x) / x.share - 1) for x in group) <= 0.2
    assert statistics.median(abs(1 / x.share - 1) for x in slower) > 0.4


def test_no_row_is_on_the_other_side_of_one() -> None:
    """Slower is never modelled as faster, nor faster as slower; near 1 both are alike."""
    for row in share_rows():
        assert row.published is not None
        assert {side(row.value), side(row.published)} != {"slower", "faster"}, row.args


def test_small_files_and_metadata_are_slower_and_streams_are_not() -> None:
    assert predicted(line("sq-re-128KB-1th-1f", "SSD", "base")) > 0.9
    assert predicted(line("cr-wr-4KB-1th-4Mf", "SSD", "base")) < 0.6
    assert predicted(line("rd-re-4KB-32th-1f", "SSD", "base")) < 0.3


def test_a_dearer_request_leaves_less() -> None:
    for one in LINES:
        assert predicted(one, "high") <= predicted(one, "value") <= predicted(one, "low"), one
    assert parts("low")["pending"] < parts("high")["pending"]
    assert parts("low")["in_flight"] > parts("high")["in_flight"]


def test_every_share_has_a_range() -> None:
    for row in share_rows():
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.value <= row.high, row.args
        assert row.low < row.high, row.args


def test_wrong_sides_are_counted_strictly_too() -> None:
    """A wider "alike" never has more of them, and the summary tells every count."""
    counts = [wrong_sides(near) for near in STRICT]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] > 0
    said = summary(fs_rows())
    assert all(f"{n} at {near:.0%}" in said for n, near in zip(counts, STRICT, strict=True))
    assert max(len(text) for text in said.split("\n")) <= 80


@pytest.mark.parametrize("rule", OPTIONAL)
def test_a_rule_moves_rows_and_leaving_it_out_is_told(rule: str) -> None:
    """The summary says how many rows each moves and what they miss by, also where it harms."""
    pairs = [(predicted(x) / x.share, predicted(x, "value", rule) / x.share) for x in LINES]
    moved = [pair for pair in pairs if pair[0] != pair[1]]
    with_it, without = (statistics.median(abs(p[i] - 1) for p in moved) for i in (0, 1))
    assert len(moved) > 2
    assert f"{rule}, {len(moved)} rows: {with_it:.0%}, {without:.0%}\n" in summary(fs_rows())


def test_who_makes_files_beside_others_waits_for_the_directory() -> None:
    """With several daemons the directory decides, so more clients do not help as in the kernel."""
    many = line("cr-wr-4KB-32th-4Mf", "SSD", "opt")
    assert predicted(many) < 0.6
    assert predicted(line("rd-re-128KB-32th-1f", "SSD", "opt")) > 0.8


@pytest.mark.parametrize("mix", ["web", "file"])
def test_a_turn_s_requests_are_those_of_its_steps(mix: str) -> None:
    """A file that is read takes two READs, the second behind its end; a page written, a WRITE."""
    turn = turn_of(mix)
    assert turn.requests["READ"] == 2 * turn.files
    assert turn.requests["WRITE"] == turn.written_kb / 4
    assert turn.requests["FLUSH"] == turn.requests["RELEASE"]


def test_requests_are_those_of_the_result_files() -> None:
    """Files of one size exactly; servers' files have many sizes there and one here."""
    rows = request_rows()
    assert {row.metric for row in rows} == {REQUESTS}
    for row in rows:
        assert abs(row.error or 0) < (0.05 if "-server-" in row.args else 0.005), row.args


def test_the_readme_says_what_comes_out() -> None:
    slower = [x for x in LINES if side(x.share) == "slower"]
    median, naive = (
        statistics.median(abs(guess(x) / x.share - 1) for x in slower)
        for guess in (predicted, lambda x: 1.0)
    )
    factors = {
        system: sorted(
            max(r.value / (r.published or 1), (r.published or 1) / r.value)
            for r in tree_rows()
            if r.system == system
        )
        for system in ("ntfs-3g", "ntfs-3g-through")
    }
    text = " ".join(README.read_text(encoding="utf-8").split())
    assert f"over the {len(slower)} rows where FUSE is slower the median error is {median:.0%}" in (
        text.replace(" %", "%")
    )
    assert f"({naive:.0%} for saying it costs nothing)" in text.replace(" %", "%")
    assert f"over all {len(LINES)}" in text
    assert f"{wrong_sides(STRICT[-1])} are on the wrong side of 1" in text
    cached, through = factors["ntfs-3g"], factors["ntfs-3g-through"]
    assert f"{cached[0]:.0f} to {cached[-1]:.0f} times too fast" in text
    assert f"{through[0]:.1f} to {through[-1]:.1f} times too slow" in text
    queue = outcome_of("unpack", "ntfs-3g").queue_seconds
    assert f"FUSE's queue is {queue:.1f} s of its 776" in text
