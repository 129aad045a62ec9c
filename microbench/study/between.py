"""Which causes of the model could make the difference between two measurements.

Two columns of rows were measured. For every cause the rows are priced again with that cause
stronger and stronger; the strength that fits all rows best says how much of the difference it
could make alone. Measured ratios are compared with modelled ratios: the level of the model
does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import MkbenchError, UsageError
from microbench.machine.spec import MachineSpec
from microbench.reading import read_toml
from microbench.row import Row
from microbench.run.modelled import middle_rows
from microbench.run.setup import Setup
from microbench.store.across import Line

STRENGTHS = (0.25, 0.5, 1.0)
"""Of the whole cause, as powers of its factor."""
COULD, PARTLY = 0.5, 0.1
SMALL = 0.03
"""A difference in the logarithm below this is none."""


@dataclass(frozen=True)
class Cause:
    """Something that may differ.

    Attributes
    ----------
    name : str
    numbers : tuple of str
        Keys multiplied.
    factor : float
        At its strongest.
    words : mapping of str to str
        Words replaced; then there is one strength.
    """

    name: str
    numbers: tuple[str, ...]
    factor: float
    words: Mapping[str, str]

    def strengths(self) -> tuple[float, ...]:
        """How strong it is tried."""
        return STRENGTHS if self.numbers else (1.0,)

    def applied(self, spec: MachineSpec, strength: float) -> MachineSpec:
        """The machine with the cause."""
        numbers, words = dict(spec.numbers), dict(spec.words)
        for key in self.numbers:
            if key in numbers:
                value = numbers[key].value * self.factor**strength
                numbers[key] = replace(numbers[key], value=value, low=value, high=value)
        words |= {key: word for key, word in self.words.items() if key in words}
        return replace(spec, numbers=numbers, words=words)


@dataclass(frozen=True)
class Finding:
    """How much of a difference one cause could make.

    Attributes
    ----------
    cause : str
    side : str
        Which of the two has it.
    strength : float
        Factor, or 1 for a word.
    explained : float
        Share of the sum of logarithmic differences that is gone with it; may be below 0.
    against : str
        The row that fits worst, and what it would have had to be.
    """

    cause: str
    side: str
    strength: float
    explained: float
    against: str

    @property
    def verdict(self) -> str:
        """ "could", "in part" or "cannot"."""
        if self.explained >= COULD:
            return "could"
        return "in part" if self.explained >= PARTLY else "cannot"


def causes() -> list[Cause]:
    """The causes of the packaged list."""
    raw: list[dict[str, Any]] = read_toml(data_dir() / "host" / "causes.toml")["cause"]
    return [
        Cause(c["name"], tuple(c.get("numbers", ())), c.get("factor", 1.0), c.get("words", {}))
        for c in raw
    ]


def between(
    lines: Iterable[Line],
    labels: Sequence[str],
    setup: Setup,
    tick: Callable[[str], None] = lambda text: None,
) -> list[Finding]:
    """How much of the difference of two sides each cause could make, the most first.

    Raises
    ------
    UsageError
        If no row of both is modelled, or nothing differs.
    """
    base = _priced(lines, setup)
    if not base:
        raise UsageError("explain --between: no row of both files is modelled")
    seen = {line: math.log1p(line.change(1) or 0.0) for line in base}
    if all(abs(x) < SMALL for x in seen.values()):
        raise UsageError(f"explain --between: no row differs by more than {SMALL:.0%}")
    found = []
    for cause in causes():
        tick(cause.name)
        found.append(_best(cause, base, seen, labels, setup))
    return sorted(found, key=lambda f: -f.explained)


def _priced(lines: Iterable[Line], setup: Setup) -> dict[Line, float]:
    """Lines with their modelled value; those that are not modelled left out."""
    found = {}
    for line in lines:
        value = None if line.change(1) is None else _value(line.first, setup)
        if value is not None and value > 0:
            found[line] = value
    return found


def _value(row: Row, setup: Setup) -> float | None:
    try:
        answers = middle_rows(row.benchmark, row.args.split(), setup)
    except MkbenchError:
        return None
    return next((a.value for a in answers if (a.metric, a.unit) == (row.metric, row.unit)), None)


def _best(
    cause: Cause,
    base: Mapping[Line, float],
    seen: Mapping[Line, float],
    labels: Sequence[str],
    setup: Setup,
) -> Finding:
    tried = []
    for strength in cause.strengths():
        changed = replace(setup, spec=cause.applied(setup.spec, strength))
        moved = {
            line: math.log(max(_value(line.first, changed) or value, 1e-12) / value)
            for line, value in base.items()
        }
        for sign, side in ((1, labels[1]), (-1, labels[0])):
            left = {line: seen[line] - sign * moved[line] for line in base}
            whole = sum(abs(x) for x in seen.values())
            explained = 1 - sum(abs(x) for x in left.values()) / whole
            worst = max(left, key=lambda line: abs(left[line]))
            tried.append(
                Finding(
                    cause.name,
                    side,
                    cause.factor**strength,
                    explained,
                    _against(worst, seen[worst], sign * moved[worst]),
                )
            )
    return max(tried, key=lambda f: f.explained)


def _against(line: Line, seen: float, moved: float) -> str:
    row = line.first
    name = f"{row.benchmark} {row.args}".strip()
    return f"{name}: x {math.exp(seen):.2f}, would be x {math.exp(moved):.2f}"
