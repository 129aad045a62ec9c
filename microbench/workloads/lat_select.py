"""lat_select: select on many duplicates of one descriptor.

The recorded call polls pipes; files and sockets are priced as it, per descriptor.
"""

from __future__ import annotations

from functools import partial

from microbench.errors import UsageError
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.select import MOST, select
from microbench.reading import whole
from microbench.workloads.base import OnePart, Part, Workload

KINDS = ("file", "tcp")
DEFAULT = 200


def parse(args: list[str]) -> list[Workload]:
    """`-n` and a number, then file or tcp.

    Raises
    ------
    UsageError
        For anything else.
    """
    rest, count = list(args), DEFAULT
    if rest[:1] == ["-n"]:
        given = whole(rest[1], 1, MOST) if len(rest) > 1 else None
        if given is None:
            text = " ".join(rest[1:2])[:40]
            raise UsageError(f"lat_select: -n takes a number from 1 to {MOST}, not {text!r}")
        count, rest = given, rest[2:]
    if len(rest) != 1 or rest[0] not in KINDS:
        raise UsageError(f"lat_select: {' '.join(rest)!r} is not one of {', '.join(KINDS)}")
    return [OnePart("lat_select", f"-n {count} {rest[0]}", Part("call", partial(_loop, count)))]


def _loop(count: int, iterations: int, linux: Linux) -> None:
    def program(linux: Linux, process: Process) -> Program:
        for turn in range(iterations):
            process.output.append((yield from select(linux, process, count)))
            linux.host.recorder.mark(turn)

    linux.spawn("lat_select", program)
