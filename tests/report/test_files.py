"""Files are there whole or not at all: after an exception, and after kill -9."""

from __future__ import annotations

import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from microbench.errors import InputError
from microbench.store.files import replacing, write_text

OLD = b"old\n" * 50_000
NEW = b"new\n" * 70_000
STEPS = 2_000
"""Calls and returns, more than writing both contents takes."""


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


def overwrite_until(target: Path, step: int) -> None:
    """Write NEW and OLD in turn, in pieces; kill -9 at a call or return of the interpreter's."""
    left = step

    def count(frame: object, event: str, what: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    while True:
        for content in (NEW, OLD):
            with replacing(target) as file:
                for at in range(0, len(content), 2_048):
                    file.write(content[at : at + 2_048])
                    file.flush()


def test_kill_9_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    """A child is killed at one step in thirteen while it writes; the file is never half."""
    target = tmp_path / "results.csv"
    target.write_bytes(OLD)
    seen, midway = set(), 0
    for step in range(1, STEPS, 13):
        child = os.fork()
        if child == 0:
            overwrite_until(target, step)
        os.waitpid(child, 0)
        content = target.read_bytes()
        assert content in (OLD, NEW)
        seen.add(content)
        leftovers = list(tmp_path.glob(".results.csv.*.part"))
        midway += bool(leftovers)
        for leftover in leftovers:
            leftover.unlink()
    assert seen == {OLD, NEW}
    assert midway > STEPS // 40, "the kills must fall into writing, or nothing was tested"
