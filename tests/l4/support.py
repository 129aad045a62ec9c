"""Small systems for the microkernel tests."""

from __future__ import annotations

from microbench.l4 import calls
from microbench.l4.events import ListSink
from microbench.l4.invariants import broken
from microbench.l4.kernel import Kernel
from microbench.l4.model import Message
from microbench.l4.policy import NICTA_2006, Policy

FRAMES = 64


class Checked(Kernel):
    """A kernel that checks every invariant after every call."""

    def __init__(self, policy: Policy = NICTA_2006, seed: int = 1) -> None:
        self.log = ListSink()
        super().__init__(FRAMES, self.log, policy, seed)

    def do(self, call: object):
        """As the kernel does, then look at everything."""
        answer = super().do(call)
        assert broken(self.state) == []
        return answer

    def seen(self, call: object) -> list[str]:
        """Paths of one call."""
        self.log.events.clear()
        self.do(call)
        return self.log.paths()


def spawn(kernel: Kernel, space: int, priority: int, **kw: int) -> int:
    """A started thread in `space`, by the running privileged thread."""
    tid = kernel.do(calls.ThreadCreate(space, priority, **kw))
    kernel.do(calls.ThreadStart(tid))
    return tid


def sleep(kernel: Kernel) -> None:
    """The running thread waits for anybody."""
    kernel.do(calls.receive())


def client_and_server(policy: Policy = NICTA_2006, same_space: bool = False, **priority: int):
    """A server that waits and a client that runs, both above the idle root.

    Returns the kernel and the two thread numbers.
    """
    kernel = Checked(policy)
    serving = kernel.do(calls.SpaceCreate(1))
    asking = serving if same_space else kernel.do(calls.SpaceCreate(2))
    server = spawn(kernel, serving, priority.get("server", 100))
    client = spawn(kernel, asking, priority.get("client", 98), pager=server, handler=server)
    kernel.do(calls.ThreadModify(1, priority=0))
    while kernel.current != client:
        sleep(kernel)
    return kernel, client, server


def words(*values: int) -> Message:
    """A message of words."""
    return Message(7, values)
