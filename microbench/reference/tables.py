"""Tables of published values in TOML: texts, words and numbers, each checked in one way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from microbench.errors import InputError
from microbench.quantity import read_toml

LARGEST = 1e12


class Checked:
    """One table of a file, whose parts are checked when they are asked for.

    Raises
    ------
    InputError
        From every method, naming file, key and value.
    """

    def __init__(self, table: Any, path: Path, key: str) -> None:
        if not isinstance(table, dict):
            raise InputError(path, key, table, "must be a table")
        self.table: dict[str, Any] = table
        self._path, self._key = path, key

    def wrong(self, name: str, problem: str) -> InputError:
        """What is wrong with one of its values."""
        return InputError(self._path, f"{self._key}.{name}", self.table.get(name), problem)

    def known(self, names: Collection[str]) -> None:
        """Refuse any other key."""
        for name in self.table:
            if name not in names:
                raise self.wrong(name, "unknown key")

    def texts(self, names: Sequence[str]) -> dict[str, str]:
        """The texts of these names, none of them empty."""
        for name in names:
            if not isinstance(self.table.get(name), str) or not self.table[name].strip():
                raise self.wrong(name, "missing")
        return {name: self.table[name] for name in names}

    def word(self, name: str, known: Collection[str]) -> str:
        """One of some words."""
        if self.table.get(name) not in known:
            raise self.wrong(name, "one of " + ", ".join(known))
        return str(self.table[name])

    def numbers(self, name: str, least: float) -> tuple[float, ...]:
        """A list of numbers from `least`, not empty; one number is a list of one."""
        found = self.table.get(name)
        listed: list[Any] = found if isinstance(found, list) else [found]
        for number in listed:
            good = isinstance(number, int | float) and not isinstance(number, bool)
            if not good or not least <= number <= LARGEST:
                raise self.wrong(name, f"needs numbers from {least:g}")
        if not listed:
            raise self.wrong(name, "needs numbers")
        return tuple(map(float, listed))


LEAST = 1e-9
"""Of a number that must be above 0."""


def tables_of(path: Path, area: str) -> Iterator[tuple[str, Checked]]:
    """The tables `[area.NAME]` of a file.

    Raises
    ------
    InputError
        If there are none.
    """
    found = read_toml(path).get(area)
    if not isinstance(found, dict):
        raise InputError(path, area, found, f"no tables [{area}.NAME]")
    for name, table in found.items():
        yield name, Checked(table, path, f"{area}.{name}")
