"""The real loops, shortly: twice the work takes about twice the time, and shapes, not numbers."""

from __future__ import annotations

import sys
from contextlib import ExitStack

import numpy as np
import pytest

from microbench.measured.probes import suite as suites

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the probes are of Linux")


def test_a_permutation_visits_every_line_once_before_it_returns() -> None:
    following = suites._permutation(16384)
    at, seen = 0, []
    for _ in range(16384 // 64):
        seen.append(int(at))
        at = following[int(at)]
    assert int(at) == 0
    assert sorted(seen) == list(range(0, 16384 // 8, 8))


def test_every_probe_gives_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites, "BANDWIDTH_BYTES", 4096)
    with ExitStack() as stack:
        probes = suites.suite(stack, [4096])
        times = {probe.name: probe.block(2) for probe in probes}
    assert all(np.isfinite(spent) for spent in times.values()), times
    assert times["spawn true"] > times["lat_syscall null"]
    assert times["fork python"] > times["lat_syscall read"]
    assert len([name for name in times if name.startswith("lat_ctx")]) == len(suites.RINGS)


def test_twice_the_work_takes_longer() -> None:
    with ExitStack() as stack:
        null = next(p for p in suites._Bench(stack).calls() if p.name == "lat_syscall null")
        null.block(1)
        few = min(null.block(1000) for _ in range(20))
        many = min(null.block(4000) for _ in range(20))
    assert many > 2 * few
