"""The reincarnation server: the root task, everybody's pager and handler, who starts again
what died.

A component that ends, traps or touches what is not its own reaches it as a message; one that
hangs, by the answers it does not give. Deleting the dead thread aborts what its partners wait
for; they ask the name server for the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from microbench.l4.calls import (
    Ipc,
    IrqAttach,
    MapControl,
    SpaceCreate,
    SpaceDelete,
    ThreadCreate,
    ThreadDelete,
    ThreadStart,
    call,
    receive,
)
from microbench.l4.faults import EXCEPTION_LABEL, PAGE_FAULT_LABEL
from microbench.l4.ipc import INTERRUPT_LABEL
from microbench.l4.model import (
    ALL_RIGHTS,
    ANY,
    NIL,
    PAGE_BITS,
    Fpage,
    MapItem,
    Message,
    Result,
    irq_partner,
)
from microbench.servers.component import Component
from microbench.servers.heartbeat import Heartbeats, watcher
from microbench.servers.messages import Label, words_of
from microbench.servers.policies import Policy
from microbench.servers.tasks import (
    PAGE,
    Forget,
    Launch,
    Miss,
    Move,
    Note,
    Run,
    Start,
    Task,
)

ROOT, ROOT_SPACE = 1, 1
WATCHER_PRIORITY = 250
"""Below the manager's own, above every component's."""
TIMER = 0
"""Interrupt line of the clock."""
FIRST_FRAME = 64
IMAGE = 0x0001_0000
"""Where images are mapped [address]."""
Started = Callable[[int, int, int], None]
"""Told a thread, its space and its PID slot."""


class Reincarnation:
    """The root task.

    Parameters
    ----------
    components : list of Component
        In the order in which they are started; the first is the name server.
    policy : Policy
    ticks : bool
        Whether it looks at its clock at all; a benchmark without failures need not.
    started : callable
        Told each new thread, its space and PID slot, before it runs.
    """

    def __init__(
        self,
        components: list[Component],
        policy: Policy,
        frames: int,
        ticks: bool = True,
        started: Started = lambda tid, space, slot: None,
    ) -> None:
        self.components, self.policy, self.ticks = components, policy, ticks
        self._started = started
        self._hearts = Heartbeats(components, policy)
        self._free = list(range(frames - 1, FIRST_FRAME - 1, -1))
        self._slots = list(range(120, 0, -1))
        self._copies: dict[str, list[int]] = {}

    def task(self) -> Task:
        """Start everything, then serve."""
        if self.ticks:
            yield IrqAttach(TIMER, ROOT)
            yield Start(TIMER, self.policy.tick_ns)
            for component in self.components:
                if component.watched:
                    component.watcher = yield from self._watch()
        for component in self.components:
            pages = range(component.image_pages)
            self._copies[component.name] = [self._free.pop() for _ in pages]
            yield from self._start(component)
        got: Result = yield receive()
        while True:
            reply = yield from self._serve(got)
            got = yield Ipc(got.sender if reply else NIL, ANY, reply or Message(), False)

    def _watch(self) -> Any:
        """A thread in the manager's own space that carries its questions."""
        tid = yield ThreadCreate(ROOT_SPACE, WATCHER_PRIORITY)
        self._started(tid, ROOT_SPACE, 0)
        yield Launch(tid, watcher(ROOT))
        yield ThreadStart(tid)
        return tid

    def _serve(self, got: Result) -> Any:
        """One message; the answer, if it is to be answered."""
        yield Run("manager_serve")
        component, asked = self._of(got.sender), self._hearts.of_watcher(got.sender)
        label = got.message.label
        if label == INTERRUPT_LABEL:
            yield from self._tick()
        elif asked is not None:
            yield from self._hearts.heard(asked, got.message)
        elif component is None:
            return None
        elif label == PAGE_FAULT_LABEL and component.allowed(got.message.words[0]):
            return self._page(component, got.message.words[0])
        elif label == PAGE_FAULT_LABEL and component.misses(got.message.words[0]):
            yield Miss(component.tid)
            return Message()
        elif label in (PAGE_FAULT_LABEL, EXCEPTION_LABEL):
            yield from self._died(component)
        return None

    def _of(self, tid: int) -> Component | None:
        return next((c for c in self.components if c.tid == tid), None)

    def _page(self, component: Component, address: int) -> Message:
        """A fresh page where it was missed."""
        frame = self._free.pop()
        component.frames.append(frame)
        page = Fpage(frame << PAGE_BITS, PAGE_BITS)
        base = address >> PAGE_BITS << PAGE_BITS
        return Message(0, (), (MapItem(page, base, ALL_RIGHTS),))

    # life and death

    def _died(self, component: Component) -> Any:
        """Detected: start it again now, or when the policy says."""
        component.deaths += 1
        yield Note("detect")
        if not component.restarts:
            yield from self._bury(component)
            return
        component.due_ticks = self.policy.wait_ticks(component.deaths, component.script)
        if component.due_ticks:
            component.waits = True
            return
        yield from self._again(component)

    def _again(self, component: Component) -> Any:
        component.waits = False
        yield Note("wait")
        yield from self._bury(component)
        yield from self._start(component)

    def _bury(self, component: Component) -> Any:
        """Delete the thread, which tells its partners, and all it had."""
        yield ThreadDelete(component.tid)
        yield SpaceDelete(component.space)
        yield Forget(component.tid, tuple(component.frames))
        self._free += component.frames
        self._slots.append(component.slot)
        component.frames, component.tid = [], NIL

    def _start(self, component: Component) -> Any:
        """A space, a thread, the image, its interrupt, its name."""
        yield Run("manager_start")
        component.slot = self._slots.pop()
        component.space = yield SpaceCreate(component.slot)
        component.tid = yield ThreadCreate(component.space, component.priority, ROOT, ROOT)
        self._started(component.tid, component.space, component.slot)
        yield Launch(component.tid, component.make(component.deaths))
        yield Note("create")
        yield from self._load(component)
        yield Note("load")
        if component.irq is not None:
            yield IrqAttach(component.irq, component.tid)
        yield ThreadStart(component.tid)
        yield from self._hearts.begin(component)
        names = self.components[0]
        if component is not names and names.tid != NIL:
            words = (component.tid, *words_of(component.name))
            yield call(names.tid, Message(Label.PUBLISH, words))
            yield Note("publish")

    def _load(self, component: Component) -> Any:
        """Copy the image and map it at 64 KB."""
        items = []
        for number, copy in enumerate(self._copies[component.name]):
            frame = self._free.pop()
            component.frames.append(frame)
            yield Move(copy * PAGE, frame * PAGE, PAGE)
            base = IMAGE + number * PAGE
            items.append(MapItem(Fpage(frame * PAGE, PAGE_BITS), base, ALL_RIGHTS))
        yield MapControl(ROOT_SPACE, component.space, tuple(items))

    def _tick(self) -> Any:
        """The clock: who waits for a start, who is silent, who is to be asked."""
        yield Ipc(irq_partner(TIMER), send_waits=False)
        yield Start(TIMER, self.policy.tick_ns)
        for component in self.components:
            yield Run("manager_look")
            if component.waits:
                component.due_ticks -= 1
                if component.due_ticks <= 0:
                    yield from self._again(component)
        silent = yield from self._hearts.silent()
        if silent is not None:
            yield from self._died(silent)
            yield from self._hearts.pardon()
        yield from self._hearts.tick()
