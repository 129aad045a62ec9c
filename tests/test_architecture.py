"""Imports run one way, there is no cycle, and no published result is typed into the code."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

from microbench.datafiles import data_dir

PACKAGE = Path(__file__).parent.parent / "microbench"
SHARED = {"errors", "quantity", "datafiles", "trace", ""}
MAY_IMPORT = {
    "cli": {
        "report",
        "bench",
        "reference",
        "workloads",
        "systems",
        "linux",
        "l4",
        "machine",
        "smp",
    },
    "report": {"bench", "reference", "workloads", "systems", "machine", "smp"},
    "bench": {"reference", "workloads", "systems", "linux", "machine", "l4"},
    "reference": {"workloads", "bench.results"},
    "workloads": {"systems", "linux"},
    "systems": {"l4", "linux"},
    "smp": {"bench.results", "report"},
    "l4": set(),
    "linux": set(),
    "machine": set(),
    "trace": set(),
    "recording": set(),
}


def modules() -> dict[str, set[str]]:
    """Module to the modules of this package it imports anywhere."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__")
        imported = found.setdefault(name.strip("."), set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("microbench"):
                base = (node.module or "").removeprefix("microbench").strip(".")
                imported.add(base)
                imported |= {f"{base}.{alias.name}".strip(".") for alias in node.names}
    known = set(found)
    return {name: {i for i in imports if i in known} for name, imports in found.items()}


@pytest.mark.parametrize("layer", sorted(MAY_IMPORT))
def test_imports_run_one_way(layer: str) -> None:
    for name, imports in modules().items():
        if name.partition(".")[0] != layer:
            continue
        for other in imports:
            top = other.partition(".")[0]
            allowed = top in SHARED | {layer} | MAY_IMPORT[layer] or other in MAY_IMPORT[layer]
            assert allowed, f"{name} imports {other}"


def test_no_import_cycle() -> None:
    graph = modules()
    for name, imports in graph.items():
        graph[name] = {i for i in imports if i != name and not name.startswith(i + ".") and i}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("click", ("cli",)),
        ("rich", ("cli", "report.terminal")),
        ("tabulate", ("report.export",)),
        ("numba", ("machine.engine", "smp.engine")),
    ],
)
def test_libraries_stay_at_home(library: str, homes: tuple[str, ...]) -> None:
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        text = path.read_text(encoding="utf-8")
        if re.search(rf"^\s*(import|from) {library}\b", text, re.MULTILINE):
            assert name.startswith(homes), f"{name} imports {library}"


def _published() -> set[str]:
    numbers = set()
    for name in ("lmbench", "reaim", "ipc"):
        with (data_dir() / "reference" / f"{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for column in ("native", "virtualised", "inter_address_space_cycles"):
                    text = row.get(column) or ""
                    if len(text.replace(".", "")) >= 3:
                        numbers.add(text)
    return numbers


def test_no_published_number_in_the_code() -> None:
    numbers = _published()
    assert "262" in numbers
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                assert f"{node.value:g}" not in numbers, f"{path.name}:{node.lineno}: {node.value}"
