"""Calibrated numbers held against other rows: each row left out, each row alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from statistics import median

from microbench.reference.load import Published
from microbench.run.runner import IMAGE_PAGES
from microbench.run.setup import Setup
from microbench.study.calibrate import (
    CLOCK_ROW,
    FILL_BOUNDS,
    FILL_KEY,
    FLOAT_ROW,
    GLUE_BOUNDS,
    PAGES_ROW,
    Target,
    bisect,
    crossing,
    float_scale,
    image_pages,
    with_numbers,
)
from microbench.study.values import Value, evaluate, talk_values

ALTERNATES = {
    "lat_ctx -s 0 2 native": (FILL_KEY, FILL_BOUNDS, Target("lat_pipe", "", "native"), 1),
    "lat_syscall null l4": ("scale:l4linux", GLUE_BOUNDS, Target("lat_ctx", "-s 0 1", "l4"), 1),
}
"""For rows that a bisection is set on: the number, its bounds, the row it is set on when that row
is left out, and the sign of its effect. The clock is a choice among pairs, and the next
candidate row, the native null call, chooses the same pair."""
SHOWN = 16
"""Halvings of a number's bounds that what is shown of it needs."""
OTHER_PAGES = Target("lat_proc", "exec", "native", "predict")
OTHER_FLOAT = Target("reaim", "2", "native", "predict")


def left_out(setup: Setup) -> dict[str, float]:
    """Error of each calibrated row when its number is set on another row."""
    found = {}
    for name, (key, bounds, other, sign) in ALTERNATES.items():
        changed = set_on(setup, key, bounds, other, sign)
        wanted = [p for p in talk_values() if p.name == name]
        found[name] = evaluate(changed, wanted)[0].error
    found[CLOCK_ROW.text] = CLOCK_ROW.error(setup)
    pages = image_pages(setup, OTHER_PAGES)
    found[PAGES_ROW.text] = PAGES_ROW.error(
        replace(setup, workload={**setup.workload, IMAGE_PAGES: pages})
    )
    found[FLOAT_ROW.text] = FLOAT_ROW.error(
        with_number(setup, "scale:softfloat", float_scale(setup, OTHER_FLOAT))
    )
    return found


def set_on(setup: Setup, key: str, bounds: tuple[float, float], row: Target, sign: int) -> Setup:
    """The setup with one calibrated number set on any row."""
    wanted = [p for p in talk_values() if p.name == row.text]
    if not wanted:
        return setup

    def error(value: float) -> float:
        return sign * evaluate(with_number(setup, key, value), wanted)[0].error

    return with_number(setup, key, bisect(error, *bounds))


def with_number(setup: Setup, key: str, value: float) -> Setup:
    """The setup with one number, of the machine or a scale, changed."""
    if key.startswith("scale:"):
        return replace(setup, scales={**setup.scales, key.removeprefix("scale:"): value})
    return with_numbers(setup, {key: value})


def implied(setup: Setup) -> dict[str, dict[str, float | None]]:
    """Per number, the value each row alone would give; None where the row does not reach.

    Rows that depend on a number say whether they agree about it.
    """
    found: dict[str, dict[str, float | None]] = {}
    for key, bounds, _, _ in ALTERNATES.values():
        found[key] = {
            p.name: _implied(setup, key, bounds, p) for p in talk_values() if _fits(key, p)
        }
    return found


def _fits(key: str, p: Published) -> bool:
    return p.role != "check" and (not key.startswith("scale:") or p.system == "l4")


def _implied(
    setup: Setup, key: str, bounds: tuple[float, float], wanted: Published
) -> float | None:
    @cache
    def error(value: float) -> float:
        return evaluate(with_number(setup, key, value), [wanted])[0].error

    low, high = error(bounds[0]), error(bounds[1])
    if abs(low - high) < 0.05 or low * high > 0:
        return None
    sign = 1 if low < high else -1
    return crossing(lambda v: sign * error(v), *bounds, SHOWN)


def native_only(values: Sequence[Value], setup: Setup) -> float:
    """Median error of the l4 column where only native rows calibrate: the glue stays as it
    was estimated."""
    kept = {name: scale for name, scale in setup.scales.items() if name != "l4linux"}
    plain = replace(setup, scales=kept)
    wanted = [
        v.published for v in values if v.published.system == "l4" and v.published.role != "check"
    ]
    return median(abs(v.error) for v in evaluate(plain, wanted))
