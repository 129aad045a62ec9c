"""Imports run one way, there is no cycle, and no published result is typed into the code."""

from __future__ import annotations

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

from microbench.datafiles import data_dir

PACKAGE = Path(__file__).parent.parent / "microbench"
LEVELS = (
    {"cli"},
    {"report"},
    {"study"},
    {"run"},
    {"store", "measured", "reference"},
    {"servers"},
    {"workloads"},
    {"systems", "ipc"},
    {"l4", "linux", "machine", "smp", "recording"},
    {"trace"},
    {"row", "quantity"},
    {"reading", "ahead", "jit", "provenance"},
    {"errors", "datafiles", "said", ""},
)
"""Rooms from the roof down: one imports only what stands on a level below its own, or itself."""
ALSO = {("measured", "store"), ("ipc", "systems"), ("reference", "store"), ("smp", "machine")}
"""Pairs on one level of which the first may import the second."""


def files() -> dict[str, Path]:
    """The file of each module of this package."""
    names = {
        path: ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__")
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    return {name.strip("."): path for path, name in names.items()}


@cache
def modules() -> dict[str, set[str]]:
    """Module to the modules of this package it imports anywhere."""
    found: dict[str, set[str]] = {}
    for name, path in files().items():
        imported = found.setdefault(name, set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("microbench"):
                base = (node.module or "").removeprefix("microbench").strip(".")
                imported.add(base)
                imported |= {f"{base}.{alias.name}".strip(".") for alias in node.names}
    known = set(found)
    return {name: {i for i in imports if i in known} for name, imports in found.items()}


@pytest.mark.parametrize("name", files())
def test_imports_run_one_way(name: str) -> None:
    level = {room: depth for depth, rooms in enumerate(LEVELS) for room in rooms}
    room = name.partition(".")[0]
    if name == "__main__":
        return
    for other in modules()[name]:
        to = other.partition(".")[0]
        below = level[to] > level[room]
        assert below or to == room or (room, to) in ALSO, f"{name} imports {other}"


LONGEST_FUNCTION, LONGEST_FILE = 60, 400
COMPILED = {"_jit", "_entry", "njit"}
"""Decorators of loops that are compiled: one such function may be as long as its loop."""
WHY_LONG = re.compile(r"\b(one|this) file\b", re.IGNORECASE)
"""What the docstring of a longer file says, with its reason."""


def _decorators(function: ast.FunctionDef) -> set[str]:
    called = (d.func if isinstance(d, ast.Call) else d for d in function.decorator_list)
    return {d.id for d in called if isinstance(d, ast.Name)}


def test_functions_are_short_and_long_files_say_why() -> None:
    """Lines from `def` to the end, docstring and all; options above it, in decorators, are not."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not _decorators(node) & COMPILED:
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= LONGEST_FUNCTION, f"{path.name}: {node.name} has {lines} lines"
        if len(text.splitlines()) > LONGEST_FILE:
            said = " ".join((ast.get_docstring(tree) or "").split())
            assert WHY_LONG.search(said), f"{path.name}: why is this one file?"


def test_no_import_cycle() -> None:
    graph = {
        name: {i for i in imports if i != name and not name.startswith(i + ".") and i}
        for name, imports in modules().items()
    }
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
        (
            "numba",
            ("jit", "machine.engine", "machine.core_engine", "smp.engine", "measured.probes"),
        ),
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
