"""Names of system calls by number, per architecture, and the kinds of work they ask for."""

from __future__ import annotations

import csv
from functools import cache
from typing import Any

from microbench.datafiles import data_dir, data_names
from microbench.errors import UsageError
from microbench.quantity import read_toml

OTHER = "other"


def architectures() -> list[str]:
    """Architectures whose numbers are packaged."""
    return [name.removeprefix("numbers-") for name in data_names("calls", ".csv")]


@cache
def names(architecture: str = "x86-64") -> dict[int, str]:
    """Number to name.

    Raises
    ------
    UsageError
        For an architecture without a table.
    """
    if architecture not in architectures():
        there = ", ".join(architectures())
        raise UsageError(f"--arch = {architecture!r}: no numbers of its calls; one of {there}")
    path = data_dir() / "calls" / f"numbers-{architecture}.csv"
    with path.open(encoding="utf-8") as file:
        return {int(row["number"]): row["name"] for row in csv.DictReader(file)}


@cache
def _table() -> dict[str, Any]:
    return read_toml(data_dir() / "calls" / "calls.toml")


@cache
def kinds() -> dict[str, str]:
    """Call to the kind of work it asks for."""
    return {call: kind for kind, calls in _table()["kinds"].items() for call in calls}


def kind_of(name: str) -> str:
    """The kind of a call, "other" where the table does not know it."""
    return kinds().get(name, OTHER)


def waits(name: str) -> str:
    """ "yes" where a call's time is mostly waiting, "perhaps" where that depends on what it meets,
    "" where it works."""
    if name in _table()["blocking"]:
        return "yes"
    return "perhaps" if name in _table()["perhaps"] else ""
