"""Queued IPC as Mach described it, as a system that tells a trace what it does.

Functional: messages are copied into buffers and out again, a full queue turns a sender away,
a receiver of an empty port blocks until the scheduler picks it. The steps and their counts
are estimates from published descriptions (`ipc-mach.toml`).
"""

from __future__ import annotations

from collections import deque

from microbench.ipc.kernels import IpcKernel, drawn, without_space_write
from microbench.ipc.memory import IpcMemory
from microbench.ipc.ports import Port, Right, connected
from microbench.trace import Recorder, Region, Template, Trace, ops

BUFFERS = 8
BUFFER_BYTES = 2048
LINE = 32
APART = 128


class QueuedIpc:
    """Two threads and two ports: requests and replies.

    Parameters
    ----------
    same_space : bool
        Both threads in one task: no address space changes, everything else stays.

    Attributes
    ----------
    received : list of tuple of int
        Message words in the order of arrival.
    """

    def __init__(
        self,
        kernel: IpcKernel,
        same_space: bool = False,
        isolated: bool = False,
        level: str = "value",
    ) -> None:
        self.kernel, self.isolated, self.level = kernel, isolated, level
        self.recorder = Recorder()
        self.memory = IpcMemory(self.recorder.layout, large_pages=True)
        self.spaces = {1: 1, 2: 1 if same_space else 2}
        self.requests, self.replies, self.names = connected()
        self.ready: deque[int] = deque()
        self.free = deque(range(BUFFERS))
        self.received: list[tuple[int, ...]] = []
        self.direction = "set-up"
        self.current = 1
        self._drawn: dict[tuple[str, bool], Template] = {}

    def send(self, name: str, words: tuple[int, ...]) -> bool:
        """Queue a message of the running thread; whether there was room.

        Raises
        ------
        RightsError
            If it may not send there.
        """
        thread = self.current
        port = self.names[thread].port(name, Right.SEND)
        self._trap()
        self._path("send_entry", thread)
        if port.full:
            self._return()
            return False
        buffer = self.free.popleft()
        self._path("buffer_take", thread, buffer)
        self._copy(thread, buffer, len(words), inward=True)
        self._path("rights_in", thread, buffer, port.number)
        self._path("enqueue", thread, buffer, port.number)
        port.queue.append((buffer, words))
        if port.waiting is not None:
            self._path("wake_up", thread, buffer, port.number, port.waiting)
            self.ready.append(port.waiting)
            port.waiting = None
        return True

    def receive(self, name: str) -> None:
        """The rest of the same call: take a message, or block and let the next thread run.

        Raises
        ------
        RightsError
            If the running thread may not receive there.
        """
        port = self.names[self.current].port(name, Right.RECEIVE)
        if port.queue:
            self._take(port)
            return
        port.waiting = self.current
        self._path("block", self.current, 0, port.number)
        self._switch(self.ready.popleft())
        self._take(next(p for p in self.names[self.current].receivable() if p.queue))

    def _switch(self, following: int) -> None:
        previous, self.current = self.current, following
        self._path("schedule", previous, 0, 0, following)
        self._path("switch", previous, 0, 0, following)
        with self.recorder.place(f"{self.direction}: kernel"):
            self.recorder.emit(ops.SWITCH, self.spaces[following], ops.COUNTED)

    def _take(self, port: Port) -> None:
        buffer, words = port.queue.popleft()
        thread = self.current
        self._path("dequeue", thread, buffer, port.number)
        self._path("rights_out", thread, buffer, port.number)
        self._copy(thread, buffer, len(words), inward=False)
        self._path("buffer_give", thread, buffer)
        self.free.append(buffer)
        self.received.append(words)
        self._return()

    def user_code(self) -> None:
        """What the running thread does between two calls."""
        thread = self.current
        shape = self.kernel.shapes["user_loop"]
        space = self.spaces[thread]
        page = self.memory.user("user_loop", thread, space)
        text = page.at(APART * (thread % 2), LINE * shape.code_lines)
        bind = {role: self.memory.user(role, thread, space) for role in shape.objects}
        with self.recorder.place(f"{self.direction}: user"):
            self.recorder.path(self._template("user_loop", False), text=text, **bind)

    def round_trip(self, words: int, turn: int = 0) -> None:
        """A request and its reply, each with `words` words behind the header."""
        message = tuple(range(turn, turn + words))
        for direction, to, back in (("call", "request", "reply"), ("reply", "reply", "request")):
            self.direction = direction
            assert self.send(to, message)
            self.receive(back)
            self.user_code()
        self.recorder.mark(turn)

    def run(self, words: int, iterations: int) -> Trace:
        """The trace of that many round trips."""
        for turn in range(iterations):
            self.round_trip(words, turn)
        return self.recorder.finish()

    def _trap(self) -> None:
        with self.recorder.place(f"{self.direction}: kernel"):
            self.recorder.emit(ops.TRAP, ops.TRAPS.index(self.kernel.words["entry"]))

    def _return(self) -> None:
        with self.recorder.place(f"{self.direction}: kernel"):
            self.recorder.emit(ops.TRAP_RETURN)

    def _template(self, name: str, plain: bool) -> Template:
        if (name, plain) not in self._drawn:
            shape = self.kernel.shapes[name]
            kept = without_space_write(shape) if plain else shape
            self._drawn[name, plain] = drawn(kept, self.level)
        return self._drawn[name, plain]

    def _object(self, role: str, thread: int, buffer: int, port: int, receiver: int) -> Region:
        numbers = {
            "thread": thread,
            "stack": thread,
            "names": self.spaces[thread],
            "port": port,
            "reply_port": 3 - port,
            "receiver": receiver,
            "buffer": buffer,
        }
        kind = {"receiver": "thread", "reply_port": "port"}.get(role, role)
        if kind == "buffer":
            return self.memory.kernel(kind, buffer, BUFFER_BYTES).at(0, 256)
        return self.memory.kernel(kind, numbers.get(role, 0))

    def _path(
        self, name: str, thread: int, buffer: int = 0, port: int = 0, receiver: int = 0
    ) -> None:
        shape = self.kernel.shapes[name]
        plain = self.isolated or self.spaces[1] == self.spaces[2]
        text = self.memory.text(name, LINE * shape.code_lines)
        bind = {r: self._object(r, thread, buffer, port, receiver) for r in shape.objects}
        with self.recorder.place(f"{self.direction}: kernel"):
            self.recorder.path(self._template(name, plain), text=text, **bind)

    def _copy(self, thread: int, buffer: int, words: int, inward: bool) -> None:
        user = self.memory.user("user_message", thread, self.spaces[thread])
        kernel = self.memory.kernel("buffer", buffer, BUFFER_BYTES)
        source, target = (user, kernel) if inward else (kernel, user)
        with self.recorder.place(f"{self.direction}: copy"):
            self.recorder.loop(
                count=words + self.kernel.number("header_words", self.level),
                stride=4,
                text=self.memory.text("copy", LINE),
                instructions=self.kernel.number("copy_instructions", self.level),
                source=source,
                target=target,
            )
