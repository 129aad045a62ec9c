"""The raw IPC system: two threads on the functional microkernel, nothing else.

A calls B and waits; B replies and waits. The microkernel decides what happens, a sink turns
it into a trace. There is no Linux here.
"""

from __future__ import annotations

from microbench.errors import UsageError
from microbench.ipc.kernels import IpcKernel
from microbench.ipc.sink import IpcSink
from microbench.l4.calls import (
    SpaceCreate,
    ThreadCreate,
    ThreadStart,
    call,
    receive,
    reply_wait,
)
from microbench.l4.events import ListSink
from microbench.l4.kernel import Kernel
from microbench.l4.model import Message
from microbench.l4.policy import MESSAGE_REGISTERS, Policy
from microbench.trace import Recorder, Trace

FRAMES = 1 << 10
CALLER, SERVER = 100, 200
NEVER = -1


class RawIpc:
    """Two threads that exchange messages.

    Parameters
    ----------
    same_space : bool
        Both threads in one address space.
    slow : bool
        The assembler path is switched off.

    Attributes
    ----------
    received : list of Message
        What arrived, in order.
    """

    def __init__(
        self,
        kernel: IpcKernel,
        same_space: bool = False,
        slow: bool = False,
        isolated: bool = False,
        level: str = "value",
    ) -> None:
        self.recorder = Recorder()
        self.sink = IpcSink(self.recorder, kernel, isolated, level)
        self._journal = ListSink()
        fast = NEVER if slow else kernel.number("fast_words")
        self.most_words = kernel.number("message_words") or MESSAGE_REGISTERS
        in_registers = kernel.number("register_words")
        policy = Policy(
            kernel.name, "swi", fast, in_registers, False, True, False, True, self.most_words
        )
        self.l4 = Kernel(FRAMES, sink=self._journal, policy=policy)
        self.received: list[Message] = []
        first = self._space(1)
        second = first if same_space else self._space(2)
        self.server, self.caller = self._thread(second, SERVER), self._thread(first, CALLER)
        self.l4.do(receive())
        self.l4.do(receive())
        assert self.l4.current == self.caller
        self._journal.events.clear()  # what was said so far is set-up

    def _space(self, slot: int) -> int:
        space = self.l4.do(SpaceCreate(pid_slot=slot))
        assert isinstance(space, int)
        return space

    def _thread(self, space: int, priority: int) -> int:
        thread = self.l4.do(ThreadCreate(space, priority))
        assert isinstance(thread, int)
        self.l4.do(ThreadStart(thread))
        self.sink.spaces[thread] = space
        return thread

    def round_trip(self, words: int, turn: int = 0) -> None:
        """One call and its reply, each with `words` message words."""
        message = Message(turn, tuple(range(words)))
        for direction, request, receiver in (
            ("call", call(self.server, message), self.server),
            ("reply", reply_wait(self.caller, message), self.caller),
        ):
            self.sink.direction = direction
            self.l4.do(request)
            self.sink.hear(self._journal.events)
            self._journal.events.clear()
            assert self.l4.current == receiver
            result = self.l4.result(receiver)
            assert result is not None
            self.received.append(result.message)
            self.sink.user_code(receiver)
        self.recorder.mark(turn)

    def run(self, words: int, iterations: int) -> Trace:
        """The trace of that many round trips.

        Raises
        ------
        UsageError
            If a message of the kernel holds fewer words.
        """
        if words > self.most_words:
            raise UsageError(f"lat_ipc: a message holds {self.most_words} words, not {words}")
        for turn in range(iterations):
            self.round_trip(words, turn)
        return self.recorder.finish()
