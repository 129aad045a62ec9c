"""What Linux asks of the thing it runs on: the whole difference between the systems."""

from __future__ import annotations

from typing import Protocol

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

    def user_memory(self, process: Process, name: str, va: int, size: int, flags: int = 0) -> Region:
        """Map user memory of a process."""

    def path(self, name: str, process: Process, **roles: Region) -> None:
        """Run a kernel path on behalf of a process."""

    def user_function(self, process: Process) -> None:
        """A function of the program itself, called once a turn."""

    def enter(self, process: Process, call: str) -> None:
        """A system call begins: the user's wrapper of that name, then the kernel's entry."""

    def leave(self, process: Process) -> None:
        """A system call ends: back to the user code of `process`."""

    def start(self, process: Process) -> None:
        """A process that never ran enters user mode for the first time."""

    def switch(self, previous: Process, following: Process) -> None:
        """Between the two halves of a schedule: another process's space and stack."""

    def copy_in(self, process: Process, user: Region, kernel: Region, size: int) -> None:
        """From user to kernel memory."""

    def copy_out(self, process: Process, kernel: Region, user: Region, size: int) -> None:
        """From kernel to user memory."""
