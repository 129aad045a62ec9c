"""Files are there whole or not at all: after an exception, and after kill -9."""

from __future__ import annotations

import os
import random
import signal
import stat
import time
from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.store.files import replacing, write_text

OLD = b"old\n" * 50_000
NEW = b"new\n" * 70_000
KILLS = 100


def test_writes_and_replaces(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    write_text(target, "one\n")
    write_text(target, "two\n")
    assert target.read_text() == "two\n"
    assert list(tmp_path.iterdir()) == [target]


def test_an_exception_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    write_text(target, "old")
    with pytest.raises(TypeError), replacing(target) as file:
        file.writelines([b"half", "not bytes"])  # type: ignore[list-item]
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_mode_links_and_devices(tmp_path: Path) -> None:
    target, link = tmp_path / "a", tmp_path / "b"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    write_text("/dev/null", "x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("name", ["no/such/dir/x", ""])
def test_unwritable_places_are_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot write") as caught:
        write_text(tmp_path / name, "x")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def overwrite_forever(target: Path) -> None:
    """Write OLD and NEW in turn, in pieces, until killed."""
    while True:
        for content in (NEW, OLD):
            with replacing(target) as file:
                for at in range(0, len(content), 16_384):
                    file.write(content[at : at + 16_384])
                    file.flush()


def test_kill_9_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    """A child is killed at 100 seeded moments while it writes; the file is never half."""
    draw = random.Random(20)
    target = tmp_path / "results.csv"
    target.write_bytes(OLD)
    seen, midway = set(), 0
    for _ in range(KILLS):
        child = os.fork()
        if child == 0:
            overwrite_forever(target)
        time.sleep(draw.uniform(0.001, 0.015))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        content = target.read_bytes()
        assert content in (OLD, NEW)
        seen.add(content)
        leftovers = list(tmp_path.glob(".results.csv.*.part"))
        midway += bool(leftovers)
        for leftover in leftovers:
            leftover.unlink()
    assert seen == {OLD, NEW}
    assert midway > KILLS // 10, "the kills must fall into writing, or nothing was tested"
