"""Memory on the bare machine: entries are written, caches and translations flushed by hand.

The same for the conventional and the tagged structure: a tag spares flushes when spaces are
switched, not when entries change.
"""

from __future__ import annotations

from microbench.linux.frame import Frame
from microbench.linux.process import Process
from microbench.systems.base_memory import MemoryViews, arch
from microbench.trace import Region, ops
from microbench.trace.layout import PAGE_BYTES

LINUX_HALF = 2048


class NativeMemory(MemoryViews):
    """Memory of the native hosts."""

    def replace_space(self, process: Process) -> None:
        """Install a new space: a switch like any other."""
        self.new_space(process)
        with self.recorder.place("switch"):
            self.recorder.emit(ops.SWITCH, process.space, ops.FULL)

    def close_space(self, process: Process, space: int) -> None:
        """Nothing is left of a space but its number."""

    def forget(self, process: Process) -> None:
        """Nothing is left of a process."""

    def fault_enter(self, process: Process, page: int, write: bool, kernel: bool) -> None:
        """An abort, decoded; from the kernel's own code it is the same."""
        with self.recorder.place("entry"):
            self.recorder.emit(ops.TRAP, ops.TRAPS.index("fault"))
            self.path("fault_enter", process)

    def fault_leave(self, process: Process, kernel: bool) -> None:
        """Back to the instruction that faulted."""
        with self.recorder.place("entry"):
            self.path("fault_leave", process)
            self.recorder.emit(ops.TRAP_RETURN)

    def touched(self, process: Process, page: int, write: bool) -> None:
        """The machine does that by itself."""

    def set_entry(
        self,
        process: Process,
        space: int,
        word: Region,
        page: int,
        frame: Frame | None,
        write: bool,
    ) -> None:
        """Two words, the second for the machine; its line is cleaned."""
        with self.recorder.place("page table"):
            self.recorder.emit(ops.PTE_WRITE, word.base - LINUX_HALF)

    def clean(self, table: Region, size: int) -> None:
        """The walker reads memory, not the cache."""
        with self.recorder.place("page table"):
            self.recorder.emit(ops.CLEAN_RANGE, table.base, size)

    def flush_mm(self, process: Process) -> None:
        """Everything: nothing tells whose a line is."""
        with self.recorder.place("flush"):
            self.recorder.emit(ops.FLUSH_ALL)

    def flush_page(self, process: Process, view: Region, executable: bool) -> None:
        """One page, line by line."""
        with self.recorder.place("flush"):
            self.recorder.emit(ops.FLUSH_RANGE, view.base, PAGE_BYTES, int(executable))

    def flush_range(
        self, process: Process, views: list[Region], pages: int, executable: bool
    ) -> None:
        """Page by page, or everything where that is shorter."""
        if pages * PAGE_BYTES >= arch()["whole_bytes"]:
            self.flush_mm(process)
            return
        for view in views:
            self.flush_page(process, view, executable)

    def flush_kernel_page(self, process: Process, view: Region) -> None:
        """One page as the kernel sees it, line by line."""
        with self.recorder.place("flush"):
            self.recorder.emit(ops.FLUSH_RANGE, view.base, PAGE_BYTES, 0)

    def flush_entry(self, process: Process, view: Region) -> None:
        """One translation."""
        with self.recorder.place("flush"):
            self.recorder.emit(ops.TLB_INVALIDATE, view.base)

    def flush_entry_range(self, process: Process, views: list[Region], pages: int) -> None:
        """One translation after the other."""
        for view in views:
            self.flush_entry(process, view)

    def flush_entries(self, process: Process) -> None:
        """All translations."""
        with self.recorder.place("flush"):
            self.recorder.emit(ops.TLB_INVALIDATE, -1)
