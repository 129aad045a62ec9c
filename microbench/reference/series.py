"""Published series and statements about multiprocessors: read, checked, never used to set.

Knows: the two files of `data/smp/reference`. The value at one CPU of a series has the role
"calibrate" (it sets the local work), all others "predict".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import CERTAINTIES, Quantity, quantity, read_toml

_TEXTS = ("title", "operation", "system", "machine", "shared", "order", "source", "certainty")
UNITS = ("1/s", "cycles")


@dataclass(frozen=True)
class Series:
    """One published series.

    Attributes
    ----------
    name, title, operation, system, machine, shared, order, source, certainty : str
    unit : str
        "1/s" of all CPUs together, or "cycles" of one operation as one CPU sees it.
    cpus : tuple of int
    values : tuple of float
        [unit]
    idle_states : int
        Idle states that sleeps reached on the machine as it was set up.
    chosen : str
        What was chosen with the series in sight, empty where nothing was.
    """

    name: str
    title: str
    operation: str
    system: str
    machine: str
    shared: str
    order: str
    source: str
    certainty: str
    unit: str
    cpus: tuple[int, ...]
    values: tuple[float, ...]
    idle_states: int = 4
    chosen: str = ""

    def rates(self, values: tuple[float, ...] | list[float] | None = None) -> list[float]:
        """Values as operations per second, or per cycle, of all CPUs together."""
        got = list(self.values if values is None else values)
        if self.unit == "1/s":
            return got
        return [n / v for n, v in zip(self.cpus, got, strict=True)]


@dataclass(frozen=True)
class Statement:
    """What a source says in words, with the number in it."""

    name: str
    says: str
    operation: str
    system: str
    machine: str
    shared: str
    what: str
    value: Quantity


def load_series(path: Path | None = None) -> list[Series]:
    """All published series.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    path = path or data_dir() / "smp" / "reference" / "series.toml"
    tables = read_toml(path).get("series")
    if not isinstance(tables, dict):
        raise InputError(path, "series", tables, "no series")
    return [_series(name, table, path) for name, table in tables.items()]


def _series(name: str, table: Any, path: Path) -> Series:
    key = f"series.{name}"
    if not isinstance(table, dict):
        raise InputError(path, key, table, "must be a table")
    for text in _TEXTS:
        if not isinstance(table.get(text), str) or not table[text].strip():
            raise InputError(path, f"{key}.{text}", table.get(text), "missing")
    if table["certainty"] not in CERTAINTIES:
        raise InputError(path, f"{key}.certainty", table["certainty"], "unknown certainty")
    if table.get("unit") not in UNITS:
        raise InputError(path, f"{key}.unit", table.get("unit"), "one of " + ", ".join(UNITS))
    cpus, values = _numbers(table.get("cpus")), _numbers(table.get("values"))
    if len(cpus) != len(values) or len(cpus) < 2 or cpus[0] != 1:
        problem = "needs one value per CPU count, from 1"
        raise InputError(path, f"{key}.values", table.get("values"), problem)
    texts = {text: table[text] for text in _TEXTS}
    return Series(
        name=name,
        unit=table["unit"],
        cpus=tuple(int(n) for n in cpus),
        values=tuple(values),
        idle_states=_states(table.get("idle_states", 4), path, f"{key}.idle_states"),
        chosen=str(table.get("chosen", "")),
        **texts,
    )


def _states(value: object, path: Path, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 4:
        raise InputError(path, key, value, "must be 0 to 4")
    return value


def _numbers(values: object) -> list[float]:
    """A list of numbers above 0, or an empty list for anything else."""
    if not isinstance(values, list):
        return []
    good = [isinstance(v, int | float) and not isinstance(v, bool) and v > 0 for v in values]
    return [float(v) for v in values] if all(good) else []


def load_statements(path: Path | None = None) -> list[Statement]:
    """All statements in words.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    path = path or data_dir() / "smp" / "reference" / "statements.toml"
    found = []
    for name, table in read_toml(path).items():
        texts = ("says", "operation", "system", "machine", "shared", "what")
        if not isinstance(table, dict) or any(not isinstance(table.get(t), str) for t in texts):
            raise InputError(path, name, table, "needs " + ", ".join(texts))
        value = quantity(table.get("value"), path, f"{name}.value", {"cpus", "ratio", "percent"})
        found.append(Statement(name=name, value=value, **{t: table[t] for t in texts}))
    return found
