"""Scaling data of others: a CSV of CPUs and throughput, or what will-it-scale writes.

Knows: columns with a heading in letters of any case, between commas, semicolons or tabs; a
byte-order mark and lines that begin with # are not data. Refuses to know: machines and operations.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from microbench.errors import InputError

CPUS = ("cpus", "tasks", "threads_count", "n")
RATES = ("throughput", "threads", "processes", "rate")
MAX_BYTES = 4_000_000
LARGEST_COUNT = 65536
RATE = (1e-3, 1e15)
"""Operations a second that are believed."""


@dataclass(frozen=True)
class Scaling:
    """Rates over CPUs.

    Attributes
    ----------
    name : str
        File and column.
    cpus : tuple of int
        Rising, from 1.
    rates : tuple of float
        Operations a second of all CPUs together; the median where a count was measured again.
    repeated : tuple of int
        Counts that were measured more than once.
    """

    name: str
    cpus: tuple[int, ...]
    rates: tuple[float, ...]
    repeated: tuple[int, ...] = ()

    @property
    def points(self) -> Iterator[tuple[int, float]]:
        """CPUs and rate, one by one."""
        return zip(self.cpus, self.rates, strict=True)


def load_scaling(path: Path, column: str | None = None) -> Scaling:
    """Read a file with a heading line; a row without a rate or of 0 CPUs is left out.

    Parameters
    ----------
    path : Path
    column : str, optional
        Which column has the rates; the first known one if not given. will-it-scale has
        "processes" and "threads".

    Raises
    ------
    InputError
        If it cannot be read, has no such columns, or fewer than three points from 1 CPU.
    """
    names, rows = _table(path)
    counts = next((name for name in CPUS if name in names), None)
    rates = (
        column.strip().lower() if column else next((name for name in RATES if name in names), None)
    )
    if counts is None or rates is None or rates not in names:
        wanted = f"columns {CPUS[0]} or {CPUS[1]}, and {column or ', '.join(RATES)}"
        raise InputError(path, "heading", ",".join(names), f"needs {wanted}")
    found: dict[int, list[float]] = {}
    for line, row in rows:
        n = _count(row.get(counts), path, f"line {line}.{counts}")
        text = row.get(rates, "")
        if n and text:
            found.setdefault(n, []).append(_rate(text, path, f"line {line}.{rates}"))
    cpus = tuple(sorted(found))
    if len(cpus) < 3 or cpus[0] != 1:
        raise InputError(path, rates, len(cpus), "needs three points, the first with 1 CPU")
    medians = tuple(statistics.median(found[n]) for n in cpus)
    again = tuple(n for n in cpus if len(found[n]) > 1)
    return Scaling(f"{path.name} {rates}", cpus, medians, again)


def _table(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The heading, and each row with its line in the file."""
    lines = [
        (number, line)
        for number, line in enumerate(_text(path).splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    heading = lines[0][1] if lines else ""
    mark = max(",;\t", key=heading.count)
    reader = csv.reader((line for _, line in lines), delimiter=mark, strict=True)
    try:
        cells = [(lines[reader.line_num - 1][0], row) for row in reader]
    except csv.Error as error:
        raise InputError(path, "file", str(path), f"is no table: {error}") from None
    names = [name.strip().lower() for name in cells[0][1]] if cells else []
    for name in names:
        if name and names.count(name) > 1:
            raise InputError(path, "heading", name, "a column twice")
    rows = []
    for number, row in cells[1:]:
        if len(row) > len(names):
            raise InputError(path, f"line {number}", len(row), f"more than {len(names)} columns")
        values = (cell.strip() for cell in row)
        rows.append((number, dict(zip(names, values, strict=False))))
    return names, rows


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise InputError(path, "file", str(path), "is a directory")
        with path.open(encoding="utf-8-sig", newline=None) as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, "file", str(path), error.strerror or "cannot be read") from None
    except UnicodeDecodeError:
        raise InputError(path, "file", str(path), "is no text") from None
    if len(text) > MAX_BYTES:
        raise InputError(path, "size", f"over {MAX_BYTES}", f"at most {MAX_BYTES} characters")
    return text


def _number(text: str | None, path: Path, key: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise InputError(path, key, text, "is no number") from None


def _rate(text: str, path: Path, key: str) -> float:
    value = _number(text, path, key)
    if not RATE[0] <= value <= RATE[1]:
        raise InputError(path, key, text, f"must be {RATE[0]:g} to {RATE[1]:g}")
    return value


def _count(text: str | None, path: Path, key: str) -> int:
    value = _number(text, path, key)
    if not 0 <= value <= LARGEST_COUNT or value != int(value):
        raise InputError(path, key, text, f"must be whole, 0 to {LARGEST_COUNT}")
    return int(value)
