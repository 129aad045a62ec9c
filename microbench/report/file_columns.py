"""Benchmarks of files for people: a line per structure, its time, its counts, its ratio.

Knows the rows of `microbench.run.files`. Refuses to know widths, which `terminal` fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from microbench.linux.disk import BLOCK
from microbench.report.columns import Block, Column
from microbench.report.decimals import short
from microbench.row import Row
from microbench.servers.fileformat import FILE_BLOCKS
from microbench.servers.serverpages import USUAL

LEGEND = (
    "Predictions. range: what the stated ranges of machine and paths allow. Counts are per "
    "operation, of bw_fs_rd and bw_fs_wr per pass over the file, of fs_tree per phase. "
    "switches: between processes or threads; ipcs: one way; calls: of the daemon on its device; "
    "copied: bytes moved. ratio: speed relative to the kernel's own file system on native Linux; "
    "below 1 = slower. Where pages lie in memory moves copies by up to 20 %. Names and attributes "
    "are read from no device; cold empties the kernel's caches, not the processor's. "
    f"l4-server keeps one directory and {USUAL.slots * BLOCK >> 10} KB of pages, checks "
    f"no permissions and leaves {FILE_BLOCKS * BLOCK >> 20} MB of the disk to each file, which an "
    "arm has to cross. "
    "Threaded daemons have a space each."
)
Line = dict[str, Any]


def lines_of(rows: Iterable[Row]) -> list[Line]:
    """The rows of a benchmark and structure as one line."""
    found: dict[tuple[str, str, str], Line] = {}
    for row in rows:
        key = (row.benchmark, row.args, row.system)
        line = found.setdefault(key, {"first": row})
        line[row.metric] = row
    return list(found.values())


DROPS = {"wake-ups": 6, "daemon_calls": 5, "copied": 4, "ipcs": 2}
"""What goes where it is narrow, the largest first; the range (3) outlives three of them."""


def _count(key: str) -> Column:
    title = {"wake-ups": "wakes", "daemon_calls": "calls"}.get(key, key)
    return Column(title, lambda line: _number(line[key].value), drop=DROPS.get(key, 0))


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}"


def _range(line: Line) -> str:
    first = line["first"]
    return f"{short(first.low, 3)}-{short(first.high, 3)}"


COLUMNS: Sequence[Column] = (
    Column("structure", lambda x: x["first"].system, 0, True),
    Column("value", lambda x: f"{short(x['first'].value, 3)} {x['first'].unit}"),
    Column("range", _range, drop=3),
    *(_count(key) for key in ("requests", "switches", "wake-ups", "ipcs", "daemon_calls")),
    _count("copied"),
    Column("ratio", lambda x: short(x["ratio"].value, 3)),
)


def file_blocks(rows: Iterable[Row]) -> list[Block]:
    """A block for each benchmark, named above it, a line for each structure."""
    blocks: dict[str, list[Line]] = {}
    for line in lines_of(rows):
        name = f"{line['first'].benchmark} {line['first'].args}".strip()
        blocks.setdefault(name, []).append(line)
    last = list(blocks)[-1:]
    return [
        Block(name, COLUMNS, lines, LEGEND if name in last else "")
        for name, lines in blocks.items()
    ]
