"""Kept entries: where they lie, what goes first for room, which text names a version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from microbench import said
from microbench.errors import InputError
from microbench.store import kept
from microbench.store.kept import FORMAT, make_room, sealed


def content_of(body: bytes, path: Path) -> bytes:
    return body


def test_an_entry_is_a_file_of_its_kind_in_the_version_s_folder(store: Path) -> None:
    kept.keep("ranges", "key", b"content")
    (path,) = [p for p in store.rglob("*") if p.is_file()]
    assert path.parent == store / "mkbench" / "traces" / kept.version()
    assert path.name.startswith("ranges-")
    assert path.read_bytes() == sealed(b"content")


def test_an_entry_that_is_read_is_used(store: Path) -> None:
    kept.keep("a", "key", b"content")
    path = kept.file_of("a", "key")
    assert path is not None
    os.utime(path, (1, 1))
    assert kept.load("a", "key", content_of) == b"content"
    assert path.stat().st_mtime > 1


def test_an_entry_is_read_though_its_age_cannot_be_told(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.keep("a", "key", b"content")

    def refuse(*words: Any) -> None:
        raise OSError

    monkeypatch.setattr(kept.os, "utime", refuse)
    assert kept.load("a", "key", content_of) == b"content"


@pytest.mark.parametrize("error", [InputError("f", "k", 1, "no"), ValueError(), KeyError()])
def test_what_its_reader_refuses_is_damaged_said_and_gone(store: Path, error: Exception) -> None:
    heard: list[str] = []
    said.listen(heard.append)
    kept.keep("a", "key", b"content")

    def refuse(body: bytes, path: Path) -> None:
        raise error

    assert kept.load("a", "key", refuse) is None
    path = kept.file_of("a", "key")
    assert path is not None
    assert not path.exists()
    assert [str(path) in text for text in heard] == [True]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: b"x" + content,
        lambda content: content.replace(FORMAT, FORMAT.upper(), 1),
        lambda content: content.replace(b"\n", b"", 1),
    ],
)
def test_content_is_known_by_its_digest_and_its_form(store: Path, damage: Any) -> None:
    said.listen(lambda text: None)
    kept.keep("a", "key", b"content")
    path = kept.file_of("a", "key")
    assert path is not None
    path.write_bytes(damage(path.read_bytes()))
    assert kept.load("a", "key", content_of) is None


def test_a_folder_that_cannot_be_made_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mkbench").write_text("a file in its place")
    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept.folder.cache_clear()
    assert kept.folder() is None
    kept.keep("a", "key", b"content")
    assert kept.load("a", "key", content_of) is None
    kept.folder.cache_clear()


def entry(place: Path, version: str, name: str, age: int, size: int = 100) -> Path:
    path = place / version / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """This version is called "now"."""
    monkeypatch.setattr(kept, "version", lambda: "now")


@pytest.mark.parametrize(
    ("room", "left"), [(300, "abc"), (299, "ab"), (200, "ab"), (199, "a"), (0, "")]
)
def test_the_oldest_go_until_the_rest_has_room_and_not_one_more(
    tmp_path: Path, named: None, room: int, left: str
) -> None:
    paths = {name: entry(tmp_path, "v", name, age) for age, name in enumerate("abc")}
    make_room(tmp_path, room)
    assert "".join(name for name, path in paths.items() if path.exists()) == left
    assert (tmp_path / "v").exists() is bool(left)
    assert (tmp_path / "now").is_dir()


def test_age_counts_and_not_size_or_version(tmp_path: Path, named: None) -> None:
    old, new = entry(tmp_path, "now", "z", 9, 1), entry(tmp_path, "before", "a", 1, 500)
    make_room(tmp_path, 500)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_version_hangs_on_code_and_data_and_on_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, data = tmp_path / "package", tmp_path / "data"
    for path in (package / "store" / "kept.py", package / "deep" / "er" / "m.py",
                 package / "note.txt", data / "kernels" / "k", data / "x.csv"):  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    monkeypatch.setattr(kept, "__file__", str(package / "store" / "kept.py"))
    monkeypatch.setattr(kept, "data_dir", lambda: data)
    now = kept.version.__wrapped__
    first = now()
    assert len(first) == 16
    assert int(first, 16) >= 0
    assert list(kept.files()) == [
        "code/deep/er/m.py", "code/store/kept.py", "data/kernels/k", "data/x.csv",
    ]  # fmt: skip
    for path in sorted(p for p in tmp_path.rglob("*") if p.is_file()):
        path.write_text("2")
        assert (now() != first) == (path.name != "note.txt"), path
        path.write_text("1")
        assert now() == first
    (data / "x.csv").rename(data / "y.csv")
    assert now() != first


def test_the_folder_is_made_once_with_its_parents_and_found_again(store: Path) -> None:
    first = kept.folder()
    assert first == store / "mkbench" / "traces" / kept.version()
    assert first.is_dir()
    kept.folder.cache_clear()
    assert kept.folder() == first


def test_who_first_asks_for_the_folder_makes_room(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(kept, "make_room", asked.append)
    kept.folder()
    kept.folder()
    assert asked == [store / "mkbench" / "traces"]
    assert kept.ROOM_BYTES == 2**30
