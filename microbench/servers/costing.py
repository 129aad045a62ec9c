"""What tasks and the microkernel do, as operations of a trace.

Knows where each task's code, stack and pages lie. It decides nothing: the functional system
already has.
"""

from __future__ import annotations

from microbench.l4.kernel import Kernel
from microbench.l4.mapdb import lookup
from microbench.l4.model import PAGE_BITS, Place
from microbench.l4.policy import policy
from microbench.servers.l4files import FRAMES
from microbench.servers.reincarnation import ROOT, ROOT_SPACE
from microbench.servers.tasks import PAGE
from microbench.systems.fass import SLOT_BYTES
from microbench.systems.l4_sink import TraceSink, kind_of
from microbench.trace import Recorder, Region, ops
from microbench.trace.catalogue import described

TEXT, STACK, DATA, UTCB = 0x0002_0000, 0x0003_0000, 0x0003_4000, 0x0010_0000
STACKS = 0x0003_8000
"""Where the stacks of a space's other threads begin [address]."""
UTCB_BYTES = 512
TEXT_BYTES, AREA_BYTES = 0x1_0000, 2 * PAGE
SHAPE_BYTES = 0x1200
BURST, BURST_INSTRUCTIONS = 16, 3


class ServerCosts:
    """Implements `Costs`, and owns the sink of the microkernel.

    Parameters
    ----------
    level : str
        Which end of the ranges of the servers' code is drawn.

    Attributes
    ----------
    kernel : Kernel
        A fresh microkernel that tells this object what it does.
    """

    def __init__(self, level: str = "value") -> None:
        self.recorder = Recorder()
        self.recorder.emit(ops.COALESCING, 0)
        self._spaces = {ROOT_SPACE: ROOT_SPACE}
        paths = described("l4-pxa255", scale="l4", kind_of=kind_of)
        self._sink = TraceSink(self.recorder, paths, self._spaces)
        self.kernel = Kernel(FRAMES, sink=self._sink, policy=policy(paths.variant))
        self._code, self._level = described("servers", scale=""), level
        self._slots = {ROOT_SPACE: 0}
        self._threads: dict[int, list[int]] = {}
        self._memory: dict[int, dict[str, Region]] = {}
        self._pages: dict[tuple[int, int, int], Region] = {}
        self._number = ROOT_SPACE
        self._enter(ROOT, ROOT_SPACE, 0)

    def started(self, tid: int, space: int, slot: int) -> None:
        """There is a new thread, in a space of its own or in one that has threads."""
        if space not in self._spaces:
            self._number += 1
            self._spaces[space], self._slots[space] = self._number, slot
        self._enter(tid, space, slot)

    def _enter(self, tid: int, space: int, slot: int) -> None:
        """Where a thread's code, stack, data and message registers lie."""
        before = self._threads.setdefault(space, [])
        base, number = slot * SLOT_BYTES, len(before)

        def region(role: str, size: int, va: int) -> Region:
            return self.recorder.layout.region(role, size, va=va + base, space=self._spaces[space])

        if before:
            stack = region("user_stack", AREA_BYTES, STACKS + number * AREA_BYTES)
            self._memory[tid] = {**self._memory[before[0]], "user_stack": stack}
        else:
            self._memory[tid] = {
                "text": region("text", TEXT_BYTES, TEXT),
                "user_stack": region("user_stack", AREA_BYTES, STACK),
                "user_data": region("user_data", AREA_BYTES, DATA),
                "utcb": region("utcb", PAGE, UTCB),
            }
        before.append(tid)
        utcb = self._memory[tid]["utcb"].at(number * UTCB_BYTES)
        self._sink.utcb_regions[tid] = utcb
        self._sink.user_text[tid] = self._memory[tid]["text"]

    def run(self, tid: int, shape: str) -> None:
        """Code of a task, each shape at a place of its own in the task's text."""
        at = list(self._code.shapes).index(shape) * SHAPE_BYTES % (TEXT_BYTES - SHAPE_BYTES)
        memory = self._memory[tid]
        bind = {**memory, "text": memory["text"].at(at)}
        template = self._code.path(shape, self._level)
        with self.recorder.place(shape.partition("_")[0]):
            self.recorder.path(template, **{role: bind[role] for role in template.roles})

    def copy(self, tid: int, source: int, target: int, size: int) -> None:
        """A copy by a task, page by page."""
        done = 0
        while done < size:
            ends = (source + done) % PAGE, (target + done) % PAGE
            part = min(size - done, PAGE - max(ends))
            self._burst(self._page(tid, source + done), self._page(tid, target + done), ends, part)
            done += part

    def _burst(self, source: Region, target: Region, ends: tuple[int, int], size: int) -> None:
        with self.recorder.place("copy"):
            self.recorder.loop(
                count=max(1, size // BURST),
                stride=BURST,
                text=self._memory[ROOT]["text"],
                instructions=BURST_INSTRUCTIONS,
                source=source.at(ends[0]),
                target=target.at(ends[1]),
                load_words=4,
                store_words=4,
            )

    def _page(self, tid: int, address: int) -> Region:
        """A page as the task sees it."""
        state = self.kernel.state
        space = state.threads[tid].space
        page = address >> PAGE_BITS
        mapping = lookup(state, Place(space, page))
        assert mapping is not None
        key = (self._spaces[space], page, mapping.frame)
        if key not in self._pages:
            va = (page << PAGE_BITS) + self._slots[space] * SLOT_BYTES
            self._pages[key] = self.recorder.layout.region(
                "user page", PAGE, va=va, frame=mapping.frame, space=key[0]
            )
            self._sink.pages[space, page] = self._pages[key]
        return self._pages[key]

    def device(self, irq: int, nanoseconds: int) -> None:
        """The device of an interrupt line was started; it has the line's number."""
        assert irq < ops.DEVICES, irq
        self.recorder.emit(ops.DEVICE_START, irq, nanoseconds)

    def waited(self, irq: int) -> None:
        """It is done; until then the machine idles."""
        with self.recorder.place("idle"):
            self.recorder.emit(ops.DEVICE_WAIT, irq)

    def note(self, name: str) -> None:
        """A step ended."""
        self.recorder.mark(STEPS.index(name))


STEPS = ("fault", "detect", "wait", "create", "load", "publish", "init", "rebind", "retry")
"""Steps of a recovery, by the number of their mark."""
