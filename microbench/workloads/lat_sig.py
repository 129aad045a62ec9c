"""lat_sig: a handler installed, caught, and run for a store to a read-only page.

catch is reported less a probe with signal 0, prot less a catch, as lmbench does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from microbench.linux.kernel import Linux
from microbench.linux.mmap import mmap
from microbench.linux.process import Process, Program
from microbench.linux.signal import (
    SEGMENT,
    USER_1,
    kill_self,
    probe_self,
    sigaction,
    write_protected,
)
from microbench.workloads.base import DESCRIBED, Metric, Part, Workload, latency, one_or_more
from microbench.workloads.programs.startup import start
from microbench.workloads.programs.usermode import shape

KINDS = ("install", "catch", "prot")


class LatSig:
    """One kind."""

    name = "lat_sig"

    def __init__(self, kind: str) -> None:
        self.args = kind

    def parts(self) -> list[Part]:
        """The loop, and what is subtracted."""
        minus = {"install": (), "catch": ("probe",), "prot": ("catch", "probe")}[self.args]
        return [
            Part(kind, partial(_loop, kind), needs=DESCRIBED if kind == "prot" else ())
            for kind in (self.args, *minus)
        ]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """One signal [us]."""
        if self.args == "install":
            return [latency(cycles["install"], clock_hz)]
        caught = cycles["catch"] - cycles["probe"]
        if self.args == "catch":
            return [latency(caught, clock_hz)]
        return [latency(cycles["prot"] - caught, clock_hz)]


def parse(args: list[str]) -> list[Workload]:
    """One or more kinds.

    Raises
    ------
    UsageError
        For an unknown kind, or none.
    """
    return [LatSig(kind) for kind in one_or_more("lat_sig", args, KINDS)]


def _loop(kind: str, iterations: int, linux: Linux) -> None:
    linux.spawn("lat_sig", partial(_program, kind, iterations))


def _program(kind: str, iterations: int, linux: Linux, process: Process) -> Program:
    page = 0
    if kind == "prot":
        yield from start(linux, process, "lat_proc")
        page = yield from mmap(linux, process, 1, linux.memory.file("protected", 1))

    def handler() -> None:
        regions = {name: process.user(name) for name in ("user_stack", "user_data")}
        text = process.user("user_text")
        linux.host.recorder.path(shape("handler"), text=text, **regions)
        process.output.append(kind)

    yield from sigaction(linux, process, USER_1, handler)
    yield from sigaction(linux, process, SEGMENT, handler)
    for turn in range(iterations):
        if kind == "install":
            old = yield from sigaction(linux, process, USER_1, handler)
            process.output.append(old is handler)
        elif kind == "probe":
            process.output.append((yield from probe_self(linux, process)))
        elif kind == "catch":
            process.output.append((yield from kill_self(linux, process, USER_1)))
        else:
            process.output.append((yield from write_protected(linux, process, page)))
        linux.host.recorder.mark(turn)
