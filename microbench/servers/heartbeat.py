"""Signs of life: who was asked, who answered, whose silence counts.

The kernel keeps no message for a thread that does not receive, and the manager must not wait
for one that may be hung. So a thread of the manager's waits in its place: its question stands
in the component's queue and is heard at the next open receive, as a pending notification of
MINIX is. A component that works is late with its answer; it is not silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from microbench.l4.calls import call, send
from microbench.l4.model import NIL, Message, Result
from microbench.servers.component import Component
from microbench.servers.messages import Label
from microbench.servers.policies import Policy
from microbench.servers.tasks import Clock, Run, Task


def watcher(manager: int) -> Task:
    """Carry one question after the other to a component, and back what came of it."""
    report = Message(Label.GONE, (NIL,))
    while True:
        told: Result = yield call(manager, report)
        yield Run("watcher_loop")
        component = told.message.words[0]
        got: Result = yield call(component, Message(Label.PING))
        report = Message(Label.PONG if got.error is None else Label.GONE, (component,))


class Heartbeats:
    """The manager's questions.

    Parameters
    ----------
    components : list of Component
    policy : Policy
    """

    def __init__(self, components: list[Component], policy: Policy) -> None:
        self._components, self._policy = components, policy

    def of_watcher(self, tid: int) -> Component | None:
        """Whose watcher a thread is."""
        return next((c for c in self._components if c.watcher == tid != NIL), None)

    def watched(self) -> Iterator[Component]:
        """Those that live and are asked."""
        return (c for c in self._components if c.watcher != NIL and c.tid != NIL and not c.waits)

    def begin(self, component: Component) -> Any:
        """It was started: its first answer says that it is ready."""
        now = yield Clock()
        component.ready_ns = component.answered_ns = now
        component.ready = False
        yield from self._ask(component, now)

    def heard(self, component: Component, message: Message) -> Any:
        """Its watcher is back."""
        component.asked = False
        now = yield Clock()
        if message.label == Label.PONG and message.words[0] == component.tid:
            component.answered_ns = now
            if not component.ready:
                component.ready_ns = now
            component.owes, component.ready = False, True
        elif component.tid != NIL and not component.ready:
            yield from self._ask(component, now)

    def tick(self) -> Any:
        """Ask whoever was not asked for a period."""
        now = yield Clock()
        for component in self.watched():
            if self._policy.asks(now - component.asked_ns):
                yield from self._ask(component, now)

    def _ask(self, component: Component, now: int) -> Any:
        """Send the watcher; a question it is still away with is the same one."""
        component.owes = component.watcher != NIL
        if component.asked:
            return
        component.asked = True
        component.asked_ns = now
        question = Message(Label.PING, (component.tid,))
        yield send(component.watcher, question, waits=False)

    def silent(self) -> Any:
        """The first that is silent for too long, None if nobody is."""
        now = yield Clock()
        for component in self.watched():
            since = now - component.answered_ns
            if self._policy.silent(since, component.ready) and not self._excused(component, now):
                return component
        return None

    def pardon(self) -> Any:
        """One died: the others may have waited for it, and start afresh."""
        now = yield Clock()
        for other in self.watched():
            other.asked_ns = other.answered_ns = now

    def _excused(self, component: Component, now: int) -> bool:
        """Whether somebody it needs owes an answer too, or came back within a tick."""
        needed = [c for c in self._components if c.name in component.needs]
        recent = now - self._policy.tick_ns
        return any(c.owes or c.waits or c.ready_ns >= recent for c in needed)
