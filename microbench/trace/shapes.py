"""Paths given only as counts: drawn evenly over their lines, in the type of recorded ones.

A shape file has one table ``[path.NAME]`` per path: instructions, loads and stores [words],
taken branches, code_lines [32-byte lines], coprocessor (named operations), objects (role to
``[lines read, lines written]``), source, certainty and, for an estimate, the range
low_instructions to high_instructions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

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
Lines = Mapping[str, Sequence[int]]
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
    load_insns: int = 0
    store_insns: int = 0


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
    low = _count(
        path, f"{where}.low_instructions", body.get("low_instructions", counts["instructions"])
    )
    high = _count(
        path, f"{where}.high_instructions", body.get("high_instructions", counts["instructions"])
    )
    if not low <= counts["instructions"] <= high:
        raise InputError(
            path, f"{where}.instructions", counts["instructions"], f"not in {low} to {high}"
        )
    if counts["code_lines"] < 1 or counts["instructions"] < counts["code_lines"]:
        raise InputError(
            path, f"{where}.code_lines", counts["code_lines"], "from 1 to instructions"
        )
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
        load_insns=_count(path, f"{where}.load_insns", body.get("load_insns", 0)),
        store_insns=_count(path, f"{where}.store_insns", body.get("store_insns", 0)),
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


def at_level(shape: Shape, level: str) -> Shape:
    """The shape with the instructions of one end of its range: "low", "value" or "high"."""
    if level == "value":
        return shape
    wanted = shape.low_instructions if level == "low" else shape.high_instructions
    return replace(shape, instructions=max(wanted, shape.code_lines))


def draw(shape: Shape, scale: str, lines: Lines | None = None) -> Template:
    """A template with the shape's counts, its accesses spread evenly over its code.

    Parameters
    ----------
    scale : str
        Scale class; the template's own is this and the path's name, "l4/ipc_slow".
    lines : mapping of str to sequence of int, optional
        Role to the order in which its lines are touched; from the first on where not given.
    """
    total = shape.instructions
    roles = ("text", *shape.objects)
    visits = _spread(total, shape.code_lines)
    order = lines or {}
    accesses = _accesses(shape, ops.LOAD, order) + _accesses(shape, ops.STORE, order)
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
    named = f"{scale}/{shape.name}"
    return Template(
        shape.name, roles, np.array(refs, np.int32), named, "shape", shape.source, shape.certainty
    )


def _spread(total: int, bins: int) -> list[int]:
    return [total * (i + 1) // bins - total * i // bins for i in range(bins)]


def _crosses(i: int, count: int, bins: int) -> bool:
    return count * (i + 1) // bins > count * i // bins


def _accesses(shape: Shape, kind: int, order: Lines) -> list[tuple[int, int, int, int, int]]:
    """Words over the lines of the objects, in as many instructions as the shape says."""
    load = kind == ops.LOAD
    words = shape.loads if load else shape.stores
    instructions = (shape.load_insns if load else shape.store_insns) or words
    lines = [
        (number + 1, _line(order.get(role, ()), line))
        for number, (role, counts) in enumerate(shape.objects.items())
        for line in range(counts[0 if load else 1])
    ]
    if not lines or not words:
        return []
    found = []
    shares = zip(_spread(words, len(lines)), _spread(instructions, len(lines)), strict=True)
    for (role, line), (share, issues) in zip(lines, shares, strict=True):
        sizes = _spread(share, min(share, max(1, issues))) if share else []
        word = 0
        for size in sizes:
            at = min(word % 8, 8 - min(size, 8))
            found.append((kind, role, LINE * line + 4 * at, min(size, 8), 0))
            word += size
    return found


def _line(order: Sequence[int], number: int) -> int:
    """The line touched as the `number`-th one; those after the listed ones follow from 0 up."""
    if number < len(order):
        return order[number]
    rest = (line for line in range(number + len(order) + 1) if line not in order)
    return [line for line, _ in zip(rest, range(number - len(order) + 1), strict=False)][-1]
