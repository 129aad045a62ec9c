"""The README's table is what the stored baseline says, cell by cell."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DIGITS = 3
CLOSE = 0.10


def _rows() -> dict[str, list[str]]:
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in README.splitlines()]
    return {row[0].strip("`"): row[1:] for row in cells if len(row) == 7 and "`" in row[0]}


def _stored() -> dict[tuple[str, str], dict[str, str]]:
    lines = (ROOT / "results/talk.csv").read_text(encoding="utf-8").splitlines()
    found = {}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        if row["published"] and row["machine"] == "pxa255" and row["benchmark"] != "lat_ipc":
            found[f"{row['benchmark']} {row['args']}".strip(), row["system"]] = row
    return found


def _shown(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _cells() -> Iterator[tuple[str, str, str, str]]:
    for name, cells in _rows().items():
        yield name, "native", cells[0], cells[4]
        yield name, "l4", cells[1], cells[5]


def test_the_table_was_found() -> None:
    assert len(_rows()) == 8


@pytest.mark.parametrize(("name", "system", "value", "error"), list(_cells()))
def test_values_and_errors(name: str, system: str, value: str, error: str) -> None:
    stored = _stored()[name, system]
    assert float(value.replace(",", "")) == _shown(float(stored["value"]))
    assert error == f"{float(stored['error']) * 100:+.0f} %" + (
        " *" if stored["role"] == "calibrate" else ""
    )


@pytest.mark.parametrize("name", list(_rows()))
def test_ratios(name: str) -> None:
    native, l4 = (_stored()[name, system] for system in ("native", "l4"))
    ratio = float(native["value"]) / float(l4["value"])
    ratio = ratio if native["better"] == "smaller" else 1 / ratio
    assert float(_rows()[name][2]) == _shown(ratio)


def test_the_summary() -> None:
    errors = [abs(float(r["error"])) for r in _stored().values() if r["role"] == "predict"]
    close = mean(error <= CLOSE for error in errors)
    said = (
        f"over the {len(errors)} values with role `predict`: median error\n"
        f"{median(errors):.1%}, mean {mean(errors):.1%}, {close:.0%} within 10 %"
    )
    assert re.sub(r"(\d)%", r"\1 %", said) in README
