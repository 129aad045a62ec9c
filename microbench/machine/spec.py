"""A machine as frozen, named and sourced data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from microbench.errors import InputError
from microbench.machine import schema
from microbench.quantity import LARGEST, Quantity


@dataclass(frozen=True)
class MachineSpec:
    """One machine.

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
    def hash(self) -> str:
        """Twelve hex digits over every value and word."""
        values = {k: q.value for k, q in self.numbers.items()}
        text = json.dumps([self.name, values, dict(self.words)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def with_value(self, key: str, text: str, certainty: str = "choice") -> MachineSpec:
        """The machine with one number or word changed, as `--set key=text` says it.

        Raises
        ------
        InputError
            For an unknown key, a word not allowed or a number out of range.
        """
        words = {**schema.WORDS, **schema.OPTIONAL_WORDS}
        if key in words:
            if text not in words[key]:
                raise InputError("--set", key, text, "one of " + ", ".join(words[key]))
            return replace(self, words={**self.words, key: text})
        units = {**schema.NUMBERS, **schema.OPTIONAL_NUMBERS}
        if key not in units:
            raise InputError("--set", key, text, "unknown key")
        value = parse_number(key, text)
        unit = next(iter(units[key]))
        number = Quantity(value, unit, "--set", certainty, value, value)
        return replace(self, numbers={**self.numbers, key: number})


_SUFFIXES = {"k": 2**10, "m": 2**20, "g": 2**30}
_HERTZ_SUFFIXES = {"k": 10**3, "m": 10**6, "g": 10**9}


def parse_number(key: str, text: str) -> float:
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
        raise InputError("--set", key, text, "not a number") from None
    if not abs(value) < LARGEST:
        raise InputError("--set", key, text, "not a finite number of sane size")
    return value
