"""What each key of a machine means, with its unit or its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from microbench.datafiles import data_dir
from microbench.machine import schema
from microbench.reading import read_toml


@dataclass(frozen=True)
class Setting:
    """One key of `--set`.

    Attributes
    ----------
    key : str
        As the list of keys has it.
    unit : str
        Units it may have, or the words it may be, with commas between them.
    meaning : str
    """

    key: str
    unit: str
    meaning: str


def settings() -> list[Setting]:
    """Every key there is, in the order of the list."""
    units = {key: ", ".join(sorted(found)) for key, found in schema.all_numbers().items()}
    words = {key: ", ".join(found) for key, found in schema.all_words().items()}
    return [Setting(key, unit, meaning(key)) for key, unit in {**units, **words}.items()]


def meaning(key: str) -> str:
    """One key in words: its own line, or that of its family.

    Raises
    ------
    KeyError
        If the key has none.
    """
    known, parts = _meanings(), key.split(".")
    stars = [".".join([*parts[:i], "*", *parts[i + 1 :]]) for i in range(len(parts))]
    return known[next((name for name in (key, *stars) if name in known), key)]


@cache
def _meanings() -> dict[str, str]:
    found: dict[str, str] = read_toml(data_dir() / "settings.toml")["meaning"]
    return found
