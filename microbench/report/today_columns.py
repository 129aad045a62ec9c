"""Columns of the table of today's machines, and its score; of then and now beside each other.

Knows lines of `microbench.study.today`. Refuses to know how a number was made.
"""

from __future__ import annotations

from collections.abc import Sequence

from microbench.report.columns import Block, Column, error_text
from microbench.report.decimals import percent, printed, short
from microbench.row import Row
from microbench.study.today import TodayLine, scores, today_lines

LEGEND = (
    "Each value is modelled at its board's clock; the board in the middle is shown, the error is "
    "the median over the boards. low to high: all stated ranges at one end. role: * a number was "
    "calibrated on a board of this row, c only tests an assumption, no mark = predicted."
)
SCORE_LEGEND = (
    "Predicted values only. inside: within low and high. in order: pairs of rows of a board that "
    "stand in the measured order."
)


def _range(row: Row) -> str:
    if row.low is None or row.high is None:
        return ""
    return f"{short(row.low)} to {short(row.high)}"


def _with_range(line: TodayLine) -> str:
    ends = (short(end, 3) for end in (line.row.low, line.row.high))
    return (
        f"{short(line.row.value)}\n{'-'.join(ends)}" if _range(line.row) else short(line.row.value)
    )


TODAY_COLUMNS = (
    Column("machine", lambda x: x.row.machine, left=True),
    Column("benchmark", lambda x: f"{x.row.benchmark} {x.row.args}".strip(), left=True, stack=True),
    Column("unit", lambda x: x.row.unit, left=True),
    Column("modelled", lambda x: short(x.row.value), narrow=_with_range),
    Column("low to high", lambda x: _range(x.row), drop=3, folded=True),
    Column("measured", lambda x: printed(x.row.published)),
    Column("error", lambda x: error_text(x.error, x.role)),
    Column("boards", lambda x: str(x.boards), drop=2),
    Column("board in the middle", lambda x: x.row.published_source, drop=4, left=True),
)
SCORE_COLUMNS = (
    Column("machines", lambda x: x.machine, left=True),
    Column("values", lambda x: str(x.values)),
    Column("median error", lambda x: percent(x.median_error).lstrip("+")),
    Column("within 25 %", lambda x: percent(x.within_25).lstrip("+")),
    Column("inside", lambda x: percent(x.inside).lstrip("+")),
    Column("in order", lambda x: percent(x.ordered).lstrip("+")),
)


def today_blocks(rows: Sequence[Row]) -> list[Block]:
    """Every row of every machine, then how far each machine is to be trusted."""
    lines, judged = today_lines(rows), scores(rows)
    return [
        Block("", TODAY_COLUMNS, lines, LEGEND),
        Block("how far to trust it", SCORE_COLUMNS, judged, SCORE_LEGEND),
    ]
