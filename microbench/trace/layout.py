"""Memory as a trace names it: regions of pages, each with its virtual and physical page.

Addresses in a trace are *slot addresses*: ``slot << 12 | offset``, where a slot is a dense
number for one virtual page of one space. The columns of `Layout.arrays` say which page that
is. A region's slots are contiguous, so a path reaches all of it from one base.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from microbench.trace.ops import LARGE

PAGE_BYTES = 4096
LARGE_PAGES = 256  # a 1 MB section
KERNEL_SPACE = 0


class Region(NamedTuple):
    """A contiguous piece of one space.

    Attributes
    ----------
    name : str
    base : int
        Slot address of its first byte.
    size : int
        Length [bytes].
    """

    name: str
    base: int
    size: int

    def at(self, offset: int, size: int | None = None) -> Region:
        """The part that starts `offset` bytes in.

        Raises
        ------
        ValueError
            If the part does not lie inside the region.
        """
        length = self.size - offset if size is None else size
        if offset < 0 or length < 0 or offset + length > self.size:
            raise ValueError(f"{self.name}: {offset}+{length} is outside {self.size} bytes")
        return Region(self.name, self.base + offset, length)


class Layout:
    """All pages a trace touches, in the order of their slots."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, int, int, int]] = []
        self._frames: dict[int, int] = {}
        self._entries: dict[tuple[int, int, bool], int] = {}
        self._next_frame = 0x10000
        self._next_kernel_page = 0xC1000

    def allocate_frames(self, pages: int) -> int:
        """First number of `pages` fresh contiguous physical pages."""
        first = self._next_frame
        self._next_frame += pages
        return first

    def region(
        self,
        name: str,
        size: int,
        va: int | None = None,
        frame: int | None = None,
        space: int = KERNEL_SPACE,
        flags: int = 0,
    ) -> Region:
        """Map `size` bytes.

        Parameters
        ----------
        va : int, optional
            Virtual address; fresh kernel pages where left out.
        frame : int, optional
            First physical page; fresh pages where left out.
        space : int
            Address space; 0 is the kernel's, seen by all (global).
        flags : int
            Page flags of `microbench.trace.ops`.
        """
        start = self._next_kernel_page << 12 if va is None else va
        pages = ((start & (PAGE_BYTES - 1)) + size + PAGE_BYTES - 1) >> 12
        if va is None:
            self._next_kernel_page += pages
        first = self.allocate_frames(pages) if frame is None else frame
        slot = len(self._rows)
        for i in range(pages):
            self._add((start >> 12) + i, first + i, space, flags)
        return Region(name, slot << 12 | start & (PAGE_BYTES - 1), size)

    def scattered(
        self, name: str, pages: list[int], space: int = KERNEL_SPACE, flags: int = LARGE
    ) -> Region:
        """Kernel pages at the given page numbers, mapped one to one, as one region."""
        slot = len(self._rows)
        for number in pages:
            self._add(number, number & 0xFFFF, space, flags)
        return Region(name, slot << 12, len(pages) << 12)

    def _add(self, page: int, frame: int, space: int, flags: int) -> None:
        dense = self._frames.setdefault(frame, len(self._frames))
        large = bool(flags & LARGE)
        unit = page // LARGE_PAGES if large else page
        entry = self._entries.setdefault((space, unit, large), len(self._entries))
        self._rows.append((page, frame, dense, space, flags, entry))

    def arrays(self) -> np.ndarray:
        """int64 (slots, 6): virtual page, physical page, dense physical page, space, flags,
        dense translation entry."""
        return np.array(self._rows, dtype=np.int64).reshape(-1, 6)
