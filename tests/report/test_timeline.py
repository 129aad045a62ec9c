"""The Trace Event file: tracks, slices, counters, and slices a viewer can stack."""

from __future__ import annotations

import json
from typing import Any

import pytest

from microbench.report.timeline import Timeline, timeline_text

TIMELINE = Timeline(
    slices=[
        ("l4", "ipc", 20, 40),
        ("user", "write", 0, 100),
        ("user", "loop", 10, 20),
        ("kernel", "pipe_write", 40, 90),
    ],
    counters=[("d-cache misses", 0, 0), ("d-cache misses", 90, 7)],
)


def events(kind: str) -> list[dict[str, Any]]:
    text = timeline_text({"native": TIMELINE, "l4": TIMELINE}, 200e6, {"seed": "0"})
    body = json.loads(text)
    assert body["otherData"] == {"clock_hz": "200000000", "seed": "0"}
    return [event for event in body["traceEvents"] if event["ph"] == kind]


def test_tracks_have_names_in_order() -> None:
    names = [(e["pid"], e["tid"], e["args"]["name"]) for e in events("M") if "name" in e["args"]]
    expected = [(0, ""), (1, "user"), (2, "kernel"), (3, "l4")]
    assert names == [
        (pid, tid, name or system)
        for pid, system in ((1, "native"), (2, "l4"))
        for tid, name in expected
    ]


def test_times_are_cycles_of_the_modelled_clock() -> None:
    found = {e["name"]: (e["ts"], e["dur"], e["args"]["cycles"]) for e in events("X")}
    assert found["write"] == (0, pytest.approx(0.5), 100)
    assert found["pipe_write"] == (pytest.approx(0.2), pytest.approx(0.25), 50)


def test_counters() -> None:
    totals = [e["args"]["total"] for e in events("C")]
    assert totals == [0, 7, 0, 7]


@pytest.mark.parametrize(
    ("slices", "says"),
    [
        ([("a", "x", 5, 4)], "ends before"),
        ([("a", "x", 0, 10), ("a", "y", 5, 15)], "overlaps"),
    ],
)
def test_what_cannot_be_stacked_is_refused(slices: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        timeline_text({"native": Timeline(slices)}, 1e9)


@pytest.mark.parametrize(
    "slices",
    [
        [("a", "x", 0, 10), ("b", "y", 5, 15)],
        [("a", "x", 0, 10), ("a", "y", 10, 15)],
        [("a", "x", 0, 10), ("a", "y", 0, 10), ("a", "z", 10, 10)],
    ],
)
def test_neighbours_and_nests_are_fine(slices: Any) -> None:
    assert json.loads(timeline_text({"native": Timeline(slices)}, 1e9))
