"""Blocks of a screen as headings and cells of text: what goes into print.

Refuses to know Markdown and LaTeX, and what a cell says: that is the column's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from microbench.report.columns import Block, Column, machine_in


@dataclass(frozen=True)
class Grid:
    """A table of text.

    Attributes
    ----------
    titles : tuple of str
    cells : list of tuple of str
    numeric : tuple of bool
        Which columns are set flush right.
    note : str
        Sentences that explain the marks, and what must be known beside the table.
    subject : str
        What every line shares and no column says, e.g. "machine pxa255".
    """

    titles: tuple[str, ...]
    cells: list[tuple[str, ...]]
    numeric: tuple[bool, ...]
    note: str = ""
    subject: str = ""

    def without(self, *titles: str) -> Grid:
        """The same table without some columns."""
        kept = [i for i, title in enumerate(self.titles) if title not in titles]
        return replace(
            self,
            titles=tuple(self.titles[i] for i in kept),
            cells=[tuple(line[i] for i in kept) for line in self.cells],
            numeric=tuple(self.numeric[i] for i in kept),
        )

    def captioned(self, title: str) -> str:
        """The title with the subject in brackets."""
        return f"{title} ({self.subject})" if self.subject else title


def grid(block: Block, machine: str = "", notes: Sequence[str] = ()) -> Grid:
    """A block in print: columns that would be empty are left out.

    Parameters
    ----------
    machine : str
        What to call the machine that all lines share; its name in the rows if not given.
    notes : sequence of str
        Sentences that stand below the table with its legend.
    """
    shared = machine_in(block.lines)
    hidden = {"machine"} if shared else set()
    kept = [c for c in block.columns if _shown(c, block) and c.in_print not in hidden]
    cells = [tuple(_cell(c, line) for c in kept) for line in block.lines]
    subject = machine or (f"machine {shared}" if shared else "")
    note = " ".join(_sentences([block.legend, *notes]))
    return Grid(
        tuple(c.in_print for c in kept), cells, tuple(not c.left for c in kept), note, subject
    )


def _shown(column: Column, block: Block) -> bool:
    return not column.on_screen_only and any(column.text(line) for line in block.lines)


def _cell(column: Column, line: object) -> str:
    return " ".join(column.text(line).split())


def _sentences(texts: Sequence[str]) -> list[str]:
    words = (" ".join(text.split()) for text in texts)
    return [text if text.endswith(".") else f"{text}." for text in words if text]
