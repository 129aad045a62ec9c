"""Elasticities as text: the strongest numbers of each row, or a tidy table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from microbench.study.sensitivity import PATHS, Elasticity

COLUMNS = ("benchmark", "args", "system", "metric", "number", "base", "value")


def csv_text(found: Sequence[Elasticity]) -> str:
    """One line per row and number; the last column is the elasticity."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*COLUMNS[:-1], "elasticity"))
    writer.writerows([getattr(one, name) for name in COLUMNS] for one in found)
    return out.getvalue()


def json_text(found: Sequence[Elasticity], provenance: Mapping[str, str]) -> str:
    """The same as JSON, with where it comes from."""
    entries = [
        {("elasticity" if k == "value" else k): v for k, v in asdict(one).items()} for one in found
    ]
    return json.dumps({"provenance": dict(provenance), "elasticities": entries}, indent=1) + "\n"


def by_row(found: Sequence[Elasticity]) -> dict[str, list[Elasticity]]:
    """Elasticities of each row's main metric, the first one it reports."""
    rows: dict[str, list[Elasticity]] = {}
    for one in found:
        rows.setdefault(one.row, []).append(one)
    return {row: [o for o in ones if o.metric == ones[0].metric] for row, ones in rows.items()}


def short_name(number: str) -> str:
    """A number's name as a figure or table shows it."""
    if not number.startswith(PATHS):
        return number
    path = number.removeprefix(PATHS)
    return f"{'user' if path.startswith('/') else ''}{path} instructions"


def table_text(found: Sequence[Elasticity], top: int) -> str:
    """Per row the numbers it hangs on most, one line each."""
    lines = ["Elasticity: by how many per cent the row changes for one per cent of the number", ""]
    for row, ones in by_row(found).items():
        ranked = sorted(ones, key=lambda o: (-abs(o.value), o.number))
        shown = [o for o in ranked if abs(o.value) >= 0.005][:top]
        lines.append(row)
        lines += [f"  {o.value:+6.2f}  {short_name(o.number)}" for o in shown]
    return "\n".join(lines) + "\n"
