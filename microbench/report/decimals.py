"""How many digits a value is shown with: for people in a terminal, and fixed for print.

Knows units only. Files for machines (CSV, JSON) do not pass through here: they carry the
shortest text that reads back as the same number.
"""

from __future__ import annotations

import math

DECIMALS = {"us": 2, "MB/s": 2, "jobs/min": 2, "cycles": 0, "ratio": 2}
"""Fixed decimals by unit, for tables set in print."""


def fixed(value: float | None, unit: str) -> str:
    """The value with its unit's fixed number of decimals; "" for None."""
    return "" if value is None else f"{value:.{DECIMALS.get(unit, 3)}f}"


def short(value: float | None, digits: int = 4) -> str:
    """The value with about `digits` significant digits and never an exponent; "" for None."""
    if value is None:
        return ""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{value:.{min(max(decimals, 0), 9)}f}"


def printed(value: float | None) -> str:
    """A published value as it was printed: no digit added, none dropped."""
    if value is None:
        return ""
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(value)


def percent(share: float | None) -> str:
    """A relative error as signed per cent, e.g. "-4.1 %"; "" for None."""
    if share is None:
        return ""
    decimals = 0 if abs(share) >= 0.9995 else 1
    return f"{100 * share:+.{decimals}f} %"
