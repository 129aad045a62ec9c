"""What a reader of results returns, and the few things all of them say the same way."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from microbench.errors import InputError
from microbench.measured.source import Source
from microbench.row import Row
from microbench.store.rows import Results

SYSTEM = "measured"
LARGEST = 1e15
MICROSECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1e6),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1e3),
    **dict.fromkeys(("us", "usec", "µs", "μs", "microsecond", "microseconds"), 1.0),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), 1e-3),
}
"""Unit word to its length [us]."""
RATES = {"KB/s": 1e-3, "KB/sec": 1e-3, "MB/s": 1.0, "MB/sec": 1.0, "GB/s": 1e3, "GB/sec": 1e3}
"""Unit word to MB/s, MB being 1,000,000 bytes as lmbench has it."""
LARGER = ("/s", "/sec", "per second", "ops", "jobs/min", "req")
BENCHMARKS = ("lat_", "bw_", "reaim", "smp_")
"""How the names of mkbench's own benchmarks begin."""


@dataclass(frozen=True)
class Reading:
    """A result file of another tool, or of mkbench.

    Attributes
    ----------
    kind : str
        Tool and form.
    rows : tuple of Row
    unread : tuple of str
        Lines nobody understood, as "line 7: TEXT".
    notes : tuple of str
    facts : dict of str to str
        What the file says about the machine it was taken on.
    results : Results or None
        The whole of a file of mkbench's own.
    """

    kind: str
    rows: tuple[Row, ...]
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    results: Results | None = None


@dataclass
class Gathered:
    """Rows while a file is being read."""

    machine: str
    rows: list[Row] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def skip(self, number: int, line: str) -> None:
        """Keep a line that says nothing this reader knows."""
        self.unread.append(f"line {number}: {line.strip()[:70]}")

    def add(self, benchmark: str, args: str, value: float, unit: str, **more: Any) -> None:
        """Add a row; `metric` and `better` follow from the unit unless given."""
        larger = unit in RATES or unit.endswith(LARGER)
        fields: dict[str, Any] = {
            "metric": "bandwidth" if unit in RATES else "latency",
            "better": "larger" if larger else "smaller",
            **more,
        }
        self.rows.append(
            Row(
                benchmark=benchmark,
                args=args,
                machine=self.machine,
                system=SYSTEM,
                unit=unit,
                value=value,
                role="measured",
                model_version="",
                **fields,
            )
        )

    def reading(self, kind: str) -> Reading:
        """What was gathered; of rows of one name the last stays, as in a file written twice."""
        by_key = {row.key: row for row in self.rows}
        twice = sum(row.value != by_key[row.key].value for row in self.rows)
        if twice:
            self.notes.append(f"{twice} rows were given again otherwise; the last of a name stays")
        return Reading(
            kind, tuple(by_key.values()), tuple(self.unread), tuple(self.notes), self.facts
        )


def named(name: str) -> tuple[str, str]:
    """A free name as benchmark and arguments: split only where it is called like one of ours."""
    first, _, rest = " ".join(name.split()).partition(" ")
    return (first, rest) if first.startswith(BENCHMARKS) else (" ".join(name.split()), "")


def command_name(words: Iterable[str]) -> str:
    """A command as one line."""
    return shlex.join(words)


def finite(value: Any, source: Source, key: str) -> float:
    """A number of a JSON file.

    Raises
    ------
    InputError
        If it is none, not finite, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(source.file, key, value, "not a number")
    if not 0 <= value <= LARGEST:
        raise InputError(source.file, key, value, "not a sane number")
    return float(value)


def text_of(value: Any, source: Source, key: str) -> str:
    """A non-empty text of a JSON file.

    Raises
    ------
    InputError
        If it is none.
    """
    if not isinstance(value, str) or not value.strip():
        raise InputError(source.file, key, value, "not a name")
    return value
