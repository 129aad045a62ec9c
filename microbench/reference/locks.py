"""Published measurements of locks alone: read and checked.

Knows: `data/smp/reference/locks.toml`. Role "calibrate" marks the tables the four numbers of
`data/smp/locks.toml` were read off; all others are only compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import CERTAINTIES, read_toml

_TEXTS = ("stands_for", "machine", "order", "kind", "mode", "source", "certainty", "role")
_KEYS = {*_TEXTS, "set", "hold_ns", "think_ns", "threads", "values"}
_WORDS = {
    "mode": ("take", "share"),
    "role": ("calibrate", "predict"),
    "certainty": CERTAINTIES,
}


@dataclass(frozen=True)
class LockTable:
    """One lock on one machine over threads.

    Attributes
    ----------
    name, stands_for, machine, order, kind, mode, source, certainty, role : str
    settings : tuple of str
        Changes of the machine, `key=value`.
    hold_ns, think_ns : float
        [ns]
    threads : tuple of int
    values : tuple of float
        Wall time per acquisition, all threads together [ns].
    """

    name: str
    stands_for: str
    machine: str
    order: str
    kind: str
    mode: str
    source: str
    certainty: str
    role: str
    settings: tuple[str, ...]
    hold_ns: float
    think_ns: float
    threads: tuple[int, ...]
    values: tuple[float, ...]


def load_locks(path: Path | None = None) -> list[LockTable]:
    """All tables of locks.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    path = path or data_dir() / "smp" / "reference" / "locks.toml"
    tables = read_toml(path).get("locks")
    if not isinstance(tables, dict):
        raise InputError(path, "locks", tables, "no tables of locks")
    return [_table(name, table, path) for name, table in tables.items()]


def _table(name: str, table: Any, path: Path) -> LockTable:
    key = f"locks.{name}"
    if not isinstance(table, dict):
        raise InputError(path, key, table, "must be a table")
    for unknown in set(table) - _KEYS:
        raise InputError(path, f"{key}.{unknown}", table[unknown], "unknown key")
    for text in _TEXTS:
        if not isinstance(table.get(text), str) or not table[text].strip():
            raise InputError(path, f"{key}.{text}", table.get(text), "missing")
    for word, known in _WORDS.items():
        if table[word] not in known:
            raise InputError(path, f"{key}.{word}", table[word], "one of " + ", ".join(known))
    threads, values = (_numbers(table, path, key, word, 1e-9) for word in ("threads", "values"))
    if len(threads) != len(values):
        problem = "needs one value per thread count"
        raise InputError(path, f"{key}.values", table["values"], problem)
    hold, think = (
        _numbers({k: [table.get(k)]}, path, key, k, 0)[0] for k in ("hold_ns", "think_ns")
    )
    texts = {text: table[text] for text in _TEXTS}
    settings = table.get("set", [])
    if not isinstance(settings, list) or not all(isinstance(s, str) for s in settings):
        raise InputError(path, f"{key}.set", settings, "needs a list of key=value")
    counts = tuple(int(n) for n in threads)
    return LockTable(
        name=name, settings=tuple(settings), hold_ns=hold, think_ns=think,
        threads=counts, values=tuple(values), **texts,
    )  # fmt: skip


def _numbers(table: dict[str, Any], path: Path, key: str, name: str, least: float) -> list[float]:
    values = table.get(name)
    wrong = InputError(path, f"{key}.{name}", values, "needs numbers, not negative")
    if not isinstance(values, list) or not values:
        raise wrong
    for v in values:
        if isinstance(v, bool) or not isinstance(v, int | float) or not least <= v <= 1e9:
            raise wrong
    return [float(v) for v in values]
