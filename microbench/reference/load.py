"""Read the published tables of `data/reference/`.

Knows the files: each table exactly as it was printed, and `roles.csv`, which names every
value in mkbench's words (benchmark, args, machine, system, metric) and gives its role.
Refuses to know what the model says; no number of a table stands in this code.
"""

from __future__ import annotations

import csv
import functools
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.reading import read_text

ROLES = ("calibrate", "check", "predict")
ROLE_COLUMNS = (
    *("file", "table", "row", "column", "benchmark", "args"),
    *("machine", "system", "metric", "unit", "better", "role"),
)
SOURCES = {
    "lmbench": "talk",
    "reaim": "talk",
    "ipc": "talk",
    "sel4": "seL4 benchmark history of 26 June 2026,",
}
"""File to where its table was printed."""
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Published:
    """One published value under mkbench's names.

    Attributes
    ----------
    benchmark, args, machine, system, metric, unit, better : str
        As in a result row; `machine` is the machine the value was measured on.
    value : float
        As printed [unit].
    role : str
        One of `ROLES`.
    table, row, source : str
        Which table and row, and both as one phrase for `published_source`.
    ratio : float or None
        The ratio printed in the same row, where there is one (above 1: l4 is faster).
    """

    benchmark: str
    args: str
    machine: str
    system: str
    metric: str
    unit: str
    better: str
    value: float
    role: str
    table: str
    row: str
    source: str
    ratio: float | None = None

    @property
    def name(self) -> str:
        """Benchmark, arguments and system."""
        return row_name(self.benchmark, self.args, self.system)


def row_name(*parts: str) -> str:
    """The words that name a row, without those that are empty."""
    return " ".join(part for part in parts if part)


def load_published(directory: Path | None = None) -> list[Published]:
    """Every published value, in the order of `roles.csv`.

    Parameters
    ----------
    directory : Path, optional
        Where the tables lie; the packaged ones if not given.

    Raises
    ------
    InputError
        If a file is missing, damaged, or contradicts another one.
    """
    folder = directory or data_dir() / "reference"
    path = folder / "roles.csv"
    tables: dict[str, dict[tuple[str, str], dict[str, str]]] = {}
    seen: set[tuple[str, ...]] = set()
    found = []
    for number, role in _records(path, ROLE_COLUMNS):
        name = role["file"]
        if name not in SOURCES:
            raise InputError(path, f"line {number}.file", name, "not of " + ", ".join(SOURCES))
        if name not in tables:
            tables[name] = _printed(folder / f"{name}.csv", name)
        found.append(_published(role, tables[name], path, number))
        key = tuple(role[c] for c in ("benchmark", "args", "machine", "system", "metric"))
        if key in seen:
            raise InputError(path, f"line {number}", " ".join(key), "named twice")
        seen.add(key)
    return found


@functools.cache
def packaged() -> tuple[Published, ...]:
    """The packaged tables, read once."""
    return tuple(load_published())


def _printed(path: Path, name: str) -> dict[tuple[str, str], dict[str, str]]:
    if name == "ipc":
        return {("ipc", r["architecture"]): r for _, r in _records(path, ("architecture",))}
    if name == "sel4":
        found = _records(path, ("table", "platform", "configuration"))
        return {(r["table"], f"{r['platform']} {r['configuration']}"): r for _, r in found}
    return {(r["table"], r["row"]): r for _, r in _records(path, ("table", "row", "ratio"))}


def _published(
    role: dict[str, str],
    printed: dict[tuple[str, str], dict[str, str]],
    path: Path,
    number: int,
) -> Published:
    where = f"line {number}"
    if role["role"] not in ROLES:
        raise InputError(path, f"{where}.role", role["role"], "not one of " + ", ".join(ROLES))
    if role["better"] not in ("smaller", "larger"):
        raise InputError(path, f"{where}.better", role["better"], "not smaller or larger")
    row = printed.get((role["table"], role["row"]))
    if row is None or role["column"] not in row:
        raise InputError(path, f"{where}.row", role["row"], f"no such value in {role['file']}.csv")
    value = _number(row[role["column"]], path.with_name(f"{role['file']}.csv"), role)
    ratio = (
        _number(row["ratio"], path.with_name(f"{role['file']}.csv"), role)
        if "ratio" in row
        else None
    )
    names = ("benchmark", "args", "machine", "system", "metric", "unit", "better", "role")
    return Published(
        **{name: role[name] for name in names},
        value=value,
        table=role["table"],
        row=role["row"],
        source=f"{SOURCES[role['file']]} {role['table']} row {role['row']}",
        ratio=ratio,
    )


def _number(text: str, path: Path, role: dict[str, str]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1e15:
        key = f"{role['table']} {role['row']}.{role['column']}"
        raise InputError(path, key, text, "not a positive number")
    return value


def _records(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(_text(path)), strict=True)
    try:
        names = reader.fieldnames or []
        for name in needed:
            if name not in names:
                raise InputError(path, name, None, "column missing")
        for record in reader:
            if None in record or None in record.values():
                raise InputError(path, f"line {reader.line_num}", record, "wrong number of cells")
            yield reader.line_num, record
    except csv.Error as error:
        raise InputError(path, f"line {reader.line_num}", "", f"not CSV: {error}") from None


def _text(path: Path) -> str:
    return read_text(path, MAX_BYTES)
