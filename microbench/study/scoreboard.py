"""How far to trust the model: errors, who wins, and what happens when a row is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from microbench.row import Row
from microbench.run.setup import NONE, Setup, load_calibration, prepare
from microbench.study.calibrate import Pair, pairs
from microbench.study.choices import choices
from microbench.study.leaveout import left_out
from microbench.study.ranges import ranged
from microbench.study.tables import table_rows, value_rows
from microbench.study.values import Value, evaluate, informative, winners


@dataclass(frozen=True)
class Summary:
    """The scoreboard in numbers; errors are absolute shares over values with role predict.

    Attributes
    ----------
    predict_median_error, predict_mean_error : float
    informative_median_error : float
        Over the predicted values that could have missed, see `values.informative`.
    informative_values, choices : int
        How many they are; how many choices stand behind the rows, see `choices`.
    coverage_90 : float
        Share of all published values that were not calibrated on inside their 90 % ranges.
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
    informative_median_error: float
    informative_values: int
    choices: int
    coverage_90: float


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
        informative_median_error=median(abs(v.error) for v in informative(values)),
        informative_values=len(informative(values)),
        choices=len(choices()),
        coverage_90=covered(setup),
    )


def covered(setup: Setup) -> float:
    """Share of published values inside the 90 % ranges, over all tables with ranges."""
    inside = [
        row.low <= row.published <= row.high
        for row in ranged_values(setup)
        if row.low is not None and row.high is not None and row.published is not None
    ]
    return mean(inside)


def ranged_values(setup: Setup) -> list[Row]:
    """Rows of all tables whose published value no number was set on, with their ranges."""
    talk = value_rows(evaluate(setup), setup)
    rows = [*ranged(talk, setup), *table_rows("ipc")]
    return [row for row in rows if row.published is not None and row.role != "calibrate"]


def calibrated_count() -> int:
    """How many numbers are calibrated; a clock pair counts as one."""
    rows = load_calibration().rows
    return len(rows) - ("machine:pxa255:sdram.clock_hz" in rows)


def evidence() -> list[Pair]:
    """What every legal clock pair would need."""
    return pairs(prepare("pxa255", (), NONE))
