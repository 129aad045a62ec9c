"""Operations as data: a path of parts and visits, and versions as changes of scope or kind.

Knows: the TOML form, inheritance between versions, the principles as switches. Refuses to
know: machines and costs of lines.

A path is a list of words: the name of a part (local work), or `take`, `share`, `swap` (share by
compare-and-swap), `drop`, `read`, `write`, `add`, `cas`, `prefetch` followed by an object,
`clear_page` or `clear_fresh_page`, `every NAME:` ... `end` (once in so many operations),
`repeat NAME:` ... `end` (so many times), `shoot` or `shoot NAME`, `call OBJECT PART`. Objects
have a scope, which says which CPUs share one, and a kind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError, unknown
from microbench.quantity import Quantity, quantity
from microbench.reading import check_name, read_toml

SCOPES = ("cpu", "region", "file", "process", "node", "group", "family", "system")
HOMES = ("first", "server", "interleave")
"""Who shares an object: one CPU's thread, one mapped region, one open file, one address space,
the CPUs of one node, four CPUs, the children of one parent, everybody. The home of an object's line
is the node of its first user, the server's, or spread over the nodes."""
KINDS = ("line", "tas", "ttas", "ticket", "mcs", "spin", "sleep", "sleep-barge", "server")
TAKES = ("take", "share", "swap")
SPELLED = {*TAKES, "drop", "read", "write", "add", "cas", "prefetch"}
CLEAR = {"clear_page": "page.clear_line", "clear_fresh_page": "page.fresh_line"}
"""Words that clear a page, with what a line of it costs: one in the caches, or one in memory."""
MOVES = ("sent", "answered")
LARGEST = 1e9
"""Cycles of a part, or a count, at most."""
MOST_WORDS = 10_000
"""Of a path with its repeats written out."""
_TABLES = ("parts", "lines", "every", "repeat", "targets", "moves", "objects")
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


@dataclass(frozen=True)
class SharedObject:
    """One object of an operation: its scope, its kind and where that is known from."""

    name: str
    scope: str
    kind: str
    source: str
    home: str = "first"


@dataclass(frozen=True)
class Operation:
    """One operation in one system's version.

    Attributes
    ----------
    operation, system, title, source : str
        The operation by the name of its file, without its place.
    path : tuple of str
    parts : dict of str to Quantity
        Local work [cycles].
    lines : dict of str to Quantity
        Cache lines a part moves to or from memory.
    every : dict of str to Quantity
        Batch sizes [operations].
    targets : dict of str to Quantity
        CPUs that a shoot-down goes to, where not all of the address space [cpus].
    moves : dict of str to Quantity
        Line moves of a shoot-down per target: `sent` by the sender before the interrupt, and
        `answered` by the target to read the request and answer it. Not given: 0 and 2.
    objects : dict of str to SharedObject
    recorded : dict of str to str
        Parts that recorded paths price where the machine's core is described: "open/path_walk",
        an operation and a sub-path of it, several with `+`.
    words, repeat : tuple of str, dict of str to Quantity
        The path before its repeats were written out, and how often each is [times].
    removed : tuple of (str, str)
        Principles taken out, each with what that changed.
    """

    operation: str
    system: str
    title: str
    source: str
    path: tuple[str, ...]
    parts: dict[str, Quantity]
    lines: dict[str, Quantity]
    every: dict[str, Quantity]
    objects: dict[str, SharedObject]
    targets: dict[str, Quantity] = field(default_factory=dict)
    moves: dict[str, Quantity] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    repeat: dict[str, Quantity] = field(default_factory=dict)
    removed: tuple[tuple[str, str], ...] = ()
    digest: str = field(default="", compare=False)


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
    if not isinstance(tables.get("system"), dict):
        raise InputError(path, "system", tables.get("system"), "no systems described")
    for key in tables:
        if key not in {"system", "title", "about"}:
            raise InputError(path, key, tables[key], "unknown key")
    return path, tables


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
    recorded = {n: str(t["path"]) for n, t in merged["parts"].items() if _names_path(t)}
    numbers = {
        key: {
            name: _positive(_without_path(table), path, f"{where}.{key}.{name}", {unit})
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
        digest,
    )
    for name in result.moves:
        if name not in MOVES:
            raise InputError(path, f"{where}.moves.{name}", name, "sent or answered")
    for word in result.path:
        _known(result, word, path, f"{where}.path")
    _balanced(result, path, f"{where}.path")
    return result


def _balanced(op: Operation, path: Path, key: str) -> None:
    """Refuse a lock taken twice, dropped without being held, held at the end or of no lock kind."""
    held: list[str] = []
    for word in op.path:
        first, _, name = word.partition(" ")
        if first in (*TAKES, "drop") and op.objects[name].kind in ("line", "server"):
            raise InputError(path, key, word, f"{name} is a {op.objects[name].kind}, not a lock")
        if first == "call" and op.objects[name.split()[0]].kind != "server":
            raise InputError(path, key, word, "calls an object that is no server")
        if first in TAKES:
            if name in held:
                raise InputError(path, key, word, "taken while held")
            held.append(name)
        elif first == "drop":
            if name not in held:
                raise InputError(path, key, word, "dropped without being held")
            held.remove(name)
    if held:
        raise InputError(path, key, held[-1], "still held at the end")


def unrolled(
    words: Sequence[str], repeat: dict[str, Quantity], path: Path, key: str
) -> tuple[str, ...]:
    """The path with `repeat NAME:` ... `end` written out; `every` blocks are kept.

    Raises
    ------
    InputError
        If blocks do not end, or too many words come out.
    """
    stack: list[tuple[str, list[str]]] = [("", [])]
    for word in words:
        first, _, name = word.partition(" ")
        if first in ("repeat", "every"):
            if first == "repeat" and name.removesuffix(":") not in repeat:
                raise InputError(path, key, word, "no such repeat count")
            stack.append((word, []))
        elif word == "end":
            opened, body = stack.pop()
            if not stack:
                raise InputError(path, key, word, "end without every or repeat")
            if opened.startswith("repeat"):
                times = int(repeat[opened.partition(" ")[2].removesuffix(":")].value)
                if len(body) * times > MOST_WORDS:
                    raise InputError(path, key, opened, f"unrolls to more than {MOST_WORDS} words")
                body = body * times
            else:
                body = [opened, *body, "end"]
            stack[-1][1].extend(body)
        else:
            stack[-1][1].append(word)
    if len(stack) != 1:
        raise InputError(path, key, stack[-1][0], "block without end")
    if len(stack[0][1]) > MOST_WORDS:
        raise InputError(path, key, len(stack[0][1]), f"more than {MOST_WORDS} words")
    return tuple(stack[0][1])


def _names_path(table: object) -> bool:
    return isinstance(table, dict) and "path" in table


def _without_path(table: object) -> object:
    """A part's number without the recorded path that stands beside it."""
    if isinstance(table, dict):
        return {key: value for key, value in table.items() if key != "path"}
    return table


def _positive(table: object, path: Path, key: str, units: set[str]) -> Quantity:
    number = quantity(table, path, key, units)
    if not 1 <= number.value <= LARGEST:
        raise InputError(path, f"{key}.value", number.value, f"must be 1 to {LARGEST:.0f}")
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


def _known(op: Operation, word: str, path: Path, key: str) -> None:
    """Refuse a path word that names nothing."""
    first, _, rest = word.partition(" ")
    ok = (
        word in op.parts
        or word in ("end", "shoot", *CLEAR)
        or (first == "shoot" and rest in op.targets)
        or (first in SPELLED and rest in op.objects)
        or (first == "every" and rest.removesuffix(":") in op.every)
        or (
            first == "call"
            and len(rest.split()) == 2
            and rest.split()[0] in op.objects
            and rest.split()[1] in op.parts
        )
    )
    if not ok:
        raise InputError(path, key, word, "neither a part nor a visit of a known object")
