"""A number with its unit, source and certainty, and the TOML form it is written in.

In a data file a number is a table ``{value, unit, source, certainty}``, optionally with
``low`` and ``high`` (the stated range) and ``note``. A number without these is refused.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from microbench.errors import InputError
from microbench.reading import is_name, read_toml

__all__ = ["CERTAINTIES", "LARGEST", "Quantity", "numbers", "quantity", "read_toml"]

CERTAINTIES = (
    "manual",  # the sentence or table of a vendor document was read
    "source-code",  # read in the source of the program that does it
    "counted",  # counted by program in code or in a trace
    "measured",  # somebody's measurement, its text read
    "published",  # a printed result
    "computed",  # arithmetic on the above
    "recall",  # remembered, the text was not at hand: a prior
    "estimate",  # judgement, with a range
    "calibrated",  # set by `mkbench calibrate` on a named row
    "choice",  # a setting of a variant, not a claim about the world
)
LARGEST = 2.0**53
RATES = ("MB/s",)
"""Units of which more costs less."""
_FIELDS = {"value", "unit", "source", "certainty", "low", "high", "note"}


@dataclass(frozen=True)
class Quantity:
    """One number of a data file.

    Attributes
    ----------
    value, low, high : float
        The number and its stated range [unit]; `low` = `high` = `value` without a range.
    unit, source, certainty, note : str
        Unit word, source key (`data/SOURCES.md`), one of `CERTAINTIES`, free remark.
    """

    value: float
    unit: str
    source: str
    certainty: str
    low: float
    high: float
    note: str = ""

    def at_cost(self, level: str, more_is_cheaper: bool = False) -> float:
        """The number where what it stands for costs least ("low") or most ("high") [unit].

        Parameters
        ----------
        more_is_cheaper : bool
            As of rates, whose unit says so.
        """
        if more_is_cheaper or self.unit in RATES:
            level = {"low": "high", "high": "low"}.get(level, level)
        return float(getattr(self, level))


def quantity(table: object, file: object, key: str, units: Collection[str]) -> Quantity:
    """Check one ``{value, unit, source, certainty}`` table.

    Raises
    ------
    InputError
        Naming file, key and value of whatever is missing, unknown or out of range.
    """
    if not isinstance(table, dict):
        raise InputError(file, key, table, "a number needs {value, unit, source, certainty}")
    for name in table:
        if name not in _FIELDS:
            raise InputError(file, f"{key}.{name}", table[name], "unknown key")
    for name in ("value", "unit", "source", "certainty"):
        if name not in table:
            raise InputError(file, f"{key}.{name}", None, "missing")
    for name in ("unit", "source", "certainty", "note"):
        if not isinstance(table.get(name, ""), str):
            raise InputError(file, f"{key}.{name}", table[name], "must be text")
    if table["unit"] not in units:
        raise InputError(
            file, f"{key}.unit", table["unit"], "wrong unit; " + " or ".join(sorted(units))
        )
    if table["certainty"] not in CERTAINTIES:
        raise InputError(file, f"{key}.certainty", table["certainty"], "unknown certainty")
    for name in ("source", "note"):
        if name in table and not is_name(table[name].replace("\n", " ")[:200]):
            raise InputError(file, f"{key}.{name}", table[name], "empty, or not printable text")
    value = _finite(table["value"], file, f"{key}.value")
    low = _finite(table.get("low", value), file, f"{key}.low")
    high = _finite(table.get("high", value), file, f"{key}.high")
    if not low <= value <= high:
        raise InputError(file, f"{key}.value", value, f"outside its range {low:g} to {high:g}")
    return Quantity(
        value, table["unit"], table["source"], table["certainty"], low, high, table.get("note", "")
    )


def numbers(
    path: Path, units: Mapping[str, Collection[str]], above: Collection[str] = ()
) -> dict[str, Quantity]:
    """A file of a title and these numbers, none of them negative, those of `above` more than 0.

    Raises
    ------
    InputError
        Naming file, key and value of whatever is missing, unknown or too small.
    """
    raw = read_toml(path)
    for key in raw:
        if key not in units and key != "title":
            raise InputError(path, key, raw[key], "unknown key")
    found = {key: quantity(raw.get(key), path, key, allowed) for key, allowed in units.items()}
    for key, one in found.items():
        if one.low < 0 or (key in above and one.low == 0):
            why = "must be more than 0" if key in above else "must not be negative"
            end = "value" if one.low == one.value else "low"
            raise InputError(path, f"{key}.{end}", one.low, why)
    return found


def _finite(value: object, file: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(file, key, value, "not a number")
    if not abs(value) <= LARGEST or not math.isfinite(value):
        raise InputError(file, key, value, "not a finite number of sane size")
    return float(value)
