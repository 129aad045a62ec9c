"""How many small faults do the tests of a room notice? Run by hand: it takes minutes a room.

    python -m tests.mutation [ROOM ...] [--sample N] [--seed S]

Each mutant is one change of one expression or statement of one file, in a copy of the package;
it is killed if the room's own tests fail or hang. The golden rows (`mkbench check`) are not
among them. A sample is drawn by seed from all mutants of a room, in the order of the source.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).parent.parent.parent
TESTS = {
    "l4": ["tests/l4"],
    "linux": ["tests/linux"],
    "machine": ["tests/machine"],
    "ipc": ["tests/ipc", "tests/systems"],
    "run": ["tests/run", "tests/study/test_context_gap.py"],
    "store": ["tests/store", "tests/report/test_files.py", "tests/cli/test_gate.py"],
}
LEFT_OUT = {"__init__.py", "engine.py", "manual.py"}
"""The engine is held against the manual, tick for tick, on random traces."""
LONGEST_SECONDS = 240
SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult, ast.And: ast.Or, ast.Or: ast.And, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip


def changes(node: ast.AST) -> Iterator[str]:
    """Change a node in place, one way at a time; yields what was done."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        node.ops[0] = SWAPS[type(node.ops[0])]()
        yield "comparison"
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS:
        node.op = SWAPS[type(node.op)]()
        yield "operator"
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
        yield "constant"
    elif isinstance(node, ast.If | ast.While) and not isinstance(node.test, ast.Constant):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        yield "condition"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        node.value = ast.Constant(None)
        yield "call left out"


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, kind and source of every mutant of a file."""
    tree = ast.parse(source)
    for number, original in enumerate(ast.walk(tree)):
        changed = deepcopy(tree)
        node = next(n for i, n in enumerate(ast.walk(changed)) if i == number)
        for kind in changes(node):
            text = ast.unparse(ast.fix_missing_locations(changed))
            yield getattr(original, "lineno", 0), kind, text


def files(room: str) -> list[Path]:
    """The files of a room that are changed."""
    found = (REPOSITORY / "microbench" / room).rglob("*.py")
    return sorted(path for path in found if path.name not in LEFT_OUT)


def copy(place: Path) -> None:
    """The repository in another folder: a package of its own, the rest by link."""
    shutil.copytree(
        REPOSITORY / "microbench", place / "microbench", ignore=shutil.ignore_patterns("*.pyc")
    )
    for name in ("tests", "data", "results", "pyproject.toml", "README.md"):
        (place / name).symlink_to(REPOSITORY / name)


def killed(place: Path, room: str) -> bool:
    """Whether the room's tests fail, or do not come to an end."""
    paths = [path for path in TESTS[room] if (place / path).exists()]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *paths]
    environment = {
        **os.environ, "PYTHONPATH": str(place), "XDG_CACHE_HOME": str(place / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, timeout=LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def score(room: str, sample: int, seed: int) -> tuple[int, int]:
    """Mutants killed and tried; those that live are printed."""
    everything = [(path, *m) for path in files(room) for m in mutants(path.read_text())]
    chosen = Random(seed).sample(everything, min(sample, len(everything)))
    dead = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        copy(place)
        if killed(place, room):
            sys.exit(f"{room}: the tests fail without any change")
        for path, line, kind, text in chosen:
            target = place / path.relative_to(REPOSITORY)
            keep = target.read_text()
            target.write_text(text)
            if killed(place, room):
                dead += 1
            else:
                print(f"lives: {path.relative_to(REPOSITORY)}:{line} {kind}", flush=True)
            target.write_text(keep)
    print(f"{room}: {dead} of {len(chosen)} killed (of {len(everything)} mutants, seed {seed})")
    return dead, len(chosen)


def main() -> None:
    """Print the score of each room asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("room", nargs="*", metavar="ROOM")
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = [score(room, given.sample, given.seed) for room in given.room or TESTS]
    dead, tried = map(sum, zip(*found, strict=True))
    print(f"all: {dead} of {tried} killed, {100 * dead / tried:.0f} %")


if __name__ == "__main__":
    main()
