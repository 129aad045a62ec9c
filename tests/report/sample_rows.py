"""Rows for tests: every published value off by a seeded factor, so that nothing is exact."""

from __future__ import annotations

import random

from microbench.reference.compare import annotate
from microbench.reference.load import packaged
from microbench.row import Row


def sample_rows(table: str = "", seed: int = 1) -> list[Row]:
    """Annotated rows of one talk table (all without a name), plus native-fass ones."""
    draw = random.Random(seed)
    rows = []
    for p in packaged():
        if table not in ("", p.table):
            continue
        value = p.value * draw.uniform(0.8, 1.3)
        what = (p.benchmark, p.args, p.machine)
        how = (p.metric, p.unit, p.better)
        cycles = round(value * 400) if p.unit == "us" else None
        rows.append(Row(*what, p.system, *how, value, cycles, machine_hash="0123abcd"))
        if p.system == "native":
            rows.append(Row(*what, "native-fass", *how, value * 0.9, machine_hash="0123abcd"))
    return annotate(rows)
