"""Small systems for the microkernel tests."""

from __future__ import annotations

from typing import Any

from microbench.l4 import calls
from microbench.l4.events import ListSink
from microbench.l4.invariants import broken
from microbench.l4.kernel import Kernel
from microbench.l4.model import Fpage, MapItem, Message
from microbench.l4.policy import NICTA_2006, Policy

FRAMES = 64
PAGE = 4096


class Checked(Kernel):
    """A kernel that checks every invariant after every call, and keeps the events."""

    def __init__(self, policy: Policy = NICTA_2006, seed: int = 1) -> None:
        self.log = ListSink()
        super().__init__(FRAMES, self.log, policy, seed)

    def do(self, call: object) -> Any:
        answer = super().do(call)
        assert broken(self.state) == []
        return answer

    def seen(self, call: object) -> list[str]:
        """Paths of one call."""
        self.log.events.clear()
        self.do(call)
        return self.log.paths()

    def kinds(self, call: object) -> list[str]:
        """Kinds of all events of one call."""
        self.log.events.clear()
        self.do(call)
        return [e.kind for e in self.log.events]


def spawn(kernel: Kernel, space: int, priority: int, **roles: int) -> int:
    """A started thread in `space`, by the running privileged thread."""
    tid = kernel.do(calls.ThreadCreate(space, priority, **roles))
    kernel.do(calls.ThreadStart(tid))
    return tid


def client_and_server(
    policy: Policy = NICTA_2006, same_space: bool = False, server_at: int = 100, client_at: int = 98
) -> tuple[Checked, int, int]:
    """A server that waits for anybody and a client that runs; the root is the least urgent.

    The client's pager and handler is the server. Returns kernel, client, server.
    """
    kernel = Checked(policy)
    serving = kernel.do(calls.SpaceCreate(1))
    asking = serving if same_space else kernel.do(calls.SpaceCreate(2))
    server = spawn(kernel, serving, server_at)
    client = spawn(kernel, asking, client_at, pager=server, handler=server)
    kernel.do(calls.ThreadModify(1, priority=0))
    while kernel.current != server:
        kernel.do(calls.ThreadSwitch(server))
    kernel.do(calls.receive())
    while kernel.current != client:
        kernel.do(calls.ThreadSwitch(client))
    return kernel, client, server


def words(*values: int) -> Message:
    """A message of words."""
    return Message(7, values)


def page_item(page: int, at: int, rights: int = 7, grant: bool = False) -> MapItem:
    """One page of the sender, given at page number `at`."""
    return MapItem(Fpage(page * PAGE, 12), at * PAGE, rights, grant)
