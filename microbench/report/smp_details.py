"""The validation of many CPUs at length: a block a series, every point, and what was chosen.

Knows: rows of `validate_rows`. Refuses to judge anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from microbench.report.smp_screen import screen
from microbench.row import Row
from microbench.study.smp.grid import filled
from microbench.study.smp.otherwise import otherwise, said
from microbench.study.smp.validate import MODELS, is_point, model_of, remarks, series_of

HEAD = f"{'CPUs':>5}{'published':>13}{'engine':>13}{'seeds':>25}{'engine':>8}{'queue':>8}{'USL':>8}"


def details(rows: Sequence[Row]) -> str:
    """Every point with the errors of the three models in %, then the screen and the remarks."""
    names = dict.fromkeys(series_of(r) for r in rows if is_point(r))
    blocks = [_block([r for r in rows if series_of(r) == name]) for name in names]
    lines = [*said(otherwise()), *remarks(rows)]
    text = "\n".join(filled(line, "  ") for line in lines)
    note = "* the fit has seen this point; errors in %, seeds: least and most of them"
    return "\n\n".join([*blocks, note, screen(rows), text])


def _block(own: Sequence[Row]) -> str:
    points: dict[int, dict[str, Row]] = {}
    for row in own:
        if is_point(row):
            points.setdefault(int(row.args.split("--cpus ")[1]), {})[model_of(row)] = row
    first = next(iter(points.values()))["engine"]
    scale = next((r.value for r in own if r.metric.startswith("local work")), 1.0)
    head = f"{series_of(first)}: {first.benchmark.removeprefix('smp_')} of {first.system}"
    head += f" on {first.machine}, {first.unit}; local work would have to be {scale:.2f} times"
    lines = [filled(head, "  "), HEAD]
    return "\n".join([*lines, *(_line(n, models) for n, models in points.items())])


def _line(n: int, models: dict[str, Row]) -> str:
    row = models["engine"]
    ends = f"{row.low:.0f}..{row.high:.0f}" if row.low is not None and row.high is not None else ""
    errors = "".join(f"{_error(models[model]):>8}" for model in MODELS)
    return f"{n:5}{row.published:13.0f}{row.value:13.0f}{ends:>25}{errors}"


def _error(row: Row) -> str:
    mark = "*" if row.role == "calibrate" else ""
    return f"{100 * (row.error or 0):+.0f}{mark}"
