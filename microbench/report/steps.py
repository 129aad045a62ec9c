"""Slices of an iteration as a `Timeline`: paths nested in the place they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from microbench.report.timeline import Timeline
from microbench.run.slices import COUNTED, Slice, cycles


def timeline(slices: Sequence[Slice]) -> Timeline:
    """Each run of slices of one place becomes an outer slice around its paths."""
    found: list[tuple[str, str, int, int]] = []
    for (track, place), group in groupby(slices, key=lambda s: (s.track, s.place)):
        inner = [(track, s.name, cycles(s.start_ticks), cycles(s.end_ticks)) for s in group]
        found += [(track, place, inner[0][2], inner[-1][3]), *inner]
    return Timeline(found, list(_counters(slices)))


def _counters(slices: Iterable[Slice]) -> Iterable[tuple[str, int, int]]:
    """Running totals, one point each time one changes."""
    before = [-1] * len(COUNTED)
    for s in slices:
        for i, name in enumerate(COUNTED):
            if s.counts[i] != before[i]:
                before[i] = s.counts[i]
                yield name.replace("_", " "), cycles(s.end_ticks), s.counts[i]
