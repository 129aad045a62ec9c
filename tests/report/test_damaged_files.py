"""10,000 damaged files through the loaders: a valid load or one line, never a traceback."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mutate import mutations
from sample_rows import sample_rows

from microbench.datafiles import data_dir
from microbench.errors import MkbenchError
from microbench.ipc.kernels import read_kernel
from microbench.machine.load import read_machine
from microbench.reference.load import load_published
from microbench.store.baseline import Run, baseline_text, read_results, runs_of
from microbench.store.provenance import provenance
from microbench.store.rows import json_text
from microbench.trace.shapes import read_file

SEED = 5
SLOWEST_SECONDS = 2.0
"""Of this process, whatever else the machine does."""
GROWTH_KILOBYTES = 200_000
Load = Callable[[Path], object]


def attempt(load: Load, path: Path, label: str) -> bool:
    """Load a file; True if it was valid. Fails the test on anything but an expected error."""
    started = time.process_time()
    caught: Exception | None = None
    try:
        load(path)
    except Exception as error:
        caught = error
    assert time.process_time() - started < SLOWEST_SECONDS, label
    if caught is None:
        return True
    assert isinstance(caught, MkbenchError), f"{label}: {caught!r} instead of an error line"
    assert 0 < len(str(caught)) < 2000, label
    assert "\n" not in str(caught), label
    assert caught.exit_code in (2, 3), label
    return False


def storm(load: Load, path: Path, originals: list[bytes], count: int) -> None:
    """Write `count` mutations over `path` and load each; some must be refused."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    share = -(-count // len(originals))
    refused = 0
    for which, original in enumerate(originals):
        path.write_bytes(original)
        assert attempt(load, path, f"original {which}"), "the undamaged file must load"
        for number, data in enumerate(mutations(original, share, SEED + which)):
            path.unlink()  # what is cut to nothing and written again goes to the disk at once
            path.write_bytes(data)
            refused += not attempt(load, path, f"file {which}, mutation {number}, seed {SEED}")
    assert refused > count // 4
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < GROWTH_KILOBYTES


def test_baselines(tmp_path: Path) -> None:
    rows = sample_rows("reaim")
    runs = [Run("table", "reaim", settings=("l1d.ways=8",))]
    limits = {rows[0].key: 0.02}
    header = provenance(rows, ["baseline", "save"])
    texts = [baseline_text(rows, header, runs, limits), json_text(rows, header)]

    def load(path: Path) -> object:
        results = read_results(str(path))
        return runs_of(results, path)

    storm(load, tmp_path / "x.csv", [text.encode() for text in texts], 3000)


@pytest.mark.parametrize("name", ["roles", "lmbench", "reaim", "ipc"])
def test_references(tmp_path: Path, name: str) -> None:
    shutil.copytree(data_dir() / "reference", tmp_path, dirs_exist_ok=True)
    path = tmp_path / f"{name}.csv"
    storm(lambda path: load_published(path.parent), path, [path.read_bytes()], 750)


def test_machines(tmp_path: Path) -> None:
    originals = [p.read_bytes() for p in sorted((data_dir() / "machines").glob("*.toml"))]
    storm(read_machine, tmp_path / "m.toml", originals[:4], 2000)


@pytest.mark.parametrize(
    ("load", "names"),
    [
        (read_file, ("user", "l4linux", "l4linux-memory", "l4-pxa255")),
        (read_kernel, ("ipc-pistachio-i686", "ipc-sel4-armv8")),
    ],
)
def test_kernels(tmp_path: Path, load: Load, names: tuple[str, ...]) -> None:
    files = [data_dir() / "kernels" / f"{name}.toml" for name in names]
    originals = [path.read_bytes() for path in files]
    storm(load, tmp_path / files[0].name, originals, 700)


@pytest.mark.parametrize("size", [2**60, 2**31, 10**18, -4096, 0, 1.5])
def test_absurd_cache_sizes_are_refused(tmp_path: Path, size: float) -> None:
    text = (data_dir() / "machines" / "pxa255.toml").read_text()
    path = tmp_path / "huge.toml"
    path.write_text(replaced_value(text, "l1d", "size_bytes", size))
    assert not attempt(read_machine, path, str(size))


def replaced_value(text: str, section: str, key: str, value: float) -> str:
    """A machine file's text with the value of one number changed."""
    head, found, tail = text.partition(f"[{section}]")
    assert found
    before, key_found, after = tail.partition(f"{key} =")
    assert key_found
    start = after.index("value =") + len("value =")
    end = after.index(",", start)
    return head + found + before + key_found + after[:start] + f" {value}" + after[end:]
