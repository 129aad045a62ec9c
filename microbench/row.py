"""One measured value and its tidy form: the columns every table, file and gate shares."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

MODEL_VERSION = "4"
"""Raised whenever the same input may give other integers than before."""

ROLES = ("calibrate", "check", "predict", "measured")
"""What a row's published value is for: a number was set on it, it tests user code only, it
judges the model. "measured": the row's own value was measured, not modelled."""


@dataclass(frozen=True)
class Row:
    """One (benchmark, args, machine, system, metric), in the column order of every export.

    Attributes
    ----------
    benchmark, args, machine, system, metric : str
        What was run; `args` is the lmbench argument string.
    unit : str
        Unit of `value`, e.g. "us", "MB/s", "cycles".
    better : str
        "smaller" or "larger".
    value : float
        The modelled value [unit]; `NO_VALUE` where there is none, whose reason is the note.
    cycles : int or None
        Core cycles behind the value, per operation, where there are any.
    published : float or None
        The published value [unit], and `published_source` its table and row.
    error : float or None
        value / published - 1.
    role : str
        One of `ROLES`, "" where nothing is published.
    machine_hash, model_version : str
        What was modelled.
    low, high : float or None
        What the stated ranges of the guesses allow [unit], where that was worked out.
    note : str
        What a reader must know beside the value, in a few words: "below the overhead",
        "replayed as recorded"; a caveat of the machine. Several are joined by "; ".
    """

    benchmark: str
    args: str
    machine: str
    system: str
    metric: str
    unit: str
    better: str
    value: float
    cycles: int | None = None
    published: float | None = None
    published_source: str = ""
    error: float | None = None
    role: str = ""
    machine_hash: str = ""
    model_version: str = MODEL_VERSION
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def is_result(self) -> bool:
        """Whether the value says anything; see `NO_RESULT` and `NO_VALUE`."""
        return self.has_value and NO_RESULT not in self.note.split("; ")

    @property
    def has_value(self) -> bool:
        """Whether there is one."""
        return not math.isnan(self.value)

    @property
    def result(self) -> float | None:
        """The value, None where it is none [unit]."""
        return self.value if self.is_result else None

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What names the row in a baseline."""
        return (self.benchmark, self.args, self.machine, self.system, self.metric)

    def as_dict(self) -> dict[str, Any]:
        """The row as a mapping in column order; no value, of which a note says why, is None."""
        found = asdict(self)
        return found if self.has_value or not self.note else {**found, "value": None}


NO_VALUE = math.nan
NO_RESULT = "below the overhead"
"""Note of a row whose value is no larger than what the overhead taken off varies by."""


def speed_ratio(base: float | None, other: float | None, better: str) -> float | None:
    """Speed of `other` relative to `base`: above 1, `other` is the faster one.

    None where one is missing, or is no result: zero, or below the overhead taken off.
    """
    if base is None or other is None or base <= 0 or other <= 0:
        return None
    return base / other if better == "smaller" else other / base


COLUMNS = tuple(Row.__dataclass_fields__)
