"""Memory of Linux as a server on L4: faults are messages, entries are map and unmap calls.

Linux keeps its own tables, which no machine reads. Whenever an entry becomes valid for the
machine, changes its rights or goes, the server asks the microkernel to map or unmap that
page; the microkernel flushes what it unmaps. So the flushes that Linux makes by itself on
the bare machine are empty here, except for pages that the server fills through its own view.
An entry that fork copies is not valid yet, so it costs no call until it is used.
"""

from __future__ import annotations

from collections.abc import Mapping

from microbench.errors import UsageError
from microbench.l4.calls import (
    MapControl,
    PageFault,
    SpaceDelete,
    ThreadDelete,
    Unmap,
    reply_wait,
)
from microbench.l4.events import Ref
from microbench.l4.faults import translation
from microbench.l4.kernel import Kernel
from microbench.l4.model import EXECUTE, READ, WRITE, Fpage, MapItem, Message
from microbench.linux.frame import Frame
from microbench.linux.process import Process
from microbench.systems.base_memory import MemoryViews
from microbench.systems.l4_sink import TraceSink
from microbench.trace import Region, ops
from microbench.trace.catalogue import Catalogue, described
from microbench.trace.layout import PAGE_BYTES

SERVER_SPACE = 1
PAGE_BITS = 12
FIRST_FRAME = 256  # the server's own pages lie below
SLOTS = 127


class L4Memory(MemoryViews):
    """Memory of the virtualised host.

    Attributes
    ----------
    told : dict of (int, int) to (int, int)
        Rights and frame the microkernel was last told, by space of the trace and page.
    """

    l4: Kernel
    sink: TraceSink
    _threads: dict[int, int]
    _server_data: Region

    def __init__(self) -> None:
        super().__init__()
        self._to_l4: dict[int, int] = {}
        self._slots = list(range(SLOTS, 0, -1))
        self._slot_of: dict[int, int] = {}
        self._memory_glue = described("l4linux-memory", scale="l4linux")
        self.told: dict[tuple[int, int], tuple[int, int]] = {}

    def take_slot(self, space: int) -> int:
        """A free slot of 32 MB for a space."""
        if not self._slots:
            raise UsageError(f"l4 has room for {SLOTS} processes: each takes a slot of 32 MB")
        slot = self._slot_of[space] = self._slots.pop()
        return slot

    def _glue_path(self, name: str, process: Process, **roles: Region) -> None:
        self._server(self._memory_glue, name, process, roles)

    def _server(
        self, glue: Catalogue, name: str, process: Process, roles: Mapping[str, Region]
    ) -> None:
        """A path of the server's glue, on behalf of a process."""
        bind = {
            **process.kernel_regions,
            "text": self.text(glue, name, self.kernel_space),
            "utcb": self.sink.region("utcb", self._threads[process.pid]),
            "server_data": self._server_data,
            **roles,
        }
        self.recorder.run_at("server", glue.path(name), bind)

    def replace_space(self, process: Process) -> None:
        """A thread belongs to its space, so the process gets a new one of both."""
        old = self._threads[process.pid]
        self.new_space(process)
        self.l4.do(ThreadDelete(old))

    def close_space(self, process: Process, space: int) -> None:
        """Delete the empty space; its slot is free again."""
        self._end_thread_of(space)
        self.l4.do(SpaceDelete(self._to_l4.pop(space)))
        self._slots.append(self._slot_of.pop(space))

    def _end_thread_of(self, space: int) -> None:
        """Delete the thread of a process that exited."""
        for tid, thread in list(self.l4.state.threads.items()):
            if thread.space == self._to_l4[space]:
                self.l4.do(ThreadDelete(tid))

    def forget(self, process: Process) -> None:
        """Forget the number of a thread that was deleted with its space."""
        self._threads.pop(process.pid, None)

    def fault_enter(self, process: Process, page: int, write: bool, kernel: bool) -> None:
        """The fault becomes a message; the server's own accesses are looked up in software."""
        if kernel:
            return
        assert self.l4.current == self._threads[process.pid]
        self.l4.do(PageFault(page << PAGE_BITS, WRITE if write else READ))
        self._glue_path("server_fault_enter", process)

    def fault_leave(self, process: Process, kernel: bool) -> None:
        """An empty reply; the thread tries again."""
        if kernel:
            return
        self._glue_path("server_fault_leave", process)
        self.l4.do(reply_wait(self._threads[process.pid], Message()))

    def touched(self, process: Process, page: int, write: bool) -> None:
        """A first touch of a section in a domain faults once more, inside the microkernel."""
        space = self.l4.state.spaces[self._to_l4[process.space]]
        access = WRITE if write else READ
        if translation(self.l4.state, space, page << PAGE_BITS, access) != "present":
            self.l4.do(PageFault(page << PAGE_BITS, access))

    def set_entry(
        self,
        process: Process,
        space: int,
        word: Region,
        page: int,
        frame: Frame | None,
        write: bool,
    ) -> None:
        """Write Linux's word, and tell the microkernel what changes for the machine."""
        self._glue_path("server_set_entry", process, pte=word)
        wanted = 0 if frame is None else READ | EXECUTE | (WRITE if write else 0)
        had, old = self.told.pop((space, page), (0, -1))
        if frame is not None and (wanted & ~had or frame.index != old):
            self._map(process, space, page, frame, wanted)
        elif had & ~wanted:
            self._unmap(process, space, page, had & ~wanted)
        if frame is not None:
            self.told[space, page] = wanted, frame.index

    def _map(self, process: Process, space: int, page: int, frame: Frame, rights: int) -> None:
        """One item from the server's own space."""
        self._glue_path("server_map", process)
        own = Fpage((FIRST_FRAME + frame.index) << PAGE_BITS, PAGE_BITS)
        item = MapItem(own, page << PAGE_BITS, rights)
        self.l4.do(MapControl(SERVER_SPACE, self._to_l4[space], (item,)))
        view = self.user_page(space, page, frame.number, not rights & WRITE)
        self.sink.pages[self._to_l4[space], page] = view

    def _unmap(self, process: Process, space: int, page: int, rights: int) -> None:
        """Rights of one page go, with its lines and its translation."""
        self._glue_path("server_map", process)
        fpage = Fpage(page << PAGE_BITS, PAGE_BITS)
        self.l4.do(Unmap(fpage, rights, flush=True, space=self._to_l4[space]))

    def flush_kernel_page(self, process: Process, view: Region) -> None:
        """Cache operations are privileged: a call of the microkernel for one page."""
        server = Ref("tcb", self.l4.current)
        self.sink.trap("swi", server)
        with self.recorder.place("map"):
            self.recorder.emit(ops.FLUSH_RANGE, view.base, PAGE_BYTES, 0)
        self.sink.trap_return(server)

    def clean(self, *what: object) -> None:
        """Nothing to do: no walker reads Linux's tables, and mapping and unmapping flush what
        they replace, lines and translations, page by page."""

    flush_mm = flush_page = flush_range = flush_entry = flush_entry_range = flush_entries = clean
