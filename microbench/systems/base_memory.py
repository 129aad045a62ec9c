"""Memory operations that all hosts do alike: views of pages, and plain loops over them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache

from microbench.datafiles import data_dir
from microbench.linux.process import Process
from microbench.quantity import quantity, read_toml
from microbench.systems.base import BaseHost
from microbench.trace import Region, ops
from microbench.trace.layout import PAGE_BYTES

FRAMES_VA = 0xD000_0000
LINE_BYTES, LINE_WORDS = 32, 8


@cache
def arch(name: str = "arch-xscale") -> dict[str, int]:
    """Instructions per 32 bytes of each loop, the size from which a flush is whole, and how
    often the timer interrupts [Hz]."""
    path = data_dir() / "kernels" / f"{name}.toml"
    raw = read_toml(path)
    found = {
        key: int(quantity(body["instructions"], path, f"loop.{key}", {"instructions"}).value)
        for key, body in raw["loop"].items()
    }
    whole = quantity(raw["range"]["whole_bytes"], path, "range.whole_bytes", {"bytes"})
    tick = quantity(raw["tick"]["hz"], path, "tick.hz", {"Hz"})
    return {**found, "whole_bytes": int(whole.value), "tick_hz": int(tick.value)}


class MemoryViews(BaseHost, ABC):
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

    @abstractmethod
    def flush_kernel_page(self, process: Process, view: Region) -> None:
        """Caches forget one page as the kernel sees it; each system has its own way."""

    def zero(self, process: Process, target: Region) -> None:
        """Clear kernel memory."""
        self._burst("zero", None, target)

    def copy(self, process: Process, source: Region, target: Region) -> None:
        """Copy kernel memory."""
        self._burst("directory", source, target)

    def clear_page(self, process: Process, target: Region) -> None:
        """Clear through the kernel's view, which must not stay in the cache."""
        self._burst("clear", None, target)
        self.flush_kernel_page(process, target)

    def copy_page(self, process: Process, source: Region, target: Region) -> None:
        """Copy through the kernel's views; none of the copy stays in the cache."""
        self._burst("copy", source, target)
        self.flush_kernel_page(process, target)

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
