"""Programs of file calls on files mounted in a given way, and what was counted between marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from microbench.servers.played import Played, play_mounted
from microbench.servers.structures import Mount, Structure, structure
from microbench.workloads.programs.filecalls import FileProgram

Count = Callable[..., dict[str, float]]
STEADY = 2
"""Stretches at the start in which caches and queues still fill."""


@pytest.fixture
def count() -> Count:
    """What one timed stretch of a program cost, in things that can be counted."""

    def counted(
        program: Callable[[], FileProgram], fs: str = "native-fuse", **how: object
    ) -> dict[str, float]:
        kind: Structure = structure(fs)
        played = play_mounted(program, Mount(**how), kind)  # type: ignore[arg-type]
        return stretch(played)

    return counted


def stretch(played: Played) -> dict[str, float]:
    """Averages of the stretches behind the first ones."""
    totals = played.counts
    last, first = Counter(totals[-1]), Counter(totals[STEADY])
    turns = len(totals) - 1 - STEADY
    return {key: (last[key] - first[key]) / turns for key in last}
