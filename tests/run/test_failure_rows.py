"""Rows of what dies: each with the range of its guesses, each marked as a prediction."""

from __future__ import annotations

import pytest

from microbench.row import Row
from microbench.run.failure import failure_rows
from microbench.run.restart import NEVER, PREDICTION
from microbench.run.setup import prepare


def rows(call: str) -> dict[str, Row]:
    benchmark, *words = call.split()
    return {row.metric: row for row in failure_rows(benchmark, words, prepare("pxa255", []))}


TIMES = ("ms", "MB/s", "share", "s/year")


@pytest.mark.parametrize(
    "call",
    [
        "restart --component net",
        "restart --component fs --fault exception --deaths 1",
        "bw_kill --component net --every 1s,3s",
        "faults --n 20",
        "availability --n 20",
    ],
)
def test_modelled_values_have_ranges_and_say_that_they_are_predictions(call: str) -> None:
    found = [row for row in rows(call).values() if row.unit in TIMES]
    assert found
    for row in found:
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.value <= row.high, row
        assert PREDICTION in row.note
    assert any(row.low != row.high for row in found)


def test_a_hang_is_found_within_five_to_eleven_seconds_wherever_it_falls() -> None:
    """A question every period and tick, two periods of silence and a tick."""
    detect = rows("restart --component disk --fault hang --policy minix")["detect"]
    assert detect.low is not None
    assert detect.high is not None
    assert 5000 <= detect.low < 6000
    assert 10_000 < detect.high <= 11_000
    assert detect.value == pytest.approx(8000, abs=500)


def test_what_resets_longer_than_it_may_says_so() -> None:
    given_up = rows("restart --component disk --policy minix")["total"]
    assert NEVER in given_up.note
    waited = rows("restart --component disk --policy ham")["total"]
    assert NEVER not in waited.note
    assert waited.high == pytest.approx(31_000, rel=0.02)
