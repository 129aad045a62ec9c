"""Columns of the table of kernels then and now, and of one recorded kernel's operations.

Knows the rows of `microbench.study.kernels`. Refuses to know how a number was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from microbench.recording.strings import FETCH, LOAD, STORE, String
from microbench.report.columns import Block, Column
from microbench.report.decimals import short
from microbench.report.terminal import print_table
from microbench.row import Row

LEGEND = (
    "Both kernels replayed on one machine, each from its own recording (then: ARM of 2005, "
    "without cache flushes; now: the machine's instruction set). grew most: sub-paths and the "
    "instructions they have more."
)


class ThenAndNow(dict[tuple[str, int], Row]):
    """The rows of one operation by metric, of the old kernel (0) and the new one (1)."""

    @property
    def row(self) -> Row:
        """One of them."""
        return self["cycles", 1]

    def times(self, metric: str) -> float:
        """How much more it is now."""
        return self[metric, 1].value / self[metric, 0].value

    def lines(self, when: int) -> str:
        """Lines of code and of data."""
        return f"{self['code_lines', when].value:.0f}, {self['data_lines', when].value:.0f}"


KERNEL_COLUMNS = (
    Column("operation", lambda x: x.row.args, left=True),
    Column("instr.\nthen", lambda x: f"{x['instructions', 0].value:,.0f}"),
    Column("instr.\nnow", lambda x: f"{x['instructions', 1].value:,.0f}"),
    Column("times", lambda x: f"{x.times('instructions'):.1f}"),
    Column("lines I, D\nthen", lambda x: x.lines(0), drop=2),
    Column("lines I, D\nnow", lambda x: x.lines(1), drop=2),
    Column("cycles\nthen", lambda x: short(x["cycles", 0].value)),
    Column("cycles\nnow", lambda x: short(x["cycles", 1].value)),
    Column("times\n(cycles)", lambda x: f"{x.times('cycles'):.1f}"),
    Column("grew most", lambda x: x["instructions", 1].note, drop=3, left=True),
)


def kernel_blocks(rows: Sequence[Row]) -> list[Block]:
    """How much longer each path became, and by what: a line for each operation."""
    systems = list(dict.fromkeys(row.system for row in rows))
    lines: dict[str, ThenAndNow] = {}
    for row in rows:
        lines.setdefault(row.args, ThenAndNow())[row.metric, systems.index(row.system)] = row
    return [Block("", KERNEL_COLUMNS, list(lines.values()), LEGEND)]


OPERATION_LEGEND = (
    "Of one operation; lines of 64 bytes over the whole string. Strings: bytes moved by string "
    "instructions, whose accesses are not among the loads and stores."
)
OPERATION_COLUMNS = (
    Column("operation", lambda x: x.name, left=True),
    Column("instr.", lambda x: f"{x.instructions:,.0f}"),
    Column("loads", lambda x: f"{x.total(LOAD):,.0f}"),
    Column("stores", lambda x: f"{x.total(STORE):,.0f}"),
    Column("taken", lambda x: f"{x.taken:,.0f}"),
    Column("I-lines", lambda x: f"{x.lines((FETCH,)):,}"),
    Column("D-lines", lambda x: f"{x.lines((LOAD, STORE)):,}"),
    Column("strings", lambda x: f"{x.string_bytes / x.iterations:,.0f}", drop=1),
)


def print_operations(strings: Iterable[String], file: TextIO | None = None) -> None:
    """Print the counts of each recorded operation."""
    print_table(OPERATION_COLUMNS, list(strings), "", OPERATION_LEGEND, file)
