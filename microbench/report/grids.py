"""Rows as headings and cells of text, with the digits of the terminal: what goes into print.

Knows which columns a table in a paper has. Refuses to know Markdown and LaTeX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from microbench.report.columns import MARKS, roles
from microbench.report.decimals import fixed, percent, printed
from microbench.report.pairs import Pair, pair_rows
from microbench.row import Row


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
        A sentence that explains the marks.
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


NOTE = (
    "Ratio: speed of l4 relative to native, above 1 = l4 faster. Error: modelled / published - 1. "
    "* calibrated on this value; c: only checks an assumption about user code."
)

T = TypeVar("T")
PairColumn = tuple[str, bool, Callable[[Pair], str]]


def grid(rows: Iterable[Row]) -> Grid:
    """Side by side where native and l4 were both run, else one line per row."""
    lines = list(rows)
    pairs = pair_rows(lines)
    if any({"native", "l4"} <= pair.rows.keys() for pair in pairs):
        return _kept(PAIR_COLUMNS, pairs, NOTE)
    return _kept(ROW_COLUMNS, lines, "")


def _kept(
    columns: Sequence[tuple[str, bool, Callable[[T], str]]], lines: Sequence[T], note: str
) -> Grid:
    """Leave out columns that would be empty."""
    kept = [c for c in columns if any(c[2](line) for line in lines)]
    cells = [tuple(c[2](line) for c in kept) for line in lines]
    full = Grid(tuple(c[0] for c in kept), cells, tuple(c[1] for c in kept), note)
    machines = {getattr(line, "machine", "") for line in lines}
    if len(machines) != 1:
        return full
    return replace(full.without("machine"), subject=f"machine {machines.pop()}")


def _error(share: float | None, role: str) -> str:
    return percent(share) + MARKS.get(role, "")


PAIR_COLUMNS: tuple[PairColumn, ...] = (
    ("benchmark", False, lambda p: p.name),
    ("machine", False, lambda p: p.machine),
    ("unit", False, lambda p: p.unit),
    ("modelled native", True, lambda p: fixed(p.value("native"), p.unit)),
    ("modelled fass", True, lambda p: fixed(p.value("native-fass"), p.unit)),
    ("modelled l4", True, lambda p: fixed(p.value("l4"), p.unit)),
    ("modelled ratio", True, lambda p: fixed(p.ratio(), "ratio")),
    ("published native", True, lambda p: printed(p.published("native"))),
    ("published l4", True, lambda p: printed(p.published("l4"))),
    ("published ratio", True, lambda p: printed(p.published_ratio)),
    ("error native", True, lambda p: _error(p.error("native"), p.role("native"))),
    ("error l4", True, lambda p: _error(p.error("l4"), p.role("l4"))),
    ("role", False, roles),
)

ROW_COLUMNS: tuple[tuple[str, bool, Callable[[Row], str]], ...] = (
    ("benchmark", False, lambda r: f"{r.benchmark} {r.args}".strip()),
    ("machine", False, lambda r: r.machine),
    ("system", False, lambda r: r.system),
    ("metric", False, lambda r: r.metric.replace("_", " ")),
    ("unit", False, lambda r: r.unit),
    ("value", True, lambda r: fixed(r.value, r.unit)),
    ("published", True, lambda r: printed(r.published)),
    ("error", True, lambda r: _error(r.error, r.role)),
    ("role", False, lambda r: r.role),
)
