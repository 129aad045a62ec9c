"""Files and folders: on disk before they count, refused where something else stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.store.files import check_folder, make_folder, replacing, write_bytes


def test_content_is_on_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, seen = tmp_path / "a", []
    monkeypatch.setattr(
        os, "fsync", lambda fd: seen.append((os.fstat(fd).st_size, target.exists()))
    )
    write_bytes(target, b"x" * 10)
    assert seen == [(10, False)]
    assert target.read_bytes() == b"x" * 10


def test_a_name_of_full_length_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    write_bytes(target, b"long")
    assert [p.name for p in tmp_path.iterdir()] == ["n" * 255]


def test_a_folder_is_made_with_its_parents_and_may_be_there(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    check_folder(deep)
    assert make_folder(deep) == deep
    assert deep.is_dir()
    assert make_folder(str(deep)) == deep
    check_folder(deep)


def test_a_file_in_the_place_of_a_folder_is_refused_early_and_late(tmp_path: Path) -> None:
    stands = tmp_path / "a"
    stands.write_text("x")
    for refuse in (check_folder, make_folder):
        with pytest.raises(InputError, match="not a directory"):
            refuse(stands)
    with pytest.raises(InputError, match="cannot make: Not a directory"):
        make_folder(stands / "b")


def test_a_pipe_that_is_gone_is_not_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), replacing(tmp_path / "a"):
        raise BrokenPipeError
    with pytest.raises(InputError, match="cannot write: why"), replacing(tmp_path / "a"):
        raise OSError(5, "why")
    assert list(tmp_path.iterdir()) == []


def test_a_fifo_is_written_as_it_is(tmp_path: Path) -> None:
    fifo = tmp_path / "f"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    write_bytes(fifo, b"through")
    assert os.read(reader, 99) == b"through"
    os.close(reader)
    assert [p.name for p in tmp_path.iterdir()] == ["f"]
