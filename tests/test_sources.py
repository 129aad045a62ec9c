"""Every number's source begins with a key that `mkbench show source` can explain."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from microbench.datafiles import data_dir

DATA = data_dir()
FILES = [
    path
    for folder in ("machines", "kernels", "workloads", "calls", "host")
    for path in sorted((DATA / folder).glob("*.toml"))
] + [DATA / "calibration.toml"]


def keys() -> set[str]:
    lines = (DATA / "SOURCES.md").read_text(encoding="utf-8").splitlines()
    return {line.split("|")[1].strip() for line in lines if line.startswith("| ")}


def sources(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        if isinstance(table.get("source"), str):
            yield table["source"]
        for value in table.values():
            yield from sources(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sources_have_keys(path: Path) -> None:
    known = keys()
    for source in sources(tomllib.loads(path.read_text(encoding="utf-8"))):
        assert re.split(r"[\s,;:]", source)[0] in known, source
