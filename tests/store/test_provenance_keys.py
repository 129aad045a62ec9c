"""Where a result comes from: every file that decides it by hash, nothing of the host."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.row import MODEL_VERSION, Row
from microbench.store import provenance as place
from microbench.store.provenance import SCHEMA_VERSION, file_hash, is_identity, provenance

ROW = Row("lat_x", "-n 1", "toy", "l4", "latency", "us", "smaller", 2.0, machine_hash="bb")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one file of each kind, and what must not be looked at."""
    for name in (
        "kernels/k.toml", "kernels/.hidden", "workloads/deep/w.toml", "machines/m.toml",
        "devices/d.toml", "smp/operations/s.toml", "smp/reference/published.toml", "smp/README.md",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.setattr(place, "data_dir", lambda: tmp_path)
    return tmp_path


def digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_a_file_is_known_by_sixteen_digits(data: Path) -> None:
    assert file_hash(data / "kernels" / "k.toml") == digits("kernels/k.toml")
    assert len(file_hash(data / "machines" / "m.toml")) == 16


def test_what_decides_integers_is_named_and_machines_by_their_rows(data: Path) -> None:
    found = provenance([ROW], ["run", "lat x"])
    assert found == {
        "schema": SCHEMA_VERSION,
        "mkbench": found["mkbench"],
        "model": MODEL_VERSION,
        "machine.toy": "bb",
        "kernel.k.toml": digits("kernels/k.toml"),
        "workload.w.toml": digits("workloads/deep/w.toml"),
        "device.d.toml": digits("devices/d.toml"),
        "smp.s.toml": digits("smp/operations/s.toml"),
        "calibration": "none",
        "command": "mkbench run 'lat x'",
        "seed": "0",
    }


def test_several_hashes_of_a_machine_and_several_calibrations_are_all_there(data: Path) -> None:
    for name in ("calibration.toml", "calibrated-more.toml"):
        (data / name).write_text(name)
    rows = [ROW, replace(ROW, machine_hash="aa"), replace(ROW, machine="box", machine_hash="")]
    found = provenance(rows, seed=7)
    assert found["machine.toy"] == "aa+bb"
    assert found["machine.box"] == "unknown"
    assert found["calibration"] == f"{digits('calibrated-more.toml')}+{digits('calibration.toml')}"
    assert found["seed"] == "7"


DECIDES_NOTHING = {"reference", "facts", "calls"}
"""What is compared with, read by people, or names calls in files of others."""
OTHERWISE_NAMED = {"machines", "host"}
"""By a hash of the numbers in use; or of another program's probes."""


def test_no_folder_of_data_is_left_out() -> None:
    """A changed disk makes other rows, which then are about another thing."""
    known = {*place.FAMILIES.values(), *DECIDES_NOTHING, *OTHERWISE_NAMED}
    assert {path.name for path in data_dir().iterdir() if path.is_dir()} == known


@pytest.mark.parametrize(
    ("key", "same"),
    [
        ("schema", True), ("model", True), ("calibration", True), ("seed", True),
        ("machine.toy", True), ("kernel.k", True), ("workload.w", True),
        ("device.d", True), ("smp.s", True),
        ("command", False), ("mkbench", False), ("run.0", False), ("seeds", False),
    ],
)  # fmt: skip
def test_which_keys_must_agree(key: str, same: bool) -> None:
    assert is_identity(key) is same
