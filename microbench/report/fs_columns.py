"""The table of file systems for people: shares, counts and seconds, a block each.

Knows the rows of `microbench.study.fs_table`. Refuses to know widths and how a number was made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.report.columns import Block, Column, error_style, error_text, range_text
from microbench.report.decimals import printed, short
from microbench.row import Row
from microbench.study.fs_table import REQUESTS, SHARE, side

KINDS = (
    "cr-wr: files made and written; preall-re, -de: small files read, removed; sq, rd: one large "
    "file in order, at random; re, wr: read, written; size of a call, threads, files. base: one "
    "daemon, 4 KB writes; opt: threads, splice, write-back. !: on the wrong side of 1, which is "
    "within 10 % of it. Rates of each disk under ext4 are given; shares of them are predicted."
)
TREES = (
    "The sources of a kernel. ntfs-3g: its device is cached, as recalled; "
    "ntfs-3g-through: the other extreme, each description of a file waits for the disk; kernel: a "
    "kernel file system by the same rules, beside ext3."
)


def _mark(row: Row) -> str:
    if row.published is None or row.metric != SHARE:
        return ""
    return "" if side(row.value) == side(row.published) else "!"


def _columns(name: str, value: str, mark: Callable[[Row], str] | None = None) -> list[Column]:
    found = [
        Column(name, lambda r: r.args, left=True),
        Column("system", lambda r: r.system, left=True),
        Column(value, lambda r: short(r.value, 3)),
        Column("range", range_text),
        Column("published", lambda r: printed(r.published)),
        Column(
            "error", lambda r: error_text(r.error, r.role), style=lambda r: error_style(r.error)
        ),
    ]
    return [*found, Column("", mark, left=True)] if mark else found


def fs_blocks(rows: Sequence[Row]) -> list[Block]:
    """Shares of the kernel's rate, requests per operation, seconds of a tree."""
    shares = [row for row in rows if row.metric == SHARE]
    requests = [row for row in rows if row.metric == REQUESTS]
    trees = [row for row in rows if row.benchmark == "tree"]
    return [
        Block("share of the kernel's rate", _columns("workload", "share", _mark), shares, KINDS),
        Block("requests per operation", _columns("workload", "requests"), requests),
        Block("a tree in 2007 [s]", _columns("phase", "time"), trees, TREES),
    ]
