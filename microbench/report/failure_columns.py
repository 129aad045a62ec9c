"""What dies and what that costs, for people: a line per step or outcome, or per structure.

Knows the rows of `microbench.run.failure` and of `microbench.study.containment`. Refuses to know
widths, which `terminal` fits.
"""

from __future__ import annotations

from collections.abc import Sequence

from microbench.report.columns import Block, Column, count_text, range_text
from microbench.report.decimals import short
from microbench.row import Row

STEPS: Sequence[Column] = (
    Column("system", lambda r: r.system, left=True),
    Column("what", lambda r: r.metric, left=True),
    Column("value", count_text),
    Column("range", range_text, drop=1),
    Column("unit", lambda r: r.unit, left=True),
)
REQUESTS: Sequence[Column] = (
    Column("fs_op", lambda r: r.args.partition(" --fs ")[0], left=True),
    Column("structure", lambda r: r.system, left=True),
    Column("value", lambda r: f"{short(r.value)} {r.unit}"),
    Column("range", range_text, drop=1),
    Column("cycles", lambda r: str(r.cycles), drop=2),
)


def failure_blocks(rows: Sequence[Row]) -> list[Block]:
    """A line for each row of one call, which is named above."""
    first = rows[0]
    return [Block(f"{first.benchmark} {first.args}".strip(), STEPS, list(rows))]


def containment_blocks(rows: Sequence[Row]) -> list[Block]:
    """A line for each request and structure."""
    return [Block("", REQUESTS, list(rows))]
