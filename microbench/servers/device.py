"""Waiting for a device or a timer, as a driver and as a client does."""

from __future__ import annotations

from typing import Any

from microbench.l4.calls import Ipc, receive
from microbench.l4.model import irq_partner
from microbench.servers.tasks import Run, Start, Task


def wait_for(irq: int, nanoseconds: int) -> Task:
    """Start a device, wait for its interrupt and acknowledge it; no time is no device."""
    if not nanoseconds:
        return
    yield Start(irq, nanoseconds)
    yield receive(irq_partner(irq))
    yield Ipc(irq_partner(irq), send_waits=False)


def pausing(task: Task, irq: int, pauses: list[int]) -> Task:
    """A task that rests where it works for itself, for each time put into `pauses` [ns]."""
    answer: Any = None
    while True:
        try:
            asked = task.send(answer)
        except StopIteration:
            return
        if pauses and isinstance(asked, Run):
            yield from wait_for(irq, pauses[0])
            pauses.pop(0)
        answer = yield asked
