"""A program or library as the kernel and the loader see it: segments, no contents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """Segments of one object.

    Attributes
    ----------
    name : str
    text_pages, data_pages, bss_pages : int
        Code and constants, initialised data, zero-filled data behind it [pages].
    """

    name: str
    text_pages: int
    data_pages: int
    bss_pages: int

    @property
    def file_pages(self) -> int:
        """Length of its file [pages]."""
        return self.text_pages + self.data_pages
