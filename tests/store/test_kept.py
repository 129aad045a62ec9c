"""What is kept between runs: found by all that decides it, in a bounded room, whole or not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.store import kept

PACKAGE = Path(kept.__file__).parents[1]
RUNS = """
import sys
opened = set()
sys.addaudithook(lambda event, args: event == "open" and opened.add(str(args[0])))
from microbench.run.files import file_rows
from microbench.run.rows import benchmark_rows
from microbench.run.setup import prepare
from microbench.study.ranges import values_of
from microbench.workloads.registry import file_benches, workloads
for call in (("lat_pipe",), ("lat_proc", "exec"), ("reaim", "1"), ("lat_ipc",)):
    assert benchmark_rows(*call)
assert file_rows(file_benches("bw_fs_rd", ["4k"])[0], prepare("pxa255"))
assert values_of(workloads("lat_pipe", [])[0], "l4", prepare("pxa255"), 0)
print("\\n".join(sorted(opened)), file=sys.stderr)
"""


def bytes_of(body: bytes, path: Path) -> bytes:
    return body


def test_an_entry_comes_back_for_its_kind_and_key_only(store: Path) -> None:
    kept.keep("a", "key", b"content")
    assert kept.load("a", "key", bytes_of) == b"content"
    assert kept.load("a", "key ", bytes_of) is None
    assert kept.load("b", "key", bytes_of) is None


def test_nothing_is_believed_when_all_is_made_anew(store: Path) -> None:
    kept.keep("a", "key", b"content")
    with kept.anew():
        assert kept.load("a", "key", bytes_of) is None
        kept.keep("a", "key", b"another")
    assert kept.load("a", "key", bytes_of) == b"another"


def test_a_killed_writer_leaves_no_entry(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(self: Path, target: Path) -> Path:
        raise OSError

    monkeypatch.setattr(Path, "replace", killed)
    kept.keep("a", "key", b"content")
    assert kept.load("a", "key", bytes_of) is None
    assert not list(store.rglob("*.part"))


COMPILED = (".pyc", ".so", ".nbi", ".nbc")
"""Made from a text that is in the version, by Python, a C compiler or numba."""


def test_what_a_run_reads_is_in_the_version(tmp_path: Path) -> None:
    """A file that a trace, a ledger or a range could hang on and the version does not know
    would give yesterday's result after it was changed."""
    env = {**os.environ, "MKBENCH_CACHE": "off", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUNS], env=env, capture_output=True, text=True, check=True
    )
    homes = (PACKAGE, data_dir())
    opened = {Path(line) for line in done.stderr.splitlines() if line.startswith("/")}
    mine = {path for path in opened if any(path.is_relative_to(home) for home in homes)}
    mine = {path for path in mine if path.suffix not in COMPILED and path.is_file()}
    assert any(path.suffix == ".toml" for path in mine)
    assert mine <= set(kept.files().values())


def test_another_text_of_any_file_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = {}
    for number, name in enumerate(("code/a.py", "data/devices/disk-ata.toml", "data/x.csv")):
        copies[name] = tmp_path / str(number)
        copies[name].write_text(name)
    monkeypatch.setattr(kept, "files", lambda: copies)
    seen = {kept.version.__wrapped__()}
    for path in copies.values():
        path.write_text(path.read_text() + " ")
        seen.add(kept.version.__wrapped__())
    assert len(seen) == 1 + len(copies)


def test_versions_share_a_home_and_the_least_recently_used_goes(store: Path) -> None:
    place = store / "mkbench" / "traces"
    for age, name in enumerate(("newer", "older")):
        (place / name).mkdir(parents=True)
        (place / name / "x").write_bytes(bytes(1000))
        os.utime(place / name / "x", (1e9 - age, 1e9 - age))
    assert kept.folder() is not None
    assert (place / "older" / "x").exists()
    kept.make_room(place, 1500)
    assert not (place / "older").exists()
    assert (place / "newer" / "x").exists()
    assert (place / kept.version()).is_dir()


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    kept.folder.cache_clear()
    assert kept.folder() is None
    kept.folder.cache_clear()


@pytest.mark.parametrize("text", ["", "here", "../cache"])
def test_a_cache_home_that_is_not_absolute_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("MKBENCH_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", text)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    kept.folder.cache_clear()
    found = kept.folder()
    kept.folder.cache_clear()
    assert found is not None
    assert found.is_relative_to(tmp_path / "home")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_nothing_is_kept_when_turned_off(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKBENCH_CACHE", "off")
    kept.folder.cache_clear()
    kept.keep("a", "key", b"content")
    assert kept.load("a", "key", bytes_of) is None
    assert not list(store.iterdir())
