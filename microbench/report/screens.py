"""How tables are shown, by name: rows to blocks of lines and columns.

A screen is named by a table of `microbench.study.tables` and serves the terminal, Markdown and
LaTeX alike. To add one, write a function from rows to blocks and one line below.
"""

from __future__ import annotations

from collections.abc import Sequence

from microbench.report.columns import ROW_COLUMNS, Block, legend
from microbench.report.system_columns import side_by_side, system_block
from microbench.row import Row
from microbench.systems.registry import named

SCREENS = {
    "rows": "report.screens:row_blocks",
    "systems": "report.screens:system_blocks",
    "ipc": "report.ipc_columns:ipc_blocks",
    "overhead": "report.ipc_columns:overhead_blocks",
    "ablations": "report.ablation_columns:ablation_blocks",
    "today": "report.today_columns:today_blocks",
    "kernels": "report.kernel_columns:kernel_blocks",
    "fs": "report.fs_columns:fs_blocks",
    "files": "report.file_columns:file_blocks",
    "many": "report.many_columns:many_blocks",
    "measured-many": "report.many_columns:fit_blocks",
    "hangs": "report.many_columns:hang_blocks",
    "failure": "report.failure_columns:failure_blocks",
    "containment": "report.failure_columns:containment_blocks",
}
"""Name to "room.module:name" of what makes its blocks."""


def blocks_of(rows: Sequence[Row], screen: str = "systems") -> list[Block]:
    """The blocks of a screen, none of them empty."""
    found: list[Block] = named(SCREENS[screen])(rows)
    return [block for block in found if block.lines]


def row_blocks(rows: Sequence[Row]) -> list[Block]:
    """A line for each row."""
    return [Block("", ROW_COLUMNS, list(rows), legend(rows))]


def system_blocks(rows: Sequence[Row]) -> list[Block]:
    """Side by side what was run on several systems, else a line for each row."""
    return [system_block(rows)] if side_by_side(rows) else row_blocks(rows)
