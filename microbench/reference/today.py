"""Measured boards with kernels of today: `data/reference/today.csv`, one value a line.

Knows the file. Refuses to know what the model says. Another file of the same columns may stand
beside it, e.g. boards that were kept apart.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.reference.load import ROLES

COLUMNS = (
    *("board", "machine", "kernel", "clock_hz", "benchmark", "args"),
    *("unit", "value", "role", "note", "source"),
)
MAX_BYTES = 4_000_000


@dataclass(frozen=True)
class Board:
    """Where a value was measured.

    Attributes
    ----------
    name, machine, kernel : str
        The board as its source calls it, the machine file of its core, the kernel's series.
    clock_hz : float
    """

    name: str
    machine: str
    kernel: str
    clock_hz: float


@dataclass(frozen=True)
class MeasuredValue:
    """One measured value under mkbench's names."""

    board: Board
    benchmark: str
    args: str
    unit: str
    value: float
    role: str
    note: str
    source: str


def measured_boards(path: Path | None = None) -> list[MeasuredValue]:
    """All values of a file, the packaged one if none is named.

    Raises
    ------
    InputError
        Naming file, line and cell.
    """
    path = path or data_dir() / "reference" / "today.csv"
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(path, "", "", f"larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, "", "", f"cannot be read: {error}") from None
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError(path, "line 1", reader.fieldnames, "columns: " + ",".join(COLUMNS))
    return [_value(cells, path, number) for number, cells in enumerate(reader, start=2)]


def _value(cells: dict[str, str], path: Path, number: int) -> MeasuredValue:
    if None in cells or None in cells.values():
        raise InputError(path, f"line {number}", len(cells), "wrong number of cells")
    if cells["role"] not in ROLES:
        raise InputError(path, f"line {number}.role", cells["role"], "of " + ", ".join(ROLES))
    clock = _positive(cells["clock_hz"], path, f"line {number}.clock_hz")
    board = Board(cells["board"], cells["machine"], cells["kernel"], clock)
    value = _positive(cells["value"], path, f"line {number}.value")
    names = ("benchmark", "args", "unit", "role", "note", "source")
    return MeasuredValue(board=board, value=value, **{name: cells[name] for name in names})


def _positive(text: str, path: Path, key: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e15:
        raise InputError(path, key, text, "not a positive number")
    return value
