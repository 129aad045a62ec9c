"""How far to trust the model: errors, who wins, and what happens when a row is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from microbench.reference.load import Published
from microbench.run.setup import NONE, Setup, load_calibration, prepare
from microbench.study.calibrate import (
    FILL_BOUNDS,
    FILL_KEY,
    GLUE_BOUNDS,
    WRITE_BOUNDS,
    WRITE_KEY,
    Pair,
    Target,
    bisect,
    pairs,
    with_numbers,
)
from microbench.study.values import Value, evaluate, talk_values, winners

ALTERNATES = {
    "lat_ctx -s 0 2 native": (FILL_KEY, FILL_BOUNDS, Target("lat_pipe", "", "native"), 1),
    "bw_mem 1024 wr native": (WRITE_KEY, WRITE_BOUNDS, Target("bw_mem", "1024 wr", "l4"), -1),
    "lat_syscall null l4": ("scale:l4linux", GLUE_BOUNDS, Target("lat_ctx", "-s 0 1", "l4"), 1),
}
"""For each calibrated row but the clock's: the number, its bounds, the row it is set on when
that row is left out, and the sign of its effect. The clock is a choice among pairs, and the
next candidate row, the native null call, chooses the same pair."""


@dataclass(frozen=True)
class Summary:
    """The scoreboard in numbers; errors are absolute shares over values with role predict.

    Attributes
    ----------
    predict_median_error, predict_mean_error : float
    share_within_10, share_within_25 : float
    calibrated_numbers, winners_right, winners_total : int
    leave_one_out_median : float
        Median over predicted and calibrated values, each calibrated row predicted with its
        number set on another row.
    """

    predict_median_error: float
    predict_mean_error: float
    share_within_10: float
    share_within_25: float
    calibrated_numbers: int
    winners_right: int
    winners_total: int
    leave_one_out_median: float


def summary(values: Sequence[Value], setup: Setup) -> Summary:
    """The numbers of the scoreboard."""
    errors = [abs(v.error) for v in values if v.published.role == "predict"]
    who = winners(values)
    right = sum(published == modelled for published, modelled in who.values())
    return Summary(
        predict_median_error=median(errors),
        predict_mean_error=mean(errors),
        share_within_10=mean(e <= 0.10 for e in errors),
        share_within_25=mean(e <= 0.25 for e in errors),
        calibrated_numbers=calibrated_count(),
        winners_right=right,
        winners_total=len(who),
        leave_one_out_median=median(errors + [abs(e) for e in left_out(setup).values()]),
    )


def calibrated_count() -> int:
    """How many numbers are calibrated; a clock pair counts as one."""
    rows = load_calibration().rows
    return len(rows) - ("machine:pxa255:sdram.clock_hz" in rows)


def left_out(setup: Setup) -> dict[str, float]:
    """Error of each calibrated row when its number is set on another row."""
    found = {}
    for name, (key, bounds, other, sign) in ALTERNATES.items():
        changed = set_on(setup, key, bounds, other, sign)
        wanted = [p for p in talk_values() if p.name == name]
        found[name] = evaluate(changed, wanted)[0].error
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
    def error(value: float) -> float:
        return evaluate(with_number(setup, key, value), [wanted])[0].error

    low, high = error(bounds[0]), error(bounds[1])
    if abs(low - high) < 0.05 or low * high > 0:
        return None
    sign = 1 if low < high else -1
    return bisect(lambda v: sign * error(v), *bounds)


def native_only(values: Sequence[Value], setup: Setup) -> float:
    """Median error of the l4 column where only native rows calibrate: the glue stays as it
    was estimated."""
    kept = {name: scale for name, scale in setup.scales.items() if name != "l4linux"}
    plain = replace(setup, scales=kept)
    wanted = [
        v.published for v in values if v.published.system == "l4" and v.published.role != "check"
    ]
    return median(abs(v.error) for v in evaluate(plain, wanted))


def evidence() -> tuple[list[Pair], Setup]:
    """What every legal clock pair would need, and the nominal machine."""
    nominal = prepare("pxa255", (), NONE)
    return pairs(nominal), nominal
