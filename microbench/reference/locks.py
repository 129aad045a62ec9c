"""Published measurements of locks alone: read and checked.

Knows: `data/smp/reference/locks.toml`. Role "calibrate" marks the tables the seven numbers of
`data/smp/locks.toml` were read off; all others are only compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.quantity import CERTAINTIES
from microbench.reference.tables import LEAST, Checked, tables_of

_TEXTS = ("stands_for", "machine", "order", "kind", "mode", "source", "certainty", "role")
_KEYS = {*_TEXTS, "set", "hold_ns", "think_ns", "threads", "values"}
_WORDS = {
    "mode": ("take", "share", "cas-add", "cas-cas"),
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
    return [_table(name, table) for name, table in tables_of(path, "locks")]


def _table(name: str, table: Checked) -> LockTable:
    table.known(_KEYS)
    texts = table.texts(_TEXTS)
    for word, known in _WORDS.items():
        table.word(word, known)
    threads, values = (table.numbers(word, LEAST) for word in ("threads", "values"))
    if len(threads) != len(values):
        raise table.wrong("values", "needs one value per thread count")
    settings = table.table.get("set", [])
    if not isinstance(settings, list) or not all(isinstance(s, str) for s in settings):
        raise table.wrong("set", "needs a list of key=value")
    return LockTable(
        name=name,
        settings=tuple(settings),
        hold_ns=table.numbers("hold_ns", 0)[0],
        think_ns=table.numbers("think_ns", 0)[0],
        threads=tuple(int(n) for n in threads),
        values=values,
        **texts,
    )
