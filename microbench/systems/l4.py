"""Linux as a server on L4: a system call is an exception IPC to the server and its reply.

Each process is a thread in a space of its own; the server is one thread with a kernel stack
per process. A switch between processes inside the server touches no space at all: the reply
simply goes to another thread.
"""

from __future__ import annotations

from microbench.l4.calls import (
    Exception_,
    Interrupt,
    SpaceCreate,
    ThreadCreate,
    ThreadStart,
    receive,
    reply_wait,
)
from microbench.l4.kernel import Kernel
from microbench.l4.model import REGISTERS, Message, irq_partner
from microbench.l4.policy import policy
from microbench.linux.process import Process
from microbench.systems.fass import SLOT_BYTES
from microbench.systems.l4_memory import L4Memory
from microbench.systems.l4_sink import TraceSink, kind_of
from microbench.trace import Region, ops
from microbench.trace.catalogue import described
from microbench.trace.layout import PAGE_BYTES
from microbench.trace.recorder import TICK

SERVER = 1
SERVER_SPACE = 1
FRAMES = 1 << 14
USER_PRIORITY = 100
TIMER = 0


class L4Linux(L4Memory):
    """The virtualised structure."""

    name = "l4"
    kernel_space = SERVER_SPACE
    slot_bytes = SLOT_BYTES

    def __init__(self, paths: str = "l4-pxa255", variant: str = "", tagged: bool = True) -> None:
        super().__init__()
        self._to_trace = {SERVER_SPACE: SERVER_SPACE}
        found = described(paths, variant=variant, scale="l4", kind_of=kind_of)
        self.sink = TraceSink(self.recorder, found, self._to_trace, tagged)
        self.l4 = Kernel(FRAMES, sink=self.sink, policy=policy(found.variant))
        self.l4.state.irq_handler[TIMER] = SERVER  # attached at boot, before anything is told
        self._threads: dict[int, int] = {}
        self._glue = described("l4linux", scale="l4linux")
        self._server_data = self.kernel_memory("server data", 4096)
        self.recorder.emit(ops.COALESCING, 0)

    def new_space(self, process: Process) -> None:
        """A space and a thread whose exceptions go to the server."""
        super().new_space(process)
        space = self.l4.do(SpaceCreate(pid_slot=self.take_slot(process.space)))
        assert isinstance(space, int)
        self._to_trace[space] = process.space
        self._to_l4[process.space] = space
        thread = self.l4.do(ThreadCreate(space, USER_PRIORITY, pager=SERVER, handler=SERVER))
        assert isinstance(thread, int)
        self._threads[process.pid] = thread
        self.sink.user_text[thread] = process.user("user_text")
        self.sink.utcb_regions[thread] = self.user_memory(process, "utcb", 0x0010_0000, 512)

    def user_address(self, process: Process, va: int) -> int:
        """The address relocated to the process's slot."""
        return va + process.space * SLOT_BYTES

    def start(self, process: Process) -> None:
        """First entry into user mode."""
        self.l4.do(ThreadStart(self._threads[process.pid]))
        self.l4.do(receive())

    def enter(self, process: Process, call: str) -> None:
        """The trap becomes a message to the server, which unpacks it."""
        self.user_call(process, call)
        assert self.l4.current == self._threads[process.pid]
        self.l4.do(Exception_(0))
        self._server_path(process, "server_enter")

    def leave(self, process: Process) -> None:
        """The server packs the answer and replies; the reply restores the registers."""
        self._server_path(process, "server_leave")
        answer = Message(0, (0,) * REGISTERS)
        self.l4.do(reply_wait(self._threads[process.pid], answer))

    def tick(self, process: Process) -> None:
        """The interrupt becomes a message to the server, which preempts; its acknowledgement
        unmasks the line, and its wait lets the process go on."""
        self.l4.do(Interrupt(TIMER))
        with self.recorder.place(TICK):
            self.tick_path(process)
        self.l4.do(reply_wait(irq_partner(TIMER)))
        assert self.l4.current == self._threads[process.pid]

    def switch(self, previous: Process, following: Process) -> None:
        """Another kernel stack inside the server; no space changes."""
        self._server_path(following, "server_switch")

    def _server_path(self, process: Process, name: str) -> None:
        self._server(self._glue, name, process, {})

    def copy_in(self, process: Process, user: Region, kernel: Region, size: int) -> None:
        """Copy through the server's direct view of the user page, page by page."""
        self._pages(process, user, size)
        super().copy_in(process, user, kernel, size)

    def copy_out(self, process: Process, kernel: Region, user: Region, size: int) -> None:
        """Copy through the server's direct view of the user page, page by page."""
        self._pages(process, user, size)
        super().copy_out(process, kernel, user, size)

    def _pages(self, process: Process, user: Region, size: int) -> None:
        """Each page of user memory is copied under a fault handler of its own."""
        first, last = user.base // PAGE_BYTES, (user.base + max(size, 1) - 1) // PAGE_BYTES
        for _ in range(first, last + 1):
            self._server_path(process, "server_copy_page")
