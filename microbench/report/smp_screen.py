"""The validation on one screen: a line per series, three models side by side.

Knows which of the rows of `validate_rows` say how a curve bends and where it ends. Refuses to
judge anew: promises and errors are those of the rows.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from microbench.report.decimals import short
from microbench.row import Row
from microbench.study.smp.grid import filled
from microbench.study.smp.validate import (
    CALLED,
    MODELS,
    against,
    is_point,
    model_of,
    scores,
    series_of,
    within,
)

HEADS = ("onset, x published", "end, x published", "points, median")
GROUP = 20
NAMED = 20
CELL = 6
MORE = (
    "engine: this model; queue: a closed queue with the same work; USL: a fit of the",
    "first four points, judged by those after them. Onset and end: 1 is as published,",
    "! beyond 1.5 times, or 40 %.",
    "",
    "mkbench validate smp --all  every point, scale, choice and miss",
)


def screen(rows: Sequence[Row]) -> str:
    """The series, what is promised of orders and statements, and the score.

    Parameters
    ----------
    rows : sequence of Row
        Those of `validate_rows`.
    """
    lines = ["Multiprocessor model against published series", ""]
    lines.append(" " * NAMED + "".join(f"{head:>{GROUP}}" for head in HEADS).rstrip())
    models = "".join(f"{CALLED[model]:>{CELL}}" for model in MODELS)
    lines.append(" " * NAMED + f"{models:>{GROUP}}" * len(HEADS))
    judged = {series_of(r): r for r in rows if r.metric.startswith("direction")}
    lines += [_line(name, rows) for name in judged]
    lines += ["", *_promised(rows, "faster at the end", "the faster system at the end")]
    lines += _promised(rows, "direction", "saturates, collapses or scales as published")
    lines += ["", *_statements(rows), "", *scores(rows), *_nearer(rows), "", *MORE]
    return "\n".join(lines)


def _line(name: str, rows: Sequence[Row]) -> str:
    own = [r for r in rows if series_of(r) == name]
    cells = [_times(own, "onset"), _times(own, "end"), [_error(own, m) for m in MODELS]]
    return (f"{name:{NAMED}}" + "".join(f"{''.join(group):>{GROUP}}" for group in cells)).rstrip()


def _times(own: Sequence[Row], metric: str) -> list[str]:
    """Model over published of each model; a mark where the promise is not kept."""
    found = {model_of(r): r for r in own if r.metric.partition(" (")[0] == metric}
    return [_time(found.get(model)) for model in MODELS]


def _time(row: Row | None) -> str:
    if row is None or row.error is None:
        return " " * CELL
    mark = " " if within(row) else "!"
    times = 1 + row.error
    return f"{f'{times:.2f}' if times < 10 else short(times, 3):>{CELL - 1}}{mark}"


def _error(own: Sequence[Row], model: str) -> str:
    errors = [
        abs(r.error)
        for r in own
        if is_point(r) and model_of(r) == model and r.role == "predict" and r.error is not None
    ]
    return f"{statistics.median(errors):{CELL}.0%}" if errors else " " * CELL


def _promised(rows: Sequence[Row], metric: str, said: str) -> list[str]:
    """In how many cases each model is right."""
    asked = [r for r in rows if r.metric.startswith(metric)]
    right = {m: sum(bool(within(r)) for r in asked if model_of(r) == m) for m in MODELS}
    found = ", ".join(f"{CALLED[model]} {count}" for model, count in right.items())
    return [f"{said}, of {len(asked) // len(MODELS)}: {found}"]


def _statements(rows: Sequence[Row]) -> list[str]:
    """What was said in words or as a single number."""
    return [
        f"{series_of(r)}, {r.metric.replace('_', ' ')}: {r.value:.3g}, published {r.published:.3g}"
        f"{'' if within(r) else ' !'}"
        for r in rows
        if is_statement(r)
    ]


def _nearer(rows: Sequence[Row]) -> list[str]:
    """The engine against the other two at points the fit has not seen."""
    return [filled(against(rows, model), "  ") for model in ("law", "queue")]


def is_statement(row: Row) -> bool:
    """Whether a row is a published statement, not part of a series."""
    known = ("direction", "onset", "end", "faster", "local work")
    return not is_point(row) and not row.metric.startswith(known)
