"""bw_mem: user memory read, written, copied or cleared, in a buffer of one size.

`rd`, `wr` and `rdwr` touch one word in four and count every byte; `frd`, `fwr` touch every
word; `cp` and `fcp` likewise; `bzero` and `bcopy` are the C library's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.workloads.base import OnePart, Part, Workload, size_and_kind
from microbench.workloads.programs.usercode import walk

SOURCE_VA, TARGET_VA = 0x0040_0000, 0x0090_0000


@dataclass(frozen=True)
class Kind:
    """How one kind walks: which loop, how far apart, and which buffers."""

    loop: str
    stride: int
    reads: bool
    writes: bool


KINDS = {
    "rd": Kind("sum", 16, True, False),
    "wr": Kind("store", 16, False, True),
    "rdwr": Kind("update", 16, True, True),
    "cp": Kind("copy", 16, True, True),
    "frd": Kind("sum", 4, True, False),
    "fwr": Kind("store", 4, False, True),
    "fcp": Kind("copy", 4, True, True),
    "bzero": Kind("zero", 16, False, True),
    "bcopy": Kind("burst", 16, True, True),
}


def parse(args: list[str]) -> list[Workload]:
    """A size and a kind.

    Raises
    ------
    UsageError
        For anything else.
    """
    text, size, kind = size_and_kind("bw_mem", args, KINDS)
    passes = Part("pass", partial(_passes, size, kind), warm_up=3, counted=3)
    return [OnePart("bw_mem", f"{text} {kind}", passes, size)]


def _passes(size: int, name: str, iterations: int, linux: Linux) -> None:
    kind = KINDS[name]

    def program(linux: Linux, process: Process) -> Program:
        first = linux.host.user_memory(process, "source", SOURCE_VA, size)
        second = first
        if kind.reads and kind.writes and name != "rdwr":
            second = linux.host.user_memory(process, "target", TARGET_VA, size)
        source, target = first if kind.reads else None, second if kind.writes else None
        for turn in range(iterations):
            walk(linux, process, kind.loop, source, target, size, kind.stride)
            linux.host.recorder.mark(turn)
        return
        yield

    linux.spawn("bw_mem", program)
