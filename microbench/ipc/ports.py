"""Ports as Mach described them: named, with rights, bounded, with one waiting receiver.

Knows messages and who may send or receive them. Refuses to know what any of it costs, and
who runs: `ipc_queued` has both.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Flag

from microbench.errors import UsageError

QUEUE_LIMIT = 5


class Right(Flag):
    """What a task may do with a port it has a name for."""

    SEND = 1
    RECEIVE = 2


class RightsError(UsageError):
    """A name that is unknown, or lacks the right."""


@dataclass
class Port:
    """A bounded queue of messages.

    Attributes
    ----------
    number : int
    queue : deque of (int, tuple of int)
        Kernel buffer and message words, oldest first.
    waiting : int or None
        The thread that is blocked in a receive.
    """

    number: int
    queue: deque[tuple[int, tuple[int, ...]]] = field(default_factory=deque)
    waiting: int | None = None

    @property
    def full(self) -> bool:
        """Whether a sender finds no room."""
        return len(self.queue) >= QUEUE_LIMIT


@dataclass
class Names:
    """The names of one task."""

    task: int
    rights: dict[str, tuple[Port, Right]]

    def port(self, name: str, right: Right) -> Port:
        """The port behind a name.

        Raises
        ------
        RightsError
            If the task has no such name, or not this right.
        """
        found = self.rights.get(name)
        if found is None or right not in found[1]:
            raise RightsError(f"task {self.task} has no {right.name} right to {name!r}")
        return found[0]

    def receivable(self) -> list[Port]:
        """Ports the task may receive from."""
        return [port for port, right in self.rights.values() if Right.RECEIVE in right]


def connected() -> tuple[Port, Port, dict[int, Names]]:
    """Two tasks, 1 and 2, with a port for requests and one for replies; 2 waits for requests."""
    requests, replies = Port(1), Port(2)
    client = {"request": (requests, Right.SEND), "reply": (replies, Right.RECEIVE)}
    server = {"request": (requests, Right.RECEIVE), "reply": (replies, Right.SEND)}
    requests.waiting = 2
    return requests, replies, {1: Names(1, client), 2: Names(2, server)}
