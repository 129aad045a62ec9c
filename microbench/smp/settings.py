"""Changes of an operation by `key=value`: a number, an object's scope, kind or home.

Knows: which keys are an operation's and which a machine's. Refuses to know: what they do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from microbench.errors import UsageError
from microbench.quantity import Quantity
from microbench.smp.operation import HOMES, KINDS, LARGEST, SCOPES, WHOLE
from microbench.smp.path import Operation, unrolled

TABLES = ("parts", "lines", "every", "repeat", "targets", "moves")
WORDS = {"scope": SCOPES, "kind": KINDS, "home": HOMES}
AREAS = (*TABLES, "objects")
WORK = "--work"
"""Part that `--work` adds; no name in a file begins so."""


def split_settings(settings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Settings of the operation and settings of the machine."""
    own = [s for s in settings if s.partition(".")[0].strip() in AREAS]
    return own, [s for s in settings if s not in own]


def changed(op: Operation, settings: Sequence[str]) -> Operation:
    """The operation with `parts.NAME=CYCLES`, `every.NAME=N` or `objects.NAME.scope=WORD` applied.

    Raises
    ------
    UsageError
        If the key is none of the operation's, or the value out of bounds; names both.
    """
    for setting in settings:
        key, equals, text = setting.partition("=")
        area, _, name = key.strip().partition(".")
        if not equals or not name:
            raise UsageError(f"--set {setting}: needs KEY=VALUE, such as parts.NAME=1000")
        change = _object if area == "objects" else _number
        op = change(op, setting, area, name.strip(), text.strip())
    return _hashed(op, [f"--set {_plain(s)}" for s in settings]) if settings else op


def with_work(op: Operation, cycles: int) -> Operation:
    """The operation after `cycles` of work in user mode, shared with nobody.

    Raises
    ------
    UsageError
        If the cycles are out of bounds.
    """
    if not 0 <= cycles <= LARGEST:
        raise UsageError(f"--work {cycles}: must be 0 to {LARGEST:.0f} cycles")
    if cycles == 0:
        return op
    own = Quantity(cycles, "cycles", "--work", "choice", cycles, cycles)
    longer = replace(op, path=(WORK, *op.path), parts={**op.parts, WORK: own})
    return _hashed(longer, [f"--work {cycles}"])


def _number(op: Operation, setting: str, area: str, name: str, text: str) -> Operation:
    table: dict[str, Quantity] = getattr(op, area)
    if name not in table:
        there = ", ".join(table) or "none"
        raise UsageError(f"--set {setting}: {op.system} {op.operation} has {area} {there}")
    value = _value(text) if text.isascii() else None
    if value is None:
        raise UsageError(f"--set {setting}: {text!r} is no number from 1 to {LARGEST:.0f}")
    if not 1 <= value <= LARGEST:
        raise UsageError(f"--set {setting}: must be 1 to {LARGEST:.0f}")
    if area in WHOLE and value != int(value):
        raise UsageError(f"--set {setting}: must be a whole number from 1 to {LARGEST:.0f}")
    number = replace(table[name], value=value, low=value, high=value, certainty="choice")
    return with_number(op, area, name, number)


def _value(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def with_number(op: Operation, area: str, name: str, number: Quantity) -> Operation:
    """The operation with another number; a repeat writes the path out anew.

    Raises
    ------
    InputError
        If the path becomes too long.
    """
    table = {**getattr(op, area), name: number}
    changes: dict[str, Any] = {area: table}
    if area == "repeat":
        changes["path"] = unrolled(op.words, table, Path(f"{op.operation}.toml"), f"repeat.{name}")
    return replace(op, **changes)


def _object(op: Operation, setting: str, area: str, name: str, text: str) -> Operation:
    thing, _, word = name.partition(".")
    if thing not in op.objects or word not in WORDS:
        there = ", ".join(op.objects)
        raise UsageError(f"--set {setting}: objects are {there}; each has {', '.join(WORDS)}")
    if text not in WORDS[word]:
        raise UsageError(f"--set {setting}: one of {', '.join(WORDS[word])}")
    old = op.objects[thing]
    locks = old.kind not in ("line", "server")
    if word == "kind" and (text in ("line", "server")) == locks:
        raise UsageError(f"--set {setting}: {thing} is a {old.kind}; a lock stays a lock")
    return replace(op, objects={**op.objects, thing: replace(old, **{word: text})})


def _plain(setting: str) -> str:
    """The setting without blanks."""
    return "".join(setting.split())


def _hashed(op: Operation, changes: Sequence[str]) -> Operation:
    digest = hashlib.sha256(repr((op.digest, tuple(changes))).encode()).hexdigest()[:12]
    return replace(op, digest=digest, changes=(*op.changes, *changes))
