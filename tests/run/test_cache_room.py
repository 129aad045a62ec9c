"""Kept traces: where they lie, what names a version, what goes first, what is worth keeping."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from microbench.errors import InputError
from microbench.run import tracecache
from microbench.run.tracecache import FORMAT, WORTH, make_room, packed, unpacked
from microbench.trace import Trace
from tests.machine.toy import Toy

KEY = ("a",)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home for traces, of a version named after nothing."""
    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tracecache, "version", lambda: "now")
    tracecache.folder.cache_clear()
    yield tmp_path / "mkbench" / "traces"
    tracecache.folder.cache_clear()


def trace(operations: int) -> Trace:
    t = Toy()
    for _ in range(operations - 1):
        t.recorder.compute(1)
    t.recorder.mark(0)
    return t.recorder.finish()


def test_what_is_quicker_made_than_read_is_not_kept(store: Path) -> None:
    for operations, there in ((WORTH - 1, False), (WORTH, True)):
        tracecache.keep(KEY, trace(operations))
        assert (tracecache.load(KEY) is not None) is there
    assert [p.parent for p in store.rglob("*.npz")] == [store / "now"]


def test_a_trace_that_is_read_is_used(store: Path) -> None:
    tracecache.keep(KEY, trace(WORTH))
    (path,) = store.rglob("*.npz")
    os.utime(path, (1, 1))
    assert tracecache.load(KEY) is not None
    assert path.stat().st_mtime > 1


def test_a_trace_is_read_though_its_age_cannot_be_told(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracecache.keep(KEY, trace(WORTH))

    def refuse(*words: Any) -> None:
        raise OSError

    monkeypatch.setattr(tracecache.os, "utime", refuse)
    assert tracecache.load(KEY) is not None


def test_a_folder_that_cannot_be_made_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mkbench").write_text("a file in its place")
    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tracecache.folder.cache_clear()
    assert tracecache.folder() is None
    tracecache.keep(KEY, trace(WORTH))
    assert tracecache.load(KEY) is None
    tracecache.folder.cache_clear()


def test_content_is_known_by_its_digest_and_its_form() -> None:
    content = packed(trace(3))
    found = unpacked(content, Path("x"))
    assert np.array_equal(found.operations, trace(3).operations)
    assert found.places == trace(3).places
    for damaged in (content[:-1], b"x" + content, content.replace(FORMAT, FORMAT.upper(), 1)):
        with pytest.raises(InputError, match="damaged"):
            unpacked(damaged, Path("x"))


def entry(place: Path, version: str, name: str, age: int, size: int = 100) -> Path:
    path = place / version / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def test_the_oldest_go_until_the_rest_has_room_and_not_one_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracecache, "version", lambda: "now")
    for room, left in ((300, "abc"), (299, "ab"), (200, "ab"), (199, "a"), (0, "")):
        paths = {name: entry(tmp_path, "v", name, age) for age, name in enumerate("abc")}
        make_room(tmp_path, room)
        assert "".join(name for name, path in paths.items() if path.exists()) == left
        assert (tmp_path / "v").exists() is bool(left)
        assert (tmp_path / "now").is_dir()


def test_age_counts_and_not_size_or_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracecache, "version", lambda: "now")
    old, new = entry(tmp_path, "now", "z", 9, 1), entry(tmp_path, "before", "a", 1, 500)
    make_room(tmp_path, 500)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_version_hangs_on_code_kernels_and_workloads_and_on_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, data = tmp_path / "package", tmp_path / "data"
    for path in (package / "run" / "tracecache.py", package / "deep" / "er" / "m.py",
                 package / "note.txt", data / "kernels" / "k", data / "workloads" / "w",
                 data / "machines" / "m", data / "kernels" / "folder" / "x"):  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    monkeypatch.setattr(tracecache, "__file__", str(package / "run" / "tracecache.py"))
    monkeypatch.setattr(tracecache, "data_dir", lambda: data)

    def now() -> str:
        tracecache.version.cache_clear()
        return tracecache.version()

    first = now()
    assert len(first) == 16
    assert int(first, 16) >= 0
    deciding = {"tracecache.py", "m.py", "k", "w"}
    for path in sorted(p for p in tmp_path.rglob("*") if p.is_file()):
        path.write_text("2")
        assert (now() != first) == (path.name in deciding), path
        path.write_text("1")
        assert now() == first
    (data / "kernels" / "k").rename(data / "kernels" / "l")
    assert now() != first
    tracecache.version.cache_clear()
