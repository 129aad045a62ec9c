"""Linux on the bare machine: a trap in, a return out, and what the machine makes of a switch."""

from __future__ import annotations

from microbench.linux.process import Process
from microbench.systems.base import BaseHost
from microbench.trace import Region, ops

BURST_BYTES = 16
BURST_INSTRUCTIONS = 3


class Native(BaseHost):
    """The conventional structure: every switch to another space asks for a full one."""

    name = "native"
    how = ops.FULL

    def enter(self, process: Process, call: str) -> None:
        """Trap into the kernel."""
        self.user_call(process, call)
        with self.recorder.place("entry"):
            self.recorder.emit(ops.TRAP, ops.TRAPS.index("syscall"))
            self.path("enter", process)

    def leave(self, process: Process) -> None:
        """Return to user mode."""
        with self.recorder.place("entry"):
            self.path("leave", process)
            self.recorder.emit(ops.TRAP_RETURN)

    def start(self, process: Process) -> None:
        """First return to user mode, without a call before it."""
        self.leave(process)

    def switch(self, previous: Process, following: Process) -> None:
        """Install the other space."""
        with self.recorder.place("switch"):
            self.recorder.emit(ops.SWITCH, following.space, self.how)

    def copy_in(self, process: Process, user: Region, kernel: Region, size: int) -> None:
        """Copy with multiple loads and stores."""
        self._copy("copy_in", process, user, kernel, user, kernel, size)

    def copy_out(self, process: Process, kernel: Region, user: Region, size: int) -> None:
        """Copy with multiple loads and stores."""
        self._copy("copy_out", process, kernel, user, user, kernel, size)

    def _copy(
        self, name: str, process: Process, source: Region, target: Region,
        user: Region, kernel: Region, size: int,
    ) -> None:  # fmt: skip
        with self.recorder.place("copy"):
            self.path(name, process, user_data=user, buffer=kernel)
            if size >= BURST_BYTES:
                self.recorder.loop(
                    count=size // BURST_BYTES,
                    stride=BURST_BYTES,
                    text=self._kernel,
                    instructions=BURST_INSTRUCTIONS,
                    source=source,
                    target=target,
                    load_words=4,
                    store_words=4,
                )
