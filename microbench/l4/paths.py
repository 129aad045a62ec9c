"""Path shapes of an L4 kernel, loaded and checked from `data/kernels/l4-*.toml`.

Knows: the form of the file, its variants, and that every claim has source and certainty.
Refuses to know: what a path costs, or when it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microbench.errors import InputError, UsageError
from microbench.quantity import CERTAINTIES, read_toml

LINE_BYTES = 32
_COUNTS = ("instructions", "loads", "stores", "taken", "code_lines")
_OPTIONAL = ("load_insns", "store_insns", "psr_moves")
_RANGE = ("low_instructions", "high_instructions")
_PATH_KEYS = {*_COUNTS, *_OPTIONAL, *_RANGE, "cp15", "objects", "globals", "source", "certainty",
              "note"}  # fmt: skip
_OBJECT_KEYS = {"size_bytes", "align_bytes", "hot_lines", "source", "certainty", "note"}
_VARIANT_KEYS = {"about", "path", "object"}
_TOP_KEYS = {"about", "default_variant", "sources", "variant", "object", "path"}


@dataclass(frozen=True)
class PathShape:
    """One kernel path by what it executes and touches.

    Attributes
    ----------
    instructions, loads, stores, taken, code_lines : int
        Executed instructions; words loaded and stored; taken branches; distinct text lines.
    low_instructions, high_instructions : int
        Stated range; equal to `instructions` where counted.
    load_insns, store_insns, psr_moves : int
        Load and store instructions; status register moves. Without a count in the file the
        first two equal the words.
    cp15 : tuple of str
        Coprocessor writes in order.
    objects, globals : dict of str to (int, int)
        Lines read and written [32 bytes], by role and by object that exists once.
    """

    name: str
    instructions: int
    low_instructions: int
    high_instructions: int
    loads: int
    stores: int
    load_insns: int
    store_insns: int
    taken: int
    psr_moves: int
    code_lines: int
    cp15: tuple[str, ...]
    objects: Mapping[str, tuple[int, int]]
    globals: Mapping[str, tuple[int, int]]
    source: str
    certainty: str
    note: str


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
class PathFile:
    """All paths and objects of one kernel variant."""

    variant: str
    paths: Mapping[str, PathShape]
    objects: Mapping[str, ObjectShape]


def load_paths(file: Path, variant: str | None = None) -> PathFile:
    """Load the paths of a variant (by default the one the file names).

    Raises
    ------
    InputError
        For a missing, unknown or impossible value, naming file, key and value.
    UsageError
        If the file has no such variant.
    """
    raw = read_toml(file)
    _known(raw, _TOP_KEYS, file, "")
    variants = raw.get("variant", {})
    chosen = variant or raw.get("default_variant")
    if chosen not in variants:
        raise UsageError(f"unknown L4 variant {chosen!r}; {file.name} has {', '.join(variants)}")
    own = variants[chosen]
    _known(own, _VARIANT_KEYS, file, f"variant.{chosen}")
    paths = {**raw.get("path", {}), **own.get("path", {})}
    objects = {**raw.get("object", {}), **own.get("object", {})}
    return PathFile(
        str(chosen),
        {name: _path(name, table, file) for name, table in paths.items()},
        {kind: _object(kind, table, file) for kind, table in objects.items()},
    )


def _known(table: object, keys: set[str], file: Path, where: str) -> None:
    if not isinstance(table, dict):
        raise InputError(file, where, table, "not a table")
    for key in table:
        if key not in keys:
            raise InputError(file, f"{where}.{key}".lstrip("."), table[key], "unknown key")


def _path(name: str, table: Any, file: Path) -> PathShape:
    where = f"path.{name}"
    _known(table, _PATH_KEYS, file, where)
    counts = {key: _count(table, key, file, where) for key in _COUNTS}
    low = _count(table, "low_instructions", file, where, counts["instructions"])
    high = _count(table, "high_instructions", file, where, counts["instructions"])
    if not low <= counts["instructions"] <= high:
        raise InputError(file, f"{where}.instructions", counts["instructions"], "outside its range")
    source, certainty = _claim(table, file, where)
    if certainty == "estimate" and low == high:
        raise InputError(file, f"{where}.certainty", certainty, "an estimate needs a range")
    return PathShape(
        name=name,
        **counts,
        low_instructions=low,
        high_instructions=high,
        load_insns=_count(table, "load_insns", file, where, counts["loads"]),
        store_insns=_count(table, "store_insns", file, where, counts["stores"]),
        psr_moves=_count(table, "psr_moves", file, where, 0),
        cp15=tuple(table.get("cp15", ())),
        objects=_lines(table, "objects", file, where),
        globals=_lines(table, "globals", file, where),
        source=source,
        certainty=certainty,
        note=str(table.get("note", "")),
    )


def _count(
    table: dict[str, Any], key: str, file: Path, where: str, default: int | None = None
) -> int:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1_000_000:
        raise InputError(file, f"{where}.{key}", value, "must be a whole number from 0")
    return value


def _claim(table: dict[str, Any], file: Path, where: str) -> tuple[str, str]:
    source, certainty = table.get("source"), table.get("certainty")
    if not isinstance(source, str) or not source.strip():
        raise InputError(file, f"{where}.source", source, "missing")
    if certainty not in CERTAINTIES:
        raise InputError(file, f"{where}.certainty", certainty, "unknown certainty")
    return source, certainty


def _lines(table: dict[str, Any], key: str, file: Path, where: str) -> dict[str, tuple[int, int]]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise InputError(file, f"{where}.{key}", found, "must be role = [lines read, written]")
    for role, pair in found.items():
        if not isinstance(pair, list) or len(pair) != 2:
            raise InputError(file, f"{where}.{key}.{role}", pair, "must be [lines read, written]")
        for count in pair:
            _count({role: count}, role, file, f"{where}.{key}")
    return {role: (pair[0], pair[1]) for role, pair in found.items()}


def _object(kind: str, table: Any, file: Path) -> ObjectShape:
    where = f"object.{kind}"
    _known(table, _OBJECT_KEYS, file, where)
    size = _count(table, "size_bytes", file, where)
    align = _count(table, "align_bytes", file, where)
    if not size or align <= 0 or align & (align - 1):
        raise InputError(file, f"{where}.align_bytes", align, "must be a power of two")
    hot = table.get("hot_lines", [])
    if not isinstance(hot, list) or not all(
        isinstance(n, int) and 0 <= n * LINE_BYTES < size for n in hot
    ):
        raise InputError(file, f"{where}.hot_lines", hot, "must be lines within the object")
    return ObjectShape(kind, size, align, tuple(hot), *_claim(table, file, where))
