"""Paths known only as counts, and the one form of file that holds them.

A shape file (`data/kernels/*.toml`, explained in the README beside them) has one table
``[path.NAME]`` per path, may have objects ``[object.KIND]`` and variants, and says source and
certainty of each. Refuses to know: what a path costs, when it runs, how it is drawn
(`draw.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import InputError, UsageError
from microbench.quantity import CERTAINTIES, read_toml
from microbench.trace import ops

LINE = 32
MOST = 200_000
_COUNTS = ("instructions", "loads", "stores", "taken", "code_lines")
_RANGE = ("low_instructions", "high_instructions")
_INSNS = ("load_insns", "store_insns")
_RETURNS = ("load", "register")
_PATH_KEYS = {*_COUNTS, *_RANGE, *_INSNS, "coprocessor", "objects", "globals", "source",
              "certainty", "note", "returns"}  # fmt: skip
_OBJECT_KEYS = {"size_bytes", "align_bytes", "hot_lines", "source", "certainty", "note"}
_VARIANT_KEYS = {"about", "path", "object"}
_FILE_KEYS = {"title", "default_variant", "sources", "kernel", "variant", "object", "path"}


@dataclass(frozen=True)
class Shape:
    """One counted path.

    Attributes
    ----------
    instructions, loads, stores, taken, code_lines : int
        Executed instructions; words loaded and stored; taken branches; distinct 32-byte lines
        of code.
    coprocessor : tuple of str
        Names of `ops.SPECIALS`, in order, each executed once.
    objects : dict of str to (int, int)
        Role to lines read and lines written [32 bytes]; those named in `once` come last.
    low_instructions, high_instructions : int
        Stated range; both are `instructions` where counted.
    load_insns, store_insns : int
        Load and store instructions; 0 where each moves one word.
    once : tuple of str
        Roles of things that exist once, which the path finds by itself.
    returns : tuple of str
        "load" or "register": the taken branches before the last are jumps that way, a return or a
        call through a table, which no branch target buffer knows.
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
    once: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectShape:
    """Size, alignment [bytes] and the order in which paths touch an object's lines."""

    kind: str
    size_bytes: int
    align_bytes: int
    hot_lines: tuple[int, ...]
    source: str
    certainty: str


@dataclass(frozen=True)
class ShapeFile:
    """Paths and objects of one kernel, or of one variant of it ("" where there are none)."""

    variant: str
    paths: Mapping[str, Shape]
    objects: Mapping[str, ObjectShape] = field(default_factory=dict)


@cache
def load_file(name: str, variant: str = "") -> ShapeFile:
    """The packaged shape file `data/kernels/NAME.toml`."""
    return read_file(data_dir() / "kernels" / f"{name}.toml", variant)


def load_shapes(name: str) -> Mapping[str, Shape]:
    """The paths of a packaged shape file."""
    return load_file(name).paths


def read_file(path: Path, variant: str = "") -> ShapeFile:
    """Read and check a shape file, in a variant (by default the one the file names).

    Raises
    ------
    InputError
        For a missing, unknown or impossible value, naming file, key and value.
    UsageError
        If the file has no such variant.
    """
    raw = read_toml(path)
    _known(raw, _FILE_KEYS, path, "")
    if not isinstance(raw.get("path"), dict):
        raise InputError(path, "path", raw.get("path"), "needs tables [path.NAME]")
    chosen, own = _variant(raw, variant, path)
    paths = {**raw["path"], **own.get("path", {})}
    objects = {**raw.get("object", {}), **own.get("object", {})}
    return ShapeFile(
        chosen,
        {name: _shape(path, f"path.{name}", name, body) for name, body in paths.items()},
        {kind: _object(path, f"object.{kind}", kind, body) for kind, body in objects.items()},
    )


def _variant(raw: dict[str, Any], asked: str, path: Path) -> tuple[str, dict[str, Any]]:
    variants = raw.get("variant", {})
    chosen = asked or raw.get("default_variant", "")
    if not chosen:
        return "", {}
    if not isinstance(variants, dict) or chosen not in variants:
        raise UsageError(f"unknown variant {chosen!r}; {path.name} has {', '.join(variants)}")
    _known(variants[chosen], _VARIANT_KEYS, path, f"variant.{chosen}")
    return str(chosen), variants[chosen]


def _known(table: object, keys: set[str], path: Path, where: str) -> None:
    if not isinstance(table, dict):
        raise InputError(path, where, table, "not a table")
    for key in table:
        if key not in keys:
            raise InputError(path, f"{where}.{key}".lstrip("."), table[key], "unknown key")
    for key in ("path", "object"):
        if not isinstance(table.get(key, {}), dict):
            raise InputError(path, f"{where}.{key}".lstrip("."), table[key], "not a table")


def _shape(path: Path, where: str, name: str, body: Any) -> Shape:
    _known(body, _PATH_KEYS, path, where)
    counts = {key: _count(path, f"{where}.{key}", body.get(key)) for key in _COUNTS}
    total, lines = counts["instructions"], counts["code_lines"]
    low, high = (_count(path, f"{where}.{key}", body.get(key, total)) for key in _RANGE)
    source, certainty = _claim(path, where, body)
    if not low <= total <= high:
        raise InputError(path, f"{where}.instructions", total, f"outside its range {low} to {high}")
    if not 1 <= lines <= total:
        raise InputError(path, f"{where}.code_lines", lines, "from 1 to instructions")
    for key in ("load", "store"):
        asked = f"{key}_insns" if body.get(f"{key}_insns") else f"{key}s"
        if body[asked] > total:
            raise InputError(
                path, f"{where}.{asked}", body[asked], f"more than {total} instructions"
            )
    if certainty == "estimate" and low == high:
        raise InputError(path, f"{where}.certainty", certainty, "an estimate needs a range")
    given = body.get("returns", [])
    returns = given if isinstance(given, list) else [given]
    fits = not returns or len(returns) < counts["taken"] <= lines
    if not fits or any(way not in _RETURNS for way in returns):
        problem = "load or register, with a line of code a branch"
        raise InputError(path, f"{where}.returns", given, problem)
    once = _objects(path, f"{where}.globals", body.get("globals", {}))
    return Shape(
        name=name,
        coprocessor=_coprocessor(path, f"{where}.coprocessor", body.get("coprocessor", [])),
        objects={**_objects(path, f"{where}.objects", body.get("objects", {})), **once},
        low_instructions=low,
        high_instructions=high,
        source=source,
        certainty=certainty,
        note=str(body.get("note", "")),
        once=tuple(once),
        returns=tuple(returns),
        **counts,
        **{key: _count(path, f"{where}.{key}", body.get(key, 0)) for key in _INSNS},
    )


def _count(path: Path, key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise InputError(path, key, value, f"not a whole number from 0 to {MOST}")
    return value


def _claim(path: Path, where: str, body: Mapping[str, Any]) -> tuple[str, str]:
    source, certainty = body.get("source"), body.get("certainty")
    if not isinstance(source, str) or not source.strip():
        raise InputError(path, f"{where}.source", source, "missing")
    if certainty not in CERTAINTIES:
        raise InputError(path, f"{where}.certainty", certainty, "unknown certainty")
    return source, str(certainty)


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
        read, written = (_count(path, f"{key}.{role}", number) for number in lines)
        found[role] = (read, written)
    return found


def at_level(shape: Shape, level: str) -> Shape:
    """The shape with the instructions of one end of its range: "low", "value" or "high"."""
    if level == "value":
        return shape
    wanted = shape.low_instructions if level == "low" else shape.high_instructions
    return replace(shape, instructions=max(wanted, shape.code_lines))


def _object(path: Path, where: str, kind: str, body: Any) -> ObjectShape:
    _known(body, _OBJECT_KEYS, path, where)
    size = _count(path, f"{where}.size_bytes", body.get("size_bytes"))
    align = _count(path, f"{where}.align_bytes", body.get("align_bytes"))
    if not size or align <= 0 or align & (align - 1):
        raise InputError(path, f"{where}.align_bytes", align, "must be a power of two")
    hot = body.get("hot_lines", [])
    if not isinstance(hot, list) or not all(
        isinstance(n, int) and 0 <= n * LINE < size for n in hot
    ):
        raise InputError(path, f"{where}.hot_lines", hot, "must be lines within the object")
    return ObjectShape(kind, size, align, tuple(hot), *_claim(path, where, body))
