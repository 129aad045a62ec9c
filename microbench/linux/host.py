"""What Linux asks of the thing it runs on: the whole difference between the systems."""

from __future__ import annotations

from typing import Protocol

from microbench.linux.frame import Frame
from microbench.linux.process import Process
from microbench.trace import Layout, Recorder, Region


class Host(Protocol):
    """Bare machine or microkernel, as Linux sees it.

    Attributes
    ----------
    recorder : Recorder
        Where everything is said.
    name : str
        Name of the system.
    """

    recorder: Recorder
    name: str

    @property
    def layout(self) -> Layout:
        """The memory of the trace."""

    def kernel_memory(self, name: str, size: int, align: int = 32) -> Region:
        """Fresh memory of the Linux kernel."""

    def new_space(self, process: Process) -> None:
        """Give a process an address space and its user regions."""

    def user_memory(
        self, process: Process, name: str, va: int, size: int, flags: int = 0
    ) -> Region:
        """Map user memory of a process."""

    def path(self, name: str, process: Process, **roles: Region) -> None:
        """Run a kernel path on behalf of a process."""

    def user_function(self, process: Process) -> None:
        """A function of the program itself, called once a turn."""

    def user_code(self, process: Process, name: str) -> None:
        """Code of the program itself, by the name of its shape."""

    def enter(self, process: Process, call: str) -> None:
        """A system call begins: the user's wrapper of that name, then the kernel's entry."""

    def leave(self, process: Process) -> None:
        """A system call ends: back to the user code of `process`."""

    def start(self, process: Process) -> None:
        """A process that never ran enters user mode for the first time."""

    def tick(self, process: Process) -> None:
        """The timer interrupts the user code of `process`, which goes on afterwards."""

    def switch(self, previous: Process, following: Process) -> None:
        """Between the two halves of a schedule: another process's space and stack."""

    def copy_in(self, process: Process, user: Region, kernel: Region, size: int) -> None:
        """From user to kernel memory."""

    def copy_out(self, process: Process, kernel: Region, user: Region, size: int) -> None:
        """From kernel to user memory."""

    def frame_memory(self, number: int, index: int) -> Region:
        """The kernel's view of a physical page; `index` counts them from 0."""

    def user_page(self, space: int, page: int, frame: int, read_only: bool) -> Region:
        """A user page as its space sees it."""

    def replace_space(self, process: Process) -> None:
        """Give a process a new, empty space and install it."""

    def close_space(self, process: Process, space: int) -> None:
        """A space whose entries are all cleared goes."""

    def forget(self, process: Process) -> None:
        """A process that was waited for is gone."""

    def fault_enter(self, process: Process, page: int, write: bool, kernel: bool) -> None:
        """A page fault begins, in user mode or (`kernel`) in the kernel on user memory."""

    def fault_leave(self, process: Process, kernel: bool) -> None:
        """A page fault ends."""

    def touched(self, process: Process, page: int, write: bool) -> None:
        """User code used a page that the kernel lets it use."""

    def set_entry(
        self,
        process: Process,
        space: int,
        word: Region,
        page: int,
        frame: Frame | None,
        write: bool,
    ) -> None:
        """Write a page-table entry; `frame` is None where the machine must not use it."""

    def zero(self, process: Process, target: Region) -> None:
        """Clear kernel memory."""

    def copy(self, process: Process, source: Region, target: Region) -> None:
        """Copy kernel memory."""

    def clear_page(self, process: Process, target: Region) -> None:
        """Clear a page that becomes a user's."""

    def copy_page(self, process: Process, source: Region, target: Region) -> None:
        """Copy a page that becomes a user's."""

    def clean(self, table: Region, size: int) -> None:
        """Let the table walker see new page tables."""

    def flush_mm(self, process: Process) -> None:
        """Caches forget the space of a process."""

    def flush_page(self, process: Process, view: Region, executable: bool) -> None:
        """Caches forget one user page."""

    def flush_range(
        self, process: Process, views: list[Region], pages: int, executable: bool
    ) -> None:
        """Caches forget a range of user pages, of which `views` are present."""

    def flush_kernel_page(self, process: Process, view: Region) -> None:
        """Caches forget one page as the kernel sees it."""

    def flush_entry(self, process: Process, view: Region) -> None:
        """Translation buffers forget one user page."""

    def flush_entry_range(self, process: Process, views: list[Region], pages: int) -> None:
        """Translation buffers forget a range of user pages."""

    def flush_entries(self, process: Process) -> None:
        """Translation buffers forget the space of a process."""
