"""Kept traces are the traces that were made, and damage to the store harms nothing."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from microbench import said
from microbench.run import tracecache
from microbench.run.runner import record
from microbench.trace import Trace, ops
from microbench.trace.check import MalformedError
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
    for name in tracecache.WIDTHS:
        assert np.array_equal(getattr(kept, name), getattr(made, name))
    for name in tracecache.TEXTS:
        assert getattr(kept, name) == getattr(made, name)


def test_another_key_finds_nothing(store: Path) -> None:
    tracecache.keep(KEY, trace())
    assert tracecache.load((*KEY[:3], "l4", 1.0)) is None


def cut(content: bytes) -> bytes:
    return content[:100]


def flip(content: bytes) -> bytes:
    return content[:-3000] + bytes([content[-3000] ^ 1]) + content[-2999:]


def sealed_nonsense(content: bytes) -> bytes:
    """A right digest over what is no trace."""
    body = b"PK nonsense"
    return tracecache.FORMAT + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


@pytest.mark.parametrize("damage", [cut, flip, lambda content: b"", sealed_nonsense])
def test_a_damaged_entry_is_none_said_once_and_healed(store: Path, damage: Any) -> None:
    heard: list[str] = []
    said.listen(heard.append)
    tracecache.keep(KEY, trace())
    path = next(store.rglob("*.npz"))
    path.write_bytes(damage(path.read_bytes()))
    assert tracecache.load(KEY) is None
    assert tracecache.load(KEY) is None
    assert len(heard) == 1
    assert str(path) in heard[0]
    assert not path.exists()
    tracecache.keep(KEY, trace())
    assert tracecache.load(KEY) is not None


def test_a_wrong_index_behind_a_right_digest_is_no_trace(store: Path) -> None:
    made = trace()
    table = made.operations.copy()
    table[table[:, 0] == ops.PATH, 1] = 10**9
    content = tracecache.packed(replace(made, operations=table))
    with pytest.raises(MalformedError):
        tracecache.unpacked(content, Path("x"))


def test_versions_share_a_home_and_the_least_recently_used_goes(store: Path) -> None:
    place = store / "mkbench" / "traces"
    for age, name in enumerate(("newer", "older")):
        (place / name).mkdir(parents=True)
        (place / name / "x.npz").write_bytes(bytes(1000))
        os.utime(place / name / "x.npz", (1e9 - age, 1e9 - age))
    assert tracecache.folder() is not None
    assert (place / "older" / "x.npz").exists()
    tracecache.make_room(place, 1500)
    assert not (place / "older").exists()
    assert (place / "newer" / "x.npz").exists()
    assert (place / tracecache.version()).is_dir()


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    tracecache.folder.cache_clear()
    assert tracecache.folder() is None
    tracecache.folder.cache_clear()


@pytest.mark.parametrize("text", ["", "here", "../cache"])
def test_a_cache_home_that_is_not_absolute_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", text)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    tracecache.folder.cache_clear()
    found = tracecache.folder()
    tracecache.folder.cache_clear()
    assert found is not None
    assert found.is_relative_to(tmp_path / "home")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_nothing_is_kept_when_turned_off(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKBENCH_CACHE", "off")
    tracecache.folder.cache_clear()
    tracecache.keep(KEY, trace())
    assert tracecache.load(KEY) is None
    assert not list(store.rglob("*.npz"))
