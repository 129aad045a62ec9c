"""One iteration as a Trace Event file, which common trace viewers open.

Knows the file form: a process per system, a thread per track, slices and counters. Times
are modelled cycles turned into microseconds of the modelled clock; no real time is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TRACK_ORDER = ("user", "kernel", "server", "l4")
"""Tracks known by name stand in this order, others follow."""


@dataclass(frozen=True)
class Timeline:
    """What one system did in one iteration.

    Attributes
    ----------
    slices : sequence of (track, name, start_cycles, end_cycles)
        Slices of a track nest or follow one another.
    counters : sequence of (name, at_cycles, value)
        Running totals, e.g. misses.
    """

    slices: Sequence[tuple[str, str, int, int]]
    counters: Sequence[tuple[str, int, int]] = ()


def timeline_text(
    systems: Mapping[str, Timeline], clock_hz: float, provenance: Mapping[str, str] | None = None
) -> str:
    """The timelines of some systems as Trace Event JSON.

    Parameters
    ----------
    systems : mapping of str to Timeline
    clock_hz : float
        Core clock [Hz] that turns cycles into time.
    provenance : mapping, optional
        Goes into `otherData`.

    Raises
    ------
    ValueError
        If a slice ends before it starts, or two of one track overlap without nesting.
    """
    events: list[dict[str, Any]] = []
    for number, (system, timeline) in enumerate(systems.items(), 1):
        check_nesting(timeline.slices)
        events += _events(number, system, timeline, clock_hz)
    body = {
        "displayTimeUnit": "ns",
        "otherData": {"clock_hz": str(round(clock_hz)), **(provenance or {})},
        "traceEvents": events,
    }
    return json.dumps(body, indent=0, allow_nan=False) + "\n"


def check_nesting(slices: Iterable[tuple[str, str, int, int]]) -> None:
    """Refuse slices that a viewer could not stack; see `timeline_text`."""
    tracks: dict[str, list[tuple[int, int, str]]] = {}
    for track, name, start, end in slices:
        if end < start:
            raise ValueError(f"slice {name!r} on {track!r} ends before it starts")
        tracks.setdefault(track, []).append((start, -end, name))
    for track, found in tracks.items():
        open_ends: list[int] = []
        for start, minus_end, name in sorted(found):
            while open_ends and open_ends[-1] <= start:
                open_ends.pop()
            if open_ends and -minus_end > open_ends[-1]:
                raise ValueError(f"slice {name!r} on {track!r} overlaps its neighbour")
            open_ends.append(-minus_end)


def _events(process: int, system: str, timeline: Timeline, clock_hz: float) -> list[dict[str, Any]]:
    scale = 1e6 / clock_hz
    threads = {track: i for i, track in enumerate(_tracks(timeline), 1)}
    events = [_meta(process, 0, "process_name", {"name": system})]
    for track, thread in threads.items():
        events.append(_meta(process, thread, "thread_name", {"name": track}))
        events.append(_meta(process, thread, "thread_sort_index", {"sort_index": thread}))
    for track, name, start, end in timeline.slices:
        events.append(
            {
                "ph": "X",
                "pid": process,
                "tid": threads[track],
                "name": name,
                "cat": track,
                "ts": start * scale,
                "dur": (end - start) * scale,
                "args": {"cycles": end - start},
            }
        )
    for name, at, value in timeline.counters:
        counter = {"ph": "C", "pid": process, "name": name, "ts": at * scale}
        events.append({**counter, "args": {"total": value}})
    return events


def _tracks(timeline: Timeline) -> list[str]:
    found = list(dict.fromkeys(track for track, *_ in timeline.slices))
    known = [track for track in TRACK_ORDER if track in found]
    return known + [track for track in found if track not in TRACK_ORDER]


def _meta(process: int, thread: int, name: str, args: dict[str, Any]) -> dict[str, Any]:
    return {"ph": "M", "pid": process, "tid": thread, "name": name, "args": args}
