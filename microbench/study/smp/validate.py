"""How far to trust the multiprocessor model: published series beside three predictions.

Knows: what is promised of a series (direction, onset within 1.5 times, level at the end within
40 %), that one curve of the model is judged once, and that a curve of CPUs that share nothing
cannot fail and is not judged. Refuses to set anything.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from microbench.reference.series import Series, load_series, load_statements
from microbench.row import Row
from microbench.smp.machine import load_machine
from microbench.study.smp.nearer import Errors, errors_of, nearer, said
from microbench.study.smp.predict import LAW_POINTS, Predicted, predicted
from microbench.study.smp.said import statement_row
from microbench.study.smp.seeds import disagree
from microbench.study.smp.shapes import shape

MODELS = {"engine": "", "queue": " (closed queue)", "law": " (USL of 4 points)"}
CALLED = {"engine": "engine", "queue": "queue", "law": "USL"}
WITHIN_CPUS = 1.5
WITHIN_LEVEL = 0.40


@dataclass(frozen=True)
class Judged:
    """One series with what the models say, and whether it is judged."""

    series: Series
    models: Predicted
    judged: bool


def judged_series(
    tick: Callable[[str], None] = lambda label: None, scaled: bool = False
) -> list[Judged]:
    """Every series predicted; the first of each modelled curve is judged if it can fail."""
    found, seen = [], set()
    for series in load_series():
        tick(series.name)
        models = predicted(series, scaled)
        curve = (series.operation, series.system, series.machine, series.shared, series.order)
        found.append(Judged(series, models, models.shares and curve not in seen))
        seen.add(curve)
    return found


def validate_rows(
    tick: Callable[[str], None] = lambda label: None, scaled: bool = False
) -> list[Row]:
    """Every point of every series by each model, its promises, then order and statements."""
    found = judged_series(tick, scaled)
    rows = [row for one in found for row in _series_rows(one, scaled)]
    rows += _order_rows(found)
    for statement in load_statements():
        tick(statement.name)
        rows.append(statement_row(statement))
    return rows


def _series_rows(one: Judged, scaled: bool) -> list[Row]:
    series = one.series
    metric, better = ("rate", "larger") if series.unit == "1/s" else ("latency", "smaller")
    rows = []
    for model, suffix in MODELS.items():
        values = getattr(one.models, model)
        fitted = LAW_POINTS if model == "law" else int(scaled)
        for i, (n, v, p) in enumerate(zip(series.cpus, values, series.values, strict=True)):
            role = "calibrate" if i < fitted else "predict"
            row = _row(series, f"--cpus {n}", metric + suffix, series.unit, better, v, p, role)
            ends = (one.models.low[i], one.models.high[i])
            rows.append(replace(row, low=ends[0], high=ends[1]) if model == "engine" else row)
        if one.judged:
            rows += _promises(series, values, suffix)
    scale = _row(series, "", "local work would have to be", "x", "smaller", one.models.scale, 1.0)
    return [*rows, replace(scale, role="check")]


def _promises(series: Series, values: Sequence[float], suffix: str) -> list[Row]:
    """Direction, and where the published curve bends its onset and its end."""
    ours = shape(series.cpus, series.rates(list(values)))
    theirs = shape(series.cpus, series.rates())
    same = float(ours.direction == theirs.direction)
    name = f"direction {theirs.direction}{suffix}"
    rows = [_row(series, "", name, "right", "larger", same, 1.0)]
    if theirs.direction != "scales":
        onsets = (ours.onset, theirs.onset)
        rows.append(_row(series, "", f"onset{suffix}", "cpus", "larger", *onsets))
    unit = "1/s" if series.unit == "1/s" else "1/cycle"
    rows.append(_row(series, "", f"end{suffix}", unit, "larger", ours.end, theirs.end))
    return rows


def promises_kept(series: Series, values: Sequence[float]) -> int:
    """How many promises a curve keeps."""
    return sum(bool(within(row)) for row in _promises(series, values, ""))


def _order_rows(found: Sequence[Judged]) -> list[Row]:
    """Of two systems at one operation and machine: is the one published as faster the faster?"""
    rows = []
    firsts = [one for one in found if one.judged or not one.models.shares]
    for i, a in enumerate(firsts):
        for b in firsts[i + 1 :]:
            x, y = a.series, b.series
            if (x.operation, x.machine) == (y.operation, y.machine):
                rows += [_pair(a, b, model, suffix) for model, suffix in MODELS.items()]
    return rows


def _pair(a: Judged, b: Judged, model: str, suffix: str) -> Row:
    ours = [one.series.rates(list(getattr(one.models, model)))[-1] for one in (a, b)]
    theirs = [one.series.rates()[-1] for one in (a, b)]
    same = float((ours[0] > ours[1]) == (theirs[0] > theirs[1]))
    args = f"against {b.series.name}"
    return _row(a.series, args, f"faster at the end{suffix}", "right", "larger", same, 1.0)


def _row(
    series: Series,
    args: str,
    metric: str,
    unit: str,
    better: str,
    value: float,
    published: float,
    role: str = "predict",
) -> Row:
    return Row(
        benchmark=f"smp_{series.operation}",
        args=f"{series.name} --shared {series.shared} {args}".strip(),
        machine=series.machine,
        system=series.system,
        metric=metric,
        unit=unit,
        better=better,
        value=value,
        published=published,
        published_source=series.source,
        error=value / published - 1,
        role=role,
        machine_hash=load_machine(series.machine).digest,
    )


def model_of(row: Row) -> str:
    """Which model a row is of."""
    return next(m for m, suffix in reversed(MODELS.items()) if row.metric.endswith(suffix))


def is_point(row: Row) -> bool:
    """Whether a row is one point of a series."""
    return row.metric.partition(" (")[0] in ("rate", "latency")


def within(row: Row) -> bool | None:
    """Whether a row meets its promise; None for a row that promises nothing.

    Direction and order right, onset within 1.5 times, end within 40 %; statements within 1.5
    times, "above" at least the value.
    """
    if row.published is None or row.error is None or row.role == "check" or is_point(row):
        return None
    if row.unit == "right":
        return row.value == 1.0
    if row.metric.startswith("end"):
        return abs(row.error) <= WITHIN_LEVEL
    if row.metric.endswith("above"):
        return row.error >= 0
    return 1 / WITHIN_CPUS <= 1 + row.error <= WITHIN_CPUS


def summary(rows: Sequence[Row]) -> dict[str, float]:
    """Per model: promises kept, of how many, and the median error of predicted points."""
    found: dict[str, float] = {}
    for model in MODELS:
        own = [r for r in rows if model_of(r) == model and (model == "engine" or not _said(r))]
        kept = [w for w in map(within, own) if w is not None]
        errors = [abs(r.error) for r in own if is_point(r) and r.role == "predict" and r.error]
        key = "" if model == "engine" else f"{model}_"
        found[f"{key}promises_kept"] = float(sum(kept))
        found[f"{key}promises"] = float(len(kept))
        found[f"{key}point_median_error"] = statistics.median(errors) if errors else 0.0
    return {**found, **_beyond(rows)}


def _said(row: Row) -> bool:
    return row.unit not in ("right", "cpus", "1/s", "1/cycle", "cycles")


def _beyond(rows: Sequence[Row]) -> dict[str, float]:
    """Median errors at the points the law has not seen, the same for all models."""
    unseen = errors_of(rows, lambda r: _point_of(r, "law") and r.role == "predict")
    return {
        f"{model}_unseen_median_error": statistics.median(
            abs(error) for key, error in _errors(rows, model).items() if key in unseen
        )
        for model in MODELS
    }


def _point_of(row: Row, model: str) -> bool:
    return is_point(row) and model_of(row) == model


def _errors(rows: Sequence[Row], model: str) -> Errors:
    return errors_of(rows, lambda r: _point_of(r, model))


def against(rows: Sequence[Row], other: str = "law") -> str:
    """The engine against another model at the points that the law has not seen, in words."""
    unseen = errors_of(rows, lambda r: _point_of(r, "law") and r.role == "predict")
    theirs = {key: error for key, error in _errors(rows, other).items() if key in unseen}
    return said(nearer(_errors(rows, "engine"), theirs), "the engine", CALLED[other])


def misses(rows: Sequence[Row]) -> list[str]:
    """One line per promise of the engine that was not kept."""
    return [
        f"miss: {r.args} {r.metric}: model {r.value:.4g}, published {r.published:.4g} {r.unit}"
        for r in rows
        if model_of(r) == "engine" and within(r) is False
    ]


def scores(rows: Sequence[Row]) -> list[str]:
    """The score of each of the three models, in words."""
    s = summary(rows)
    lines = []
    for model in MODELS:
        key = "" if model == "engine" else f"{model}_"
        lines.append(
            f"{CALLED[model]:7} {s[key + 'promises_kept']:.0f} of {s[key + 'promises']:.0f} "
            f"promises kept; median error {100 * s[key + 'point_median_error']:.0f} %, "
            f"where USL is no fit {100 * s[model + '_unseen_median_error']:.0f} %"
        )
    return lines


def remarks(rows: Sequence[Row]) -> list[str]:
    """Where seeds disagree, what was chosen in sight of a series, and every miss."""
    lines = [
        f"seeds disagree: {r.args}: {r.low:.4g} to {r.high:.4g} {r.unit}"
        for r in rows
        if disagree(r)
    ]
    lines += [f"chosen in sight: {x.name}: {x.chosen}" for x in load_series() if x.chosen]
    return [*lines, *misses(rows)]


def series_of(row: Row) -> str:
    """The series a row belongs to."""
    return row.args.partition(" ")[0]
