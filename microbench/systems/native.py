"""Linux on the bare machine: a trap in, a return out, and what the machine makes of a switch."""

from __future__ import annotations

from microbench.linux.process import Process
from microbench.systems.native_memory import NativeMemory
from microbench.trace import ops
from microbench.trace.recorder import TICK


class Native(NativeMemory):
    """The conventional structure: every switch to another space asks for a full one."""

    name = "native"

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

    def tick(self, process: Process) -> None:
        """Interrupt, and return."""
        with self.recorder.place(TICK):
            self.recorder.emit(ops.TRAP, ops.TRAPS.index("interrupt"))
            self.tick_path(process)
            self.recorder.emit(ops.TRAP_RETURN)

    def switch(self, previous: Process, following: Process) -> None:
        """Install the other space."""
        with self.recorder.place("switch"):
            self.recorder.emit(ops.SWITCH, following.space, ops.FULL)
