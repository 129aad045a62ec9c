"""A comparison of two results in every output form.

Knows headings and sentences; the judgement is made in `bench.compare`.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from typing import Any

from microbench.report.columns import CHANGE_COLUMNS, Block
from microbench.report.dashboards import junit_comparison
from microbench.report.export import latex, markdown
from microbench.report.grids import Grid, grid
from microbench.report.terminal import print_changes, rendered
from microbench.row import Row
from microbench.store.compare import Comparison, Match

HEADING = (
    *("benchmark", "args", "machine", "system", "metric", "unit", "better"),
    *("old", "new", "cycles_old", "cycles_new", "change", "tolerance", "verdict"),
)


def changes_text(
    comparison: Comparison, form: str, only_worse: bool = False, everything: bool = False
) -> str:
    """A comparison as text.

    Parameters
    ----------
    comparison : Comparison
    form : str
        "table", "csv", "json", "markdown", "latex" or "junit". CSV, JSON and JUnit hold all
        rows, the others those that differ.
    only_worse : bool
        Whether an improvement passes.
    everything : bool
        All rows in the other forms, too.
    """
    shown = [m for m in comparison.matched if everything or m.verdict != "same"]
    if form == "csv":
        return _csv(comparison)
    if form == "json":
        return _json(comparison, only_worse)
    if form == "junit":
        return junit_comparison(comparison, only_worse)
    sentences = summary(comparison, only_worse)
    if form == "table":
        table = rendered(print_changes, shown, "mkbench compare") if shown else ""
        return table + "\n".join(sentences) + "\n"
    if form == "markdown":
        return markdown(_grid(shown), "mkbench compare") + "\n" + _bullets(sentences)
    return latex(_grid(shown), "mkbench compare. " + " ".join(sentences), "mkbench-compare")


def summary(comparison: Comparison, only_worse: bool = False) -> list[str]:
    """Sentences: rows matched, failed, added, removed, and the geometric means."""
    failed = len(comparison.failures(only_worse))
    matched = len(comparison.matched)
    found = [f"matched {matched}: {matched - failed} as allowed, {failed} not"]
    found += _named("added", comparison.added) + _named("removed", comparison.removed)
    for metric, (mean, count) in comparison.means().items():
        name = metric.replace("_", " ")
        found.append(f"{name}: geometric mean speed new/old {mean:.4f} over {count} rows")
    return found


def _named(what: str, rows: Iterable[Row]) -> list[str]:
    names = [" ".join(part for part in row.key if part) for row in rows]
    return [f"{what} {len(names)}: " + "; ".join(names)] if names else []


def _bullets(sentences: Iterable[str]) -> str:
    return "".join(f"- {sentence}\n" for sentence in sentences)


def _grid(matches: Iterable[Match]) -> Grid:
    return grid(Block("", CHANGE_COLUMNS, list(matches)))


def _records(comparison: Comparison) -> list[dict[str, Any]]:
    lines = [_record(m.old, m.new, m.change, m.tolerance, m.verdict) for m in comparison.matched]
    lines += [_record(None, row, None, None, "added") for row in comparison.added]
    return lines + [_record(row, None, None, None, "removed") for row in comparison.removed]


def _record(
    old: Row | None, new: Row | None, change: float | None, tolerance: float | None, verdict: str
) -> dict[str, Any]:
    row = new or old
    assert row is not None
    finite = change if change is None or math.isfinite(change) else None
    cells = (
        *(row.benchmark, row.args, row.machine, row.system, row.metric, row.unit, row.better),
        *(old and old.value, new and new.value, old and old.cycles, new and new.cycles),
        *(finite, tolerance, verdict),
    )
    return dict(zip(HEADING, cells, strict=True))


def _csv(comparison: Comparison) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADING, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_records(comparison))
    return out.getvalue()


def _json(comparison: Comparison, only_worse: bool) -> str:
    means = {k: {"speed": mean, "rows": count} for k, (mean, count) in comparison.means().items()}
    body = {
        "summary": {
            "failed": comparison.failed(only_worse),
            "matched": len(comparison.matched),
            "differ": len(comparison.failures(only_worse)),
            "added": len(comparison.added),
            "removed": len(comparison.removed),
            "geometric_means": means,
        },
        "rows": _records(comparison),
    }
    return json.dumps(body, indent=1, allow_nan=False) + "\n"
