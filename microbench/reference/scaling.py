"""Scaling data of others: a CSV of CPUs and throughput, or what will-it-scale writes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from microbench.errors import InputError

CPUS = ("cpus", "tasks", "threads_count", "n")
RATES = ("throughput", "threads", "processes", "rate")
MAX_BYTES = 4_000_000
LARGEST_COUNT = 65536


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
        Operations a second of all CPUs together.
    """

    name: str
    cpus: tuple[int, ...]
    rates: tuple[float, ...]

    @property
    def points(self) -> Iterator[tuple[int, float]]:
        """CPUs and rate, one by one."""
        return zip(self.cpus, self.rates, strict=True)


def load_scaling(path: Path, column: str | None = None) -> Scaling:
    """Read a file with a heading line; a point without CPUs or rate is left out.

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
    rows = list(csv.DictReader(io.StringIO(_text(path))))
    names = [name.strip() for name in (rows[0] if rows else {}) if name]
    counts = next((name for name in CPUS if name in names), None)
    rates = column or next((name for name in RATES if name in names), None)
    if counts is None or rates not in names or rates is None:
        wanted = f"columns {CPUS[0]} or {CPUS[1]}, and {column or ', '.join(RATES)}"
        raise InputError(path, "heading", ",".join(names), f"needs {wanted}")
    found: dict[int, float] = {}
    for line, row in enumerate(rows, 2):
        values = {(k or "").strip(): v for k, v in row.items()}
        n = _number(values.get(counts), path, f"line {line}.{counts}")
        rate = _number(values.get(rates), path, f"line {line}.{rates}")
        if n >= 1 and rate > 0:
            found[_count(n, path, f"line {line}.{counts}")] = rate
    cpus = tuple(sorted(found))
    if len(cpus) < 3 or cpus[0] != 1:
        raise InputError(path, rates, len(cpus), "needs three points, the first with 1 CPU")
    return Scaling(f"{path.name} {rates}", cpus, tuple(found[n] for n in cpus))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(path, "size", path.stat().st_size, f"at most {MAX_BYTES} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(path, "file", str(path), error.strerror or "cannot be read") from None
    except UnicodeDecodeError:
        raise InputError(path, "file", str(path), "is no text") from None


def _number(text: str | None, path: Path, key: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        raise InputError(path, key, text, "is no number") from None
    if not math.isfinite(value) or value < 0:
        raise InputError(path, key, text, "must be finite and not negative")
    return value


def _count(value: float, path: Path, key: str) -> int:
    if value != int(value) or value > LARGEST_COUNT:
        raise InputError(path, key, value, f"must be whole, at most {LARGEST_COUNT}")
    return int(value)
