"""Columns of the table of kernels then and now, and of one recorded kernel's operations.

Knows lines of `microbench.study.kernels`. Refuses to know how a number was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from microbench.recording.strings import FETCH, LOAD, STORE, String
from microbench.report.columns import Column
from microbench.report.decimals import short
from microbench.report.terminal import print_table
from microbench.study.kernels import KernelLine

LEGEND = (
    "Both kernels replayed on one machine, each from its own recording (then: ARM of 2005, "
    "without cache flushes; now: the machine's instruction set). grew most: sub-paths and the "
    "instructions they have more."
)


def _causes(line: KernelLine) -> str:
    return ", ".join(f"{name} {more:+,.0f}" for name, more in line.causes() if more > 0)


KERNEL_COLUMNS = (
    Column("operation", lambda x: x.name, left=True),
    Column("instr.\nthen", lambda x: f"{x.then.instructions:,.0f}"),
    Column("instr.\nnow", lambda x: f"{x.now.instructions:,.0f}"),
    Column("times", lambda x: f"{x.longer:.1f}"),
    Column("lines I, D\nthen", lambda x: f"{x.then.code_lines}, {x.then.data_lines}", drop=2),
    Column("lines I, D\nnow", lambda x: f"{x.now.code_lines}, {x.now.data_lines}", drop=2),
    Column("cycles\nthen", lambda x: short(x.then.cycles)),
    Column("cycles\nnow", lambda x: short(x.now.cycles)),
    Column("times\n(cycles)", lambda x: f"{x.dearer:.1f}"),
    Column("grew most", _causes, drop=3, left=True),
)


def print_kernels(lines: Iterable[KernelLine], title: str = "", file: TextIO | None = None) -> None:
    """Print how much longer each path became, and by what."""
    print_table(KERNEL_COLUMNS, list(lines), title, LEGEND, file)


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
