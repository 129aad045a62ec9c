"""How many digits a value is shown with, the same on a screen and in print.

Files for machines (CSV, JSON) do not pass through here: they carry the
shortest text that reads back as the same number.
"""

from __future__ import annotations

import math


def short(value: float | None, digits: int = 4) -> str:
    """The value with about `digits` significant digits, an exponent only from 1e15; "" for None."""
    if value is None:
        return ""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) >= 1e15:
        return f"{value:.{digits - 1}e}"
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
