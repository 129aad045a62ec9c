"""lat_syscall: one system call in a loop."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.workloads.base import Metric, Part, Workload, latency, one_or_more

CALLS = {
    "null": ("getppid",),
    "read": ("read_zero",),
    "write": ("write_null",),
    "stat": ("stat",),
    "fstat": ("fstat",),
    "open": ("open", "close"),
}
"""Kind of call to the kernel paths of one iteration."""


class LatSyscall:
    """One kind of call."""

    name = "lat_syscall"

    def __init__(self, kind: str) -> None:
        self.args = kind

    def parts(self) -> list[Part]:
        """The loop."""
        return [Part("call", partial(_loop, CALLS[self.args]))]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """One call [us]; for `open`, open and close together."""
        return [latency(cycles["call"], clock_hz)]


def parse(args: list[str]) -> list[Workload]:
    """One or more kinds of call.

    Raises
    ------
    UsageError
        For an unknown kind, or none.
    """
    return [LatSyscall(kind) for kind in one_or_more("lat_syscall", args, CALLS)]


def _loop(paths: tuple[str, ...], iterations: int, linux: Linux) -> None:
    def program(linux: Linux, process: Process) -> Program:
        for turn in range(iterations):
            for path in paths:
                process.output.append((yield from linux.simple(process, path)))
            linux.host.recorder.mark(turn)

    linux.spawn("loop", program)
