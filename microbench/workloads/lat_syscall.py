"""lat_syscall: one system call in a loop."""

from __future__ import annotations

from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.workloads.base import OnePart, Part, Workload, one_or_more

CALLS = {
    "null": ("getppid",),
    "read": ("read_zero",),
    "write": ("write_null",),
    "stat": ("stat",),
    "fstat": ("fstat",),
    "open": ("open", "close"),
}
"""Kind of call to the kernel paths of one iteration."""


def parse(args: list[str]) -> list[Workload]:
    """One or more kinds of call; for `open`, open and close together.

    Raises
    ------
    UsageError
        For an unknown kind, or none.
    """
    return [
        OnePart("lat_syscall", kind, Part("call", partial(_loop, CALLS[kind])))
        for kind in one_or_more("lat_syscall", args, CALLS)
    ]


def _loop(paths: tuple[str, ...], iterations: int, linux: Linux) -> None:
    def program(linux: Linux, process: Process) -> Program:
        for turn in range(iterations):
            for path in paths:
                process.output.append((yield from linux.simple(process, path)))
            linux.host.recorder.mark(turn)

    linux.spawn("loop", program)
