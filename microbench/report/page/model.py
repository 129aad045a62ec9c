"""What a page is made of, before it is HTML.

A number keeps its full value beside the text that is shown, so that the page can be held
against the CSV and sorted. Refuses to know: HTML, and where numbers come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes
    ----------
    text : str
        As shown.
    number : float or None
        The value behind it, for sorting and for programs.
    tone : str
        "", "far" (an error of more than a quarter) or "quiet".
    key : str
        Which value of which row it is, "" for none: "benchmark|args|machine|system|metric".
    """

    text: str
    number: float | None = None
    tone: str = ""
    key: str = ""


@dataclass(frozen=True)
class Bar:
    """One stacked bar: what a system's cycles are made of."""

    name: str
    parts: tuple[tuple[str, float], ...]

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return sum(size for _, size in self.parts)


@dataclass(frozen=True)
class Why:
    """What opens below a row: bars side by side, and the difference in words."""

    unit: str
    bars: tuple[Bar, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row of a table."""

    cells: tuple[Cell, ...]
    why: Why | None = None


@dataclass(frozen=True)
class Sheet:
    """One table."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure: SVG text, what it shows in words, and a caption."""

    svg: str
    alternative: str
    caption: str


@dataclass(frozen=True)
class Section:
    """One heading with tables and figures."""

    anchor: str
    title: str
    intro: str = ""
    sheets: Sequence[Sheet] = ()
    figures: Sequence[Figure] = ()


@dataclass(frozen=True)
class Page:
    """The whole page."""

    title: str
    question: str
    sections: Sequence[Section]
    provenance: dict[str, str] = field(default_factory=dict)
