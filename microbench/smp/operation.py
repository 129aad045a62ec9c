"""Operations as data: a path of parts and visits, and versions as changes of scope or kind.

Knows: the TOML form, inheritance between versions, the principles as switches. Refuses to
know: machines and costs of lines.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError, unknown
from microbench.quantity import Quantity, quantity
from microbench.reading import check_name, read_toml
from microbench.smp.path import Operation, SharedObject, check_path, unrolled

SCOPES = ("cpu", "region", "file", "process", "node", "group", "family", "system")
HOMES = ("first", "server", "interleave")
"""Who shares an object: one CPU's thread, one mapped region, one open file, one address space,
the CPUs of one node, four CPUs, the children of one parent, everybody. The home of an object's line
is the node of its first user, the server's, or spread over the nodes."""
KINDS = ("line", "tas", "ttas", "ticket", "mcs", "spin", "sleep", "sleep-barge", "server")
LARGEST = 1e9
"""Cycles of a part, or a count, at most."""
_TABLES = ("parts", "lines", "every", "repeat", "targets", "moves", "objects")
WHOLE = ("lines", "every", "repeat", "targets")
"""Tables of counts, which are whole."""
_DELTA = {*_TABLES, "path"}
_UNITS = {
    "parts": "cycles",
    "lines": "lines",
    "every": "operations",
    "repeat": "times",
    "targets": "cpus",
    "moves": "moves",
}
_TEXT = {"title", "source", "why", "from"}


def operation_names() -> list[str]:
    """Names of the packaged operations."""
    return data_names("smp/operations", ".toml")


def system_names(operation: str) -> list[str]:
    """Systems an operation is described for, in file order."""
    return list(_file(operation)[1]["system"])


def title_of(operation: str, system: str) -> str:
    """What a system's version of an operation is, in words."""
    path, tables = _file(operation)
    return str(_merged(tables, path, operation, system, 0)["title"])


def principles(operation: str, system: str) -> dict[str, str]:
    """Principles that can be taken out of a system's operation, with what that changes."""
    path, tables = _file(operation)
    switches = _merged(tables, path, operation, system, 0)["without"]
    return {name: str(delta.get("why", "")) for name, delta in switches.items()}


def load_operation(operation: str, system: str, without: tuple[str, ...] = ()) -> Operation:
    """One operation of one system, principles in `without` taken out.

    Raises
    ------
    UsageError
        If the operation, the system or the principle does not exist.
    InputError
        If the description is wrong; names file, key and value.
    """
    path, tables = _file(operation)
    merged = _merged(tables, path, operation, system, 0)
    removed = []
    switches = merged.pop("without", {})
    for name in without:
        if name not in switches:
            raise unknown("principle", name, switches, f" in {system} {operation}")
        _apply(merged, switches[name])
        removed.append((name, str(switches[name].get("why", ""))))
    return _checked(merged, path, path.stem, system, tuple(removed))


def _file(operation: str) -> tuple[Path, dict[str, Any]]:
    path = Path(operation)
    if path.suffix != ".toml":
        if operation not in operation_names():
            raise unknown("operation", operation, operation_names())
        path = data_dir() / "smp" / "operations" / f"{operation}.toml"
    tables = _tables(path, _stamp(path))
    if not isinstance(tables.get("system"), dict) or not tables["system"]:
        raise InputError(path, "system", tables.get("system"), "no systems described")
    for name in tables["system"]:
        _check_system_name(name, path)
    for key in tables:
        if key not in {"system", "title", "about"}:
            raise InputError(path, key, tables[key], "unknown key")
    return path, tables


def _check_system_name(name: str, path: Path) -> None:
    """Refuse what no terminal shows and what `--system` could not choose."""
    check_name(name, path, "system")
    if "," in name or name != name.strip():
        raise InputError(path, "system", name, "a name has no comma, no blank at its ends")


@lru_cache(maxsize=32)
def _tables(path: Path, stamp: tuple[int, int]) -> dict[str, Any]:
    """A file's tables, read again only when the file is another; nobody changes them."""
    return read_toml(path)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:  # reading says what is wrong
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _system(tables: dict[str, Any], path: Path, operation: str, system: str) -> dict[str, Any]:
    table = tables["system"].get(system)
    if table is None:
        raise unknown("system", system, tables["system"], f" described for {operation}")
    if not isinstance(table, dict):
        raise InputError(path, f"system.{system}", table, "must be a table")
    _form(table, path, f"system.{system}", _DELTA | _TEXT | {"without"})
    for name, change in table.get("without", {}).items():
        if not isinstance(change, dict):
            raise InputError(path, f"system.{system}.without.{name}", change, "must be a table")
        _form(change, path, f"system.{system}.without.{name}", _DELTA | _TEXT)
    return table


def _form(table: dict[str, Any], path: Path, where: str, known: set[str]) -> None:
    """Refuse an unknown key, a table that is none, and text or a name that is no name."""
    for key, value in table.items():
        if key not in known:
            raise InputError(path, f"{where}.{key}", value, "unknown key")
        if key in _TEXT:
            check_name(value, path, f"{where}.{key}")
        elif key != "path" and not isinstance(value, dict):
            raise InputError(path, f"{where}.{key}", value, "must be a table")
        elif key != "path":
            for name in value:
                check_name(name, path, f"{where}.{key}")


def _merged(
    tables: dict[str, Any], path: Path, operation: str, system: str, depth: int
) -> dict[str, Any]:
    """The system's tables on top of those of the version it starts `from`."""
    own = _system(tables, path, operation, system)
    base = own.get("from")
    if base is None:
        merged: dict[str, Any] = {}
    elif depth > 20:
        raise InputError(path, f"system.{system}.from", base, "versions go round in a circle")
    else:
        if str(base) not in tables["system"]:
            raise InputError(path, f"system.{system}.from", base, "no such system in this file")
        merged = _merged(tables, path, operation, str(base), depth + 1)
    _apply(merged, own)
    for key in ("title", "source"):
        merged[key] = own.get(key, merged.get(key, ""))
    merged["without"] = {**merged.get("without", {}), **own.get("without", {})}
    return merged


def _apply(merged: dict[str, Any], delta: dict[str, Any]) -> None:
    for key in _TABLES:
        merged[key] = {**merged.get(key, {}), **delta.get(key, {})}
    if "path" in delta:
        merged["path"] = delta["path"]


def _checked(
    merged: dict[str, Any],
    path: Path,
    operation: str,
    system: str,
    removed: tuple[tuple[str, str], ...],
) -> Operation:
    where = f"system.{system}"
    words = merged.get("path")
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise InputError(path, f"{where}.path", words, "needs a list of words")
    recorded = {
        n: check_name(t["path"], path, f"{where}.parts.{n}.path")
        for n, t in merged["parts"].items()
        if _names_path(t)
    }
    numbers = {
        key: {
            name: _positive(
                _without_path(table), path, f"{where}.{key}.{name}", {unit}, key in WHOLE
            )
            for name, table in merged[key].items()
        }
        for key, unit in _UNITS.items()
    }
    objects = {
        name: _object(table, path, f"{where}.objects.{name}", name)
        for name, table in merged["objects"].items()
    }
    digest = hashlib.sha256(repr((words, numbers, objects)).encode()).hexdigest()[:12]
    result = Operation(
        operation,
        system,
        merged["title"],
        merged["source"],
        unrolled(words, numbers["repeat"], path, f"{where}.path"),
        numbers["parts"],
        numbers["lines"],
        numbers["every"],
        objects,
        numbers["targets"],
        numbers["moves"],
        recorded,
        tuple(words),
        numbers["repeat"],
        removed,
        digest=digest,
    )
    check_path(result, path, where)
    return result


def _names_path(table: object) -> bool:
    return isinstance(table, dict) and "path" in table


def _without_path(table: object) -> object:
    """A part's number without the recorded path that stands beside it."""
    if isinstance(table, dict):
        return {key: value for key, value in table.items() if key != "path"}
    return table


def _positive(table: object, path: Path, key: str, units: set[str], whole: bool) -> Quantity:
    number = quantity(table, path, key, units)
    for end, value in (("value", number.value), ("high", number.high)):
        if not 1 <= value <= LARGEST:
            raise InputError(path, f"{key}.{end}", value, f"must be 1 to {LARGEST:.0f}")
    if number.low < 0:
        raise InputError(path, f"{key}.low", number.low, "must not be negative")
    if whole and number.value != int(number.value):
        raise InputError(path, f"{key}.value", number.value, "not a whole number")
    return number


def _object(table: object, path: Path, key: str, name: str) -> SharedObject:
    if not isinstance(table, dict) or set(table) - {"scope", "kind", "source", "home"}:
        raise InputError(path, key, table, "needs scope, kind and source")
    table = {"home": "first", **table}
    for word, known in (("scope", SCOPES), ("kind", KINDS), ("home", HOMES)):
        if table.get(word) not in known:
            raise InputError(path, f"{key}.{word}", table.get(word), "one of " + ", ".join(known))
    check_name(table.get("source"), path, f"{key}.source")
    return SharedObject(name, table["scope"], table["kind"], table["source"], table["home"])
