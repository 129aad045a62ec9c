"""A machine as frozen, named and sourced data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from microbench.errors import InputError, near
from microbench.machine import schema
from microbench.machine.check import check
from microbench.quantity import LARGEST, Quantity


@dataclass(frozen=True)
class MachineSpec:
    """One machine: its part for one CPU, its part for many, or both.

    Attributes
    ----------
    name, title, file : str
        Short name, one line of description, and where it was read.
    numbers : mapping of str to Quantity
        By dotted key, e.g. "l1d.size_bytes" [unit as in the schema].
    words : mapping of str to str
        By dotted key, e.g. "l1d.index" to "vivt".
    legal_clocks : tuple of (float, float)
        (core, memory) clock pairs the part allows [Hz]; empty where not stated.
    """

    name: str
    title: str
    file: str
    numbers: Mapping[str, Quantity]
    words: Mapping[str, str]
    legal_clocks: tuple[tuple[float, float], ...] = ()

    def value(self, key: str, default: float = 0.0) -> float:
        """The number at a key [its unit], or `default` where the machine has none."""
        found = self.numbers.get(key)
        return default if found is None else found.value

    def has(self, key: str) -> bool:
        """Whether the machine states this number or word."""
        return key in self.numbers or key in self.words

    @property
    def for_one(self) -> bool:
        """Whether it says what one CPU does."""
        return schema.for_one(self.words)

    @property
    def for_many(self) -> bool:
        """Whether it says what many CPUs do."""
        return schema.for_many(self.words)

    @property
    def hash(self) -> str:
        """Twelve hex digits over every value and word."""
        units = schema.all_numbers()
        values = {
            key: number.value if len(units.get(key, ())) < 2 else [number.value, number.unit]
            for key, number in self.numbers.items()
        }
        text = json.dumps([self.name, values, dict(self.words)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def with_(
        self, changes: Mapping[str, str | float | Quantity], source: str = "--set"
    ) -> MachineSpec:
        """The machine with some numbers or words changed, checked as a file is.

        Parameters
        ----------
        changes : mapping
            Key to a value as text ("8k"), as a number, or with its provenance. The unit is
            the one the machine gives the number in.
        source : str
            Where the change comes from; named in errors and in the changed numbers.

        Raises
        ------
        InputError
            For an unknown key, a word not allowed, a number out of range, or a machine that
            does not fit together.
        """
        if not changes:
            return self
        numbers, words = dict(self.numbers), dict(self.words)
        for given, value in changes.items():
            key = schema.full_key(given)
            allowed = schema.all_words().get(key)
            if allowed is None:
                numbers[key] = self._number(key, value, source)
            elif value in allowed:
                words[key] = str(value)
            else:
                raise InputError(source, key, value, "one of " + ", ".join(allowed))
        check(numbers, words, source)
        return replace(self, numbers=numbers, words=words)

    def _number(self, key: str, value: str | float | Quantity, source: str) -> Quantity:
        units = schema.all_numbers().get(key)
        if units is None:
            known = (*schema.all_numbers(), *schema.all_words())
            meant = near(key, known) or "`mkbench list settings` has them"
            raise InputError(source, key, value, f"unknown key; {meant}")
        if isinstance(value, Quantity):
            return value
        found = parse_number(key, value, source) if isinstance(value, str) else float(value)
        unit = self.numbers[key].unit if key in self.numbers else min(units)
        return Quantity(found, unit, source, "choice", found, found)


_SUFFIXES = {"k": 2**10, "m": 2**20, "g": 2**30}
_HERTZ_SUFFIXES = {"k": 10**3, "m": 10**6, "g": 10**9}


def parse_number(key: str, text: str, source: str = "--set") -> float:
    """A number with an optional k, m or g: binary for sizes, decimal for clocks.

    Raises
    ------
    InputError
        If it is not a number.
    """
    scale = _HERTZ_SUFFIXES if key.endswith("_hz") else _SUFFIXES
    tail = text[-1:].lower()
    factor = scale.get(tail, 1)
    try:
        value = float(text[:-1] if tail in scale else text) * factor
    except ValueError:
        raise InputError(source, key, text, "not a number") from None
    if not abs(value) < LARGEST:
        raise InputError(source, key, text, "not a finite number of sane size")
    return value
