"""Small programs that write down what happened to them, so that a test reads as a story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from microbench.linux.kernel import Linux
from microbench.linux.pipe import Pipe
from microbench.linux.process import Process, Program
from microbench.linux.unix import SocketPair
from microbench.systems.native import Native

Act = Callable[[Linux, Process], Program]
BUFFER_VA, BUFFER_BYTES = 0x40_0000, 1 << 18


class Story:
    """A kernel, what its processes did in order, and the end that stops it.

    The first process ends the story: the others never get to run again.
    """

    def __init__(self, pipe_bytes: int = 4096) -> None:
        self.linux = Linux(Native(), pipe_bytes=pipe_bytes)
        self.log: list[tuple[str, Any]] = []
        self._rest = self.linux.pipe()

    def cast(self, name: str, *acts: Act, priority: int = 120) -> Process:
        """A process that does the acts in turn, then sleeps for ever (the first one ends)."""
        first = not self.linux.processes

        def program(linux: Linux, process: Process) -> Program:
            linux.host.user_memory(process, "buffer", BUFFER_VA, BUFFER_BYTES)
            for act in acts:
                self.log.append((name, (yield from act(linux, process))))
            if not first:
                yield from linux.read(process, self._rest, process.user("buffer"), 1)

        return self.linux.spawn(name, program, priority)

    def run(self) -> list[tuple[str, Any]]:
        """Play until the first process has ended; the log."""
        self.linux.run()
        return self.log

    def said(self, name: str) -> list[Any]:
        """What one process wrote down."""
        return [what for who, what in self.log if who == name]


def write(pipe: Pipe, data: bytes) -> Act:
    """write(2); its answer."""
    return lambda linux, process: linux.write(process, pipe, process.user("buffer"), data)


def read(pipe: Pipe, size: int) -> Act:
    """read(2); the bytes."""
    return lambda linux, process: linux.read(process, pipe, process.user("buffer"), size)


def send(pair: SocketPair, end: int, data: bytes) -> Act:
    """write(2) to a socket; its answer."""
    return lambda linux, process: linux.send(process, pair, end, process.user("buffer"), data)


def receive(pair: SocketPair, end: int, size: int) -> Act:
    """read(2) from a socket; the bytes."""
    return lambda linux, process: linux.receive(process, pair, end, process.user("buffer"), size)
