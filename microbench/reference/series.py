"""Published series and statements about multiprocessors: read, checked, never used to set.

Knows: the two files of `data/smp/reference`. The value at one CPU of a series has the role
"calibrate" (it sets the local work), all others "predict".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import CERTAINTIES, Quantity, quantity, read_toml
from microbench.reference.tables import LEAST, Checked, tables_of

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
    or_order : str
        The order in which CPUs may have joined instead, where the source does not say.
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
    or_order: str = ""

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
    return [_series(name, table) for name, table in tables_of(path, "series")]


def _series(name: str, table: Checked) -> Series:
    texts = table.texts(_TEXTS)
    table.word("certainty", CERTAINTIES)
    cpus, values = (table.numbers(word, LEAST) for word in ("cpus", "values"))
    if len(cpus) != len(values) or len(cpus) < 2 or cpus[0] != 1:
        raise table.wrong("values", "needs one value per CPU count, from 1")
    states = table.table.get("idle_states", 4)
    if isinstance(states, bool) or not isinstance(states, int) or not 0 <= states <= 4:
        raise table.wrong("idle_states", "must be 0 to 4")
    return Series(
        name=name,
        unit=table.word("unit", UNITS),
        cpus=tuple(int(n) for n in cpus),
        values=values,
        idle_states=states,
        chosen=str(table.table.get("chosen", "")),
        or_order=str(table.table.get("or_order", "")),
        **texts,
    )


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
