"""Paths given only as counts: drawn evenly over their lines, in the type of recorded ones.

A shape file has one table ``[path.NAME]`` per path: instructions, loads and stores [words],
taken branches, code_lines [32-byte lines], coprocessor (named operations), objects (role to
``[lines read, lines written]``), source, certainty and, for an estimate, the range
low_instructions to high_instructions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import CERTAINTIES, read_toml
from microbench.trace import ops
from microbench.trace.template import Template

LINE = 32
MOST = 200_000
_COUNTS = ("instructions", "loads", "stores", "taken", "code_lines")
_OPTIONAL_COUNTS = ("low_instructions", "high_instructions", "load_insns", "store_insns")
_KEYS = {*_COUNTS, *_OPTIONAL_COUNTS, "coprocessor", "objects", "source", "certainty", "note"}


@dataclass(frozen=True)
class Shape:
    """One counted path.

    Attributes
    ----------
    instructions, loads, stores, taken, code_lines : int
        Instructions, words loaded and stored, taken branches, 32-byte lines of code.
    coprocessor : tuple of str
        Names of `ops.SPECIALS`, in order, each executed once.
    objects : dict of str to (int, int)
        Role to lines read and lines written.
    low_instructions, high_instructions : int
        Stated range.
    """

    name: str
    instructions: int
    loads: int
    stores: int
    taken: int
    code_lines: int
    coprocessor: tuple[str, ...]
    objects: dict[str, tuple[int, int]]
    low_instructions: int
    high_instructions: int
    source: str
    certainty: str
    note: str = ""


@cache
def load_shapes(name: str) -> dict[str, Shape]:
    """The packaged shape file `data/kernels/NAME.toml`."""
    return read_shapes(data_dir() / "kernels" / f"{name}.toml")


def read_shapes(path: Path) -> dict[str, Shape]:
    """Read and check a shape file.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    raw = read_toml(path)
    table = raw.get("path")
    if not isinstance(table, dict):
        raise InputError(path, "path", table, "needs tables [path.NAME]")
    for key in raw:
        if key not in ("path", "title", "variants", "default", "kernel"):
            raise InputError(path, key, raw[key], "unknown key")
    return {name: _shape(path, name, body) for name, body in table.items()}


def _shape(path: Path, name: str, body: object) -> Shape:
    where = f"path.{name}"
    if not isinstance(body, dict):
        raise InputError(path, where, body, "must be a table")
    for key in body:
        if key not in _KEYS:
            raise InputError(path, f"{where}.{key}", body[key], "unknown key")
    counts = {key: _count(path, f"{where}.{key}", body.get(key)) for key in _COUNTS}
    low = _count(path, f"{where}.low_instructions", body.get("low_instructions", counts["instructions"]))
    high = _count(path, f"{where}.high_instructions", body.get("high_instructions", counts["instructions"]))
    if not low <= counts["instructions"] <= high:
        raise InputError(path, f"{where}.instructions", counts["instructions"], f"not in {low} to {high}")
    if counts["code_lines"] < 1 or counts["instructions"] < counts["code_lines"]:
        raise InputError(path, f"{where}.code_lines", counts["code_lines"], "from 1 to instructions")
    if body.get("certainty") not in CERTAINTIES:
        raise InputError(path, f"{where}.certainty", body.get("certainty"), "unknown certainty")
    source = body.get("source")
    if not isinstance(source, str) or not source.strip():
        raise InputError(path, f"{where}.source", source, "missing")
    return Shape(
        name=name,
        coprocessor=_coprocessor(path, f"{where}.coprocessor", body.get("coprocessor", [])),
        objects=_objects(path, f"{where}.objects", body.get("objects", {})),
        low_instructions=low,
        high_instructions=high,
        source=source,
        certainty=str(body["certainty"]),
        note=str(body.get("note", "")),
        **counts,
    )


def _count(path: Path, key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise InputError(path, key, value, f"not a whole number from 0 to {MOST}")
    return value


def _coprocessor(path: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or any(item not in ops.SPECIALS for item in value):
        raise InputError(path, key, value, "a list of " + ", ".join(ops.SPECIALS))
    return tuple(value)


def _objects(path: Path, key: str, value: object) -> dict[str, tuple[int, int]]:
    if not isinstance(value, dict):
        raise InputError(path, key, value, "must be a table of [read, written]")
    found = {}
    for role, lines in value.items():
        if not isinstance(lines, list) or len(lines) != 2:
            raise InputError(path, f"{key}.{role}", lines, "not [lines read, lines written]")
        found[role] = (
            _count(path, f"{key}.{role}", lines[0]),
            _count(path, f"{key}.{role}", lines[1]),
        )
    return found


def draw(shape: Shape, scale: str, instructions: int | None = None) -> Template:
    """A template with the shape's counts, its accesses spread evenly over its code.

    Parameters
    ----------
    scale : str
        Scale class of the template.
    instructions : int, optional
        Instead of the shape's own number, e.g. for a draw within its range.
    """
    total = shape.instructions if instructions is None else instructions
    roles = ("text", *shape.objects)
    visits = _spread(total, shape.code_lines)
    accesses = _accesses(shape, ops.LOAD, shape.loads) + _accesses(shape, ops.STORE, shape.stores)
    accesses += [(ops.COPROCESSOR, 0, 0, ops.SPECIALS.index(name), 1) for name in shape.coprocessor]
    refs: list[tuple[int, int, int, int, int]] = []
    at = 0
    for line, count in enumerate(visits):
        jump = ops.BRANCH if _crosses(line, shape.taken, shape.code_lines) else ops.FALL_THROUGH
        refs.append((ops.FETCH, 0, LINE * line, min(count, 8), jump))
        extra = count - min(count, 8)
        while extra > 0:  # a loop within the line
            refs.append((ops.FETCH, 0, LINE * line, min(extra, 8), ops.BRANCH))
            extra -= 8
        until = (line + 1) * len(accesses) // shape.code_lines
        refs += accesses[at:until]
        at = until
    return Template(
        shape.name, roles, np.array(refs, np.int32), scale, "shape", shape.source, shape.certainty
    )


def _spread(total: int, bins: int) -> list[int]:
    return [total * (i + 1) // bins - total * i // bins for i in range(bins)]


def _crosses(i: int, count: int, bins: int) -> bool:
    return count * (i + 1) // bins > count * i // bins


def _accesses(shape: Shape, kind: int, words: int) -> list[tuple[int, int, int, int, int]]:
    """Words over the lines of the objects, whole lines first, the rest shared out."""
    column = 0 if kind == ops.LOAD else 1
    lines = [
        (role + 1, line)
        for role, counts in enumerate(shape.objects.values())
        for line in range(counts[column])
    ]
    if not lines:
        return []
    found = []
    for (role, line), share in zip(lines, _spread(words, len(lines)), strict=True):
        for word in range(share):
            found.append((kind, role, LINE * line + 4 * (word % 8), 1, 0))
    return found


def describe(shape: Shape) -> dict[str, Any]:
    """The shape's numbers as `show kernel` prints them."""
    return {key: getattr(shape, key) for key in (*_COUNTS, "source", "certainty")}
