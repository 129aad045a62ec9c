"""Memory operations that all hosts do alike: views of pages, and plain loops over them."""

from __future__ import annotations

from functools import cache

from microbench.datafiles import data_dir
from microbench.linux.process import Process
from microbench.quantity import quantity, read_toml
from microbench.systems.base import BaseHost
from microbench.trace import Region, ops
from microbench.trace.layout import PAGE_BYTES

FRAMES_VA = 0xD000_0000
LINE_BYTES, LINE_WORDS = 32, 8
DIRECTORY_BYTES, KERNEL_PART_BYTES = 16384, 4096


@cache
def arch(name: str = "arch-xscale") -> dict[str, int]:
    """Instructions per 32 bytes of each loop, and the size from which a flush is whole."""
    path = data_dir() / "kernels" / f"{name}.toml"
    raw = read_toml(path)
    found = {
        key: int(quantity(body["instructions"], path, f"loop.{key}", {"instructions"}).value)
        for key, body in raw["loop"].items()
    }
    whole = quantity(raw["range"]["whole_bytes"], path, "range.whole_bytes", {"bytes"})
    return {**found, "whole_bytes": int(whole.value)}


class MemoryViews(BaseHost):
    """Views of physical pages, and loops over kernel memory.

    Attributes
    ----------
    slot_bytes : int
        Distance at which spaces are relocated from each other [bytes]; 0 is not at all.
    """

    slot_bytes = 0

    def __init__(self) -> None:
        super().__init__()
        self._views: dict[tuple[int, int, int, bool], Region] = {}
        self._kernel_directory: Region | None = None
        self._directories: list[Region] = []
        self._directory_last: Region | None = None

    def frame_memory(self, number: int, index: int) -> Region:
        """The kernel's view of a physical page, by large pages."""
        va = FRAMES_VA + index * PAGE_BYTES
        return self.recorder.layout.region(
            "frame", PAGE_BYTES, va=va, frame=number, space=self.kernel_space, flags=ops.LARGE
        )

    def user_page(self, space: int, page: int, frame: int, read_only: bool) -> Region:
        """A user page as its space sees it; read-only ones are written through."""
        key = (space, page, frame, read_only)
        known = self._views.get(key)
        if known is None:
            known = self._views[key] = self.recorder.layout.region(
                "user page",
                PAGE_BYTES,
                va=page * PAGE_BYTES + space * self.slot_bytes,
                frame=frame,
                space=space,
                flags=ops.WRITE_THROUGH if read_only else 0,
            )
        return known

    def directory(self, process: Process) -> Region:
        """Memory of a page directory: the one freed last, or a fresh one."""
        if not self._directories:
            size = DIRECTORY_BYTES
            self._directories.append(self.kernel_memory("page directory", size, align=size))
        self._directory_last = self._directories.pop()
        return self._directory_last

    def close_space(self, process: Process, space: int) -> None:
        """A space is gone; its directory is the next to be given out."""
        if self._directory_last is not None:
            self._directories.append(self._directory_last)
            self._directory_last = None

    def kernel_directory(self) -> Region:
        """The kernel's part of every page directory."""
        if self._kernel_directory is None:
            self._kernel_directory = self.kernel_memory("kernel directory", KERNEL_PART_BYTES)
        return self._kernel_directory

    def zero(self, process: Process, target: Region) -> None:
        """Clear kernel memory."""
        self._burst("zero", None, target)

    def copy(self, process: Process, source: Region, target: Region) -> None:
        """Copy kernel memory."""
        self._burst("directory", source, target)

    def _burst(self, name: str, source: Region | None, target: Region) -> None:
        """A loop over lines, two bursts of four words each."""
        with self.recorder.place("clear and copy"):
            self.recorder.loop(
                count=target.size // LINE_BYTES,
                stride=LINE_BYTES,
                text=self._kernel,
                instructions=arch()[name],
                source=source,
                target=target,
                load_words=LINE_WORDS,
                store_words=LINE_WORDS,
            )
