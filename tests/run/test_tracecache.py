"""Kept traces are the traces that were made, and damage to the store harms nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from microbench.run import tracecache
from microbench.run.runner import record
from microbench.trace import Trace
from microbench.workloads.registry import workloads

KEY = ("lat_ctx", "-s 0 3", "ring", "native", 1.0)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tracecache.folder.cache_clear()
    yield tmp_path
    tracecache.folder.cache_clear()


def trace() -> Trace:
    workload = workloads("lat_ctx", ["-s", "0", "3"])[0]
    return record(workload, workload.parts()[0], "native")


def test_a_kept_trace_comes_back_the_same(store: Path) -> None:
    made = trace()
    tracecache.keep(KEY, made)
    kept = tracecache.load(KEY)
    assert kept is not None
    for name in tracecache.ARRAYS:
        assert np.array_equal(getattr(kept, name), getattr(made, name))
    for name in tracecache.TEXTS:
        assert getattr(kept, name) == getattr(made, name)


def test_another_key_finds_nothing(store: Path) -> None:
    tracecache.keep(KEY, trace())
    assert tracecache.load((*KEY[:3], "l4", 1.0)) is None


def test_a_damaged_file_is_as_good_as_none(store: Path) -> None:
    tracecache.keep(KEY, trace())
    for path in store.rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:100])
    assert tracecache.load(KEY) is None


def test_what_another_version_left_is_removed(store: Path) -> None:
    old = store / "mkbench" / "traces" / "older"
    old.mkdir(parents=True)
    assert tracecache.folder() is not None
    assert not old.exists()


def test_nothing_is_kept_when_turned_off(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKBENCH_CACHE", "off")
    tracecache.folder.cache_clear()
    tracecache.keep(KEY, trace())
    assert tracecache.load(KEY) is None
    assert not list(store.rglob("*.npz"))
