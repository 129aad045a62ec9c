"""Physical pages: how many entries and caches refer to each, and in which order they are reused.

The page that was freed last is given out first, as from a processor's list of warm pages.
"""

from __future__ import annotations

from microbench.linux.frame import Frame
from microbench.linux.host import Host

DESCRIPTOR_BYTES = 32


class Frames:
    """The page allocator.

    Attributes
    ----------
    made : int
        Frames ever given out, free ones included.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._free: list[Frame] = []
        self.made = 0

    def take(self) -> Frame:
        """A page with one user."""
        frame = self._free.pop() if self._free else self._make()
        frame.users = 1
        return frame

    def _make(self) -> Frame:
        number = self._host.layout.allocate_frames(1)
        index, self.made = self.made, self.made + 1
        descriptor = self._host.kernel_memory("page", DESCRIPTOR_BYTES)
        return Frame(number, index, descriptor, self._host.frame_memory(number, index))

    def drop(self, frame: Frame) -> bool:
        """Forget one user; whether the page is free now."""
        frame.users -= 1
        if frame.users == 0:
            self._free.append(frame)
        return frame.users == 0

    @property
    def used(self) -> int:
        """Frames that somebody uses."""
        return self.made - len(self._free)


class CachedFile:
    """A file all of whose pages are in the page cache.

    Parameters
    ----------
    pages : int
        Its length [pages].
    """

    def __init__(self, frames: Frames, name: str, pages: int) -> None:
        self.name, self.pages = name, pages
        self._frames = frames
        self._cached: dict[int, Frame] = {}

    def frame(self, page: int) -> Frame:
        """The page of the cache that holds one page of the file.

        Raises
        ------
        IndexError
            Beyond the end of the file.
        """
        if not 0 <= page < self.pages:
            raise IndexError(f"{self.name} has {self.pages} pages, not {page}")
        if page not in self._cached:
            self._cached[page] = self._frames.take()
        return self._cached[page]
