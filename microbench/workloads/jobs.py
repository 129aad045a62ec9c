"""The kernel work of a ReAIM-style job, by kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from microbench.linux.exit import exit_process, wait
from microbench.linux.faults import touch
from microbench.linux.files import File
from microbench.linux.fork import fork
from microbench.linux.kernel import Linux
from microbench.linux.mmap import mmap, munmap
from microbench.linux.pipe import Pipe
from microbench.linux.process import Process, Program
from microbench.linux.signal import USER_1, kill_self, sigaction
from microbench.workloads.programs.startup import start

MESSAGE_BYTES = 128
BLOCK_BYTES, FILE_BYTES = 1024, 65_536


class Kit:
    """What a child needs for its jobs."""

    def __init__(self, linux: Linux, process: Process) -> None:
        self.linux, self.process = linux, process
        self.pipe: Pipe = linux.pipe()
        self.file: File = linux.file(bytes(FILE_BYTES))
        self.signals = 0


def ready(kit: Kit) -> Program:
    """Start the child's program and install its handler."""
    yield from start(kit.linux, kit.process, "lat_proc")

    def handler() -> None:
        kit.signals += 1

    yield from sigaction(kit.linux, kit.process, USER_1, handler)


def _call(kit: Kit) -> Program:
    yield from kit.linux.simple(kit.process, "lseek")


def _open(kit: Kit) -> Program:
    yield from kit.linux.simple(kit.process, "open")
    yield from kit.linux.simple(kit.process, "close")


def _message(kit: Kit) -> Program:
    buffer = kit.process.user("user_data")
    yield from kit.linux.write(kit.process, kit.pipe, buffer, bytes(MESSAGE_BYTES))
    yield from kit.linux.read(kit.process, kit.pipe, buffer, MESSAGE_BYTES)


def _signal(kit: Kit) -> Program:
    yield from kill_self(kit.linux, kit.process, USER_1)


def _fault(kit: Kit) -> Program:
    page = yield from mmap(kit.linux, kit.process, 1, writable=True, name="page")
    touch(kit.linux.memory, kit.process, page, write=True)
    yield from munmap(kit.linux, kit.process, page)


def _block(kit: Kit) -> Program:
    if kit.file.position >= len(kit.file.content):
        yield from kit.linux.seek(kit.process, kit.file, 0)
    buffer = kit.process.user("user_data")
    yield from kit.linux.read_file(kit.process, kit.file, buffer, BLOCK_BYTES)


def _child(programs: tuple[str, ...], linux: Linux, child: Process) -> Program:
    for name in programs:
        yield from start(linux, child, name)
    yield from exit_process(linux, child, 0)


def _process(programs: tuple[str, ...], kit: Kit) -> Program:
    yield from fork(kit.linux, kit.process, "job", partial(_child, programs))
    yield from wait(kit.linux, kit.process)


ACTIONS: dict[str, Callable[[Kit], Program]] = {
    "calls": _call,
    "opens": _open,
    "messages": _message,
    "signals": _signal,
    "faults": _fault,
    "blocks": _block,
    "forks": partial(_process, ()),
    "execs": partial(_process, ("hello",)),
    "shells": partial(_process, ("sh", "hello")),
}


def action(kind: str, kit: Kit) -> Program:
    """One piece of kernel work of a kind."""
    yield from ACTIONS[kind](kit)
