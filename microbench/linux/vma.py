"""Mappings of an address space: which pages mean what, in order of their addresses."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass

from microbench.linux.frames import CachedFile
from microbench.trace import Region

VMA_BYTES = 96


@dataclass(eq=False)
class Vma:
    """One mapping.

    Attributes
    ----------
    start, pages : int
        First page number and length [pages].
    region : Region
        The kernel's record of it.
    file : CachedFile or None
        What is mapped; None is zero-filled memory.
    offset : int
        First page of the file.
    writable, executable, shared : bool
        Rights; whether writes go to the file.
    name : str
    """

    start: int
    pages: int
    region: Region
    file: CachedFile | None = None
    offset: int = 0
    writable: bool = True
    executable: bool = False
    shared: bool = False
    name: str = ""

    @property
    def end(self) -> int:
        """One past its last page."""
        return self.start + self.pages

    @property
    def kind(self) -> str:
        """Which of the recorded parts it takes: "text", "data" or "anonymous"."""
        if self.file is None:
            return "anonymous"
        return "data" if self.writable else "text"

    def __lt__(self, other: Vma) -> bool:
        return self.start < other.start


class Mappings:
    """The mappings of one space, sorted and disjoint."""

    def __init__(self) -> None:
        self._sorted: list[Vma] = []

    def __iter__(self) -> Iterator[Vma]:
        return iter(self._sorted)

    def __len__(self) -> int:
        return len(self._sorted)

    def find(self, page: int) -> Vma | None:
        """The mapping that holds a page."""
        at = bisect_right(self._sorted, page, key=lambda vma: vma.start) - 1
        if at < 0 or page >= self._sorted[at].end:
            return None
        return self._sorted[at]

    def add(self, vma: Vma) -> None:
        """Enter a mapping.

        Raises
        ------
        ValueError
            If it is empty or overlaps another.
        """
        if vma.pages < 1 or any(v.start < vma.end and vma.start < v.end for v in self._sorted):
            raise ValueError(f"mapping {vma.name} at page {vma.start:#x} overlaps or is empty")
        insort(self._sorted, vma)

    def remove(self, vma: Vma) -> None:
        """Take a mapping out."""
        self._sorted.remove(vma)

    def gap(self, pages: int, above: int) -> int:
        """First page of the lowest free range of `pages` at or above a page."""
        at = above
        for vma in self._sorted:
            if vma.end > at and vma.start < at + pages:
                at = vma.end
        return at
