"""The published tables: complete, consistent with their exact copies, matched with care."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from microbench.datafiles import data_dir
from microbench.errors import InputError, MismatchError
from microbench.reference.compare import annotate, published_ratio
from microbench.reference.load import load_published, packaged
from microbench.row import Row

FOLDER = data_dir() / "reference"
ROW = Row("lat_ctx", "-s 0 2", "pxa255", "native", "latency", "us", "smaller", 300.0)


def printed(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_printed_value_has_a_role_and_no_other() -> None:
    cells = 2 * (len(printed("lmbench")) + len(printed("reaim")) + len(printed("ipc")))
    assert len([p for p in packaged() if p.table != "sel4"]) == cells == 56


def test_names_agree_with_the_exact_copy() -> None:
    rows = {(r["table"], r["row"]): r for r in printed("lmbench")}
    for p in packaged():
        if (p.table, p.row) in rows:
            row = rows[p.table, p.row]
            for name in ("benchmark", "args", "metric", "unit", "better"):
                assert getattr(p, name) == row[name]
            column = {"native": "native", "l4": "virtualised"}[p.system]
            assert p.value == float(row[column])
            assert p.ratio == float(row["ratio"])


def test_printed_ratios_follow_from_printed_values() -> None:
    """The direction of `ratio` is as we read it: within what rounding allows."""
    for row in printed("lmbench") + printed("reaim"):
        native, l4 = float(row["native"]), float(row["virtualised"])
        speed = native / l4 if row["better"] == "smaller" else l4 / native
        assert speed == pytest.approx(float(row["ratio"]), abs=0.012)


def test_at_most_six_values_calibrate() -> None:
    assert 0 < sum(p.role == "calibrate" for p in packaged()) <= 6
    assert sum(p.role == "predict" for p in packaged()) > 30


def test_annotate_fills_value_source_error_role() -> None:
    (row,) = annotate([ROW])
    assert row.error == pytest.approx(300 / row.published - 1)
    assert row.role == "calibrate"
    assert "context" in row.published_source


@pytest.mark.parametrize(
    "change",
    [{"machine": "cortex-a9"}, {"system": "native-fass"}, {"args": "-s 0 3"}, {"metric": "x"}],
)
def test_annotate_leaves_other_rows_alone(change: dict[str, str]) -> None:
    other = replace(ROW, **change)
    assert annotate([other]) == [other]


def test_a_named_variant_of_the_machine_is_compared_too() -> None:
    assert annotate([replace(ROW, machine="pxa255-nominal")])[0].published is not None
    assert annotate([replace(ROW, machine="pxa2550")])[0].published is None


def test_wrong_unit_is_said_not_skipped() -> None:
    with pytest.raises(MismatchError, match="in ns, but published in us"):
        annotate([replace(ROW, unit="ns")])


def test_published_ratio() -> None:
    assert published_ratio("lat_ctx", "-s 0 2", "latency", "pxa255") == pytest.approx(52.4)
    assert published_ratio("lat_ctx", "-s 0 2", "latency", "k8") is None


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("roles.csv", "predict", "guess", "guess"),
        ("roles.csv", "lmbench,lmbench,2", "lmbench,lmbench,99", "no such value"),
        ("roles.csv", "smaller", "greener", "greener"),
        ("roles.csv", ",role", ",rule", "column missing"),
        ("roles.csv", "fork", '"fork', "not CSV"),
        ("lmbench.csv", "5679", "-5", "not a positive number"),
        ("lmbench.csv", "5679", "many", "many"),
        ("ipc.csv", "Pentium,113,305", "Pentium,113", "wrong number of cells"),
    ],
)
def test_damage_is_one_line(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=says) as caught:
        load_published(tmp_path)
    assert "\n" not in str(caught.value)
    assert file.split(".")[0] in str(caught.value)


def test_missing_and_huge_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"roles\.csv"):
        load_published(tmp_path)
    (tmp_path / "roles.csv").write_bytes(b"x" * 1_000_001)
    with pytest.raises(InputError, match="longer than"):
        load_published(tmp_path)
