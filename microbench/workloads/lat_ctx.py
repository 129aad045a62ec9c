"""lat_ctx: a token around a ring of processes, each summing its own array.

The result per switch is the time of one hop less a measured overhead: write and read of the
token on a pipe, and the sum with a hot array, in one process. For one process the difference
is about zero and lmbench prints no line, so what a table calls the row is the overhead.

lmbench measures one overhead for all rings of a call, over as many pipes as the longest has.
Here each ring is measured over its own pipes, as if it had been called alone: a row has one
value, whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from microbench.errors import UsageError
from microbench.linux.kernel import Linux
from microbench.linux.pipe import Pipe
from microbench.linux.process import Process, Program
from microbench.reading import whole
from microbench.trace import Region
from microbench.workloads.base import MOST_PROCESSES, RESTED, SPENT, Metric, Part, Workload, latency
from microbench.workloads.programs.usercode import walk

TOKEN_BYTES = 4
ARRAY_VA = 0x0040_0000
MOST_KIB = 1024


class LatCtx:
    """One working set and one number of processes."""

    name = "lat_ctx"

    def __init__(self, kib: int, processes: int) -> None:
        self.kib, self.processes = kib, processes
        self.args = f"-s {kib} {processes}"

    def parts(self) -> list[Part]:
        """The overhead loop, and the ring if it has more than one process."""
        size, count = self.kib * 1024, self.processes
        overhead = Part("overhead", partial(_overhead, size, count), 3 * count)
        if count == 1:
            return [overhead]
        ring = Part("ring", partial(_ring, size, count), counted=6, unit="hop")
        return [ring, overhead]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """The switch [us], and the overhead that was subtracted."""
        overhead = cycles["overhead"]
        found = [latency(overhead, clock_hz, "overhead")]
        if self.processes == 1:
            return [latency(overhead, clock_hz)]
        hop = cycles["ring"] / self.processes
        return [latency(hop - overhead, clock_hz), *found]


def parse(args: list[str]) -> list[Workload]:
    """`-s KiB` and one or more numbers of processes.

    Raises
    ------
    UsageError
        For anything else.
    """
    rest, kib = list(args), 0
    if rest[:1] == ["-s"]:
        size = whole(rest[1], 0, MOST_KIB) if len(rest) > 1 else None
        if size is None:
            given = " ".join(rest[1:2])[:40]
            raise UsageError(f"lat_ctx: -s takes a size from 0 to {MOST_KIB} [KiB], not {given!r}")
        kib, rest = size, rest[2:]
    if not rest:
        raise UsageError("lat_ctx: give at least one number of processes, e.g. -s 0 2 10")
    counts = [whole(word, 1, MOST_PROCESSES) for word in rest]
    if None in counts:
        word = rest[counts.index(None)][:40]
        problem = f"is not a number of processes from 1 to {MOST_PROCESSES}"
        raise UsageError(f"lat_ctx: {word!r} {problem}")
    return [LatCtx(kib, count) for count in counts if count is not None]


def _array(linux: Linux, process: Process, size: int) -> Region | None:
    return linux.host.user_memory(process, "array", ARRAY_VA, size) if size else None


def _sum(linux: Linux, process: Process, array: Region | None, size: int) -> None:
    linux.host.user_function(process)
    if array is not None:
        walk(linux, process, "sum", array, None, size, 4)


def _overhead(size: int, pipes: int, iterations: int, linux: Linux) -> None:
    """One process hands itself the token through each pipe in turn."""

    def program(linux: Linux, process: Process) -> Program:
        ring = [linux.pipe() for _ in range(pipes)]
        array = _array(linux, process, size)
        buffer = process.user("user_data")
        for turn in range(iterations):
            pipe = ring[turn % pipes]
            yield from linux.write(process, pipe, buffer, bytes(TOKEN_BYTES))
            process.output.append((yield from linux.read(process, pipe, buffer, TOKEN_BYTES)))
            _sum(linux, process, array, size)
            linux.host.recorder.mark(turn)

    linux.spawn("overhead", program)


def _ring(size: int, processes: int, iterations: int, linux: Linux) -> None:
    """Each process reads the token from its pipe, sums, and writes it to the next one's."""
    pipes = [linux.pipe() for _ in range(processes)]
    linux.spawn("ring 0", partial(_first, size, pipes, iterations), credit=SPENT)
    for i in range(1, processes):
        member = partial(_member, size, pipes[i], pipes[(i + 1) % processes])
        linux.spawn(f"ring {i}", member, credit=RESTED)
    linux.strike_in_turn()


def _first(
    size: int, pipes: list[Pipe], iterations: int, linux: Linux, process: Process
) -> Program:
    array = _array(linux, process, size)
    buffer = process.user("user_data")
    for turn in range(iterations):
        yield from linux.write(process, pipes[1], buffer, bytes(TOKEN_BYTES))
        process.output.append((yield from linux.read(process, pipes[0], buffer, TOKEN_BYTES)))
        _sum(linux, process, array, size)
        linux.host.recorder.mark(turn)


def _member(size: int, mine: Pipe, following: Pipe, linux: Linux, process: Process) -> Program:
    array = _array(linux, process, size)
    buffer = process.user("user_data")
    while True:
        process.output.append((yield from linux.read(process, mine, buffer, TOKEN_BYTES)))
        _sum(linux, process, array, size)
        yield from linux.write(process, following, buffer, bytes(TOKEN_BYTES))
