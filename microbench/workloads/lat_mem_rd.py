"""lat_mem_rd: a chain of dependent loads through buffers of growing size.

Sizes are powers of two from 512 bytes to the given length; the steps between them that the
original also runs are left out. With `-t` pages are visited in a scattered order.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from microbench.errors import UsageError
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.reading import whole
from microbench.trace import Region
from microbench.workloads.base import Metric, Part, Workload
from microbench.workloads.programs.usercode import TEXT_AT

BUFFER_VA = 0x0040_0000
SMALLEST, MOST_MIB = 512, 8
PAGE = 4096
SCATTER = 2654435761  # odd, so that multiples of it visit every page of a power of two once


class LatMemRd:
    """One length and stride.

    Parameters
    ----------
    mib, stride : int
        Length [MiB] and distance of the loads [bytes].
    scattered : bool
        Pages in a scattered order.
    """

    name = "lat_mem_rd"

    def __init__(self, mib: int, stride: int, scattered: bool) -> None:
        self.stride, self.scattered = stride, scattered
        self.args = f"{'-t ' if scattered else ''}{mib} {stride}"
        top = mib << 20
        self.sizes = [s for s in (SMALLEST << i for i in range(24)) if max(stride, 512) <= s <= top]

    def parts(self) -> list[Part]:
        """One part per size."""
        return [
            Part(
                str(size), partial(_chase, size, self.stride, self.scattered), warm_up=2, counted=1
            )
            for size in self.sizes
        ]

    def metrics(self, cycles: Mapping[str, float], clock_hz: float) -> list[Metric]:
        """Time of one load per size [ns]."""
        found = []
        for size in self.sizes:
            one = cycles[str(size)] / (size // self.stride)
            name = f"latency at {size} bytes"
            found.append(Metric(name, "ns", "smaller", one / clock_hz * 1e9, one))
        return found


DEFAULT_STRIDE = "128"
"""What lmbench takes without one: 512 bytes over the size of a pointer, 4 bytes here."""


def parse(args: list[str]) -> list[Workload]:
    """`[-t] MiB [stride ...]`.

    Raises
    ------
    UsageError
        For anything else.
    """
    scattered = args[:1] == ["-t"]
    words = args[1:] if scattered else args
    if not words:
        raise UsageError("lat_mem_rd: give [-t] MIB [STRIDE ...]")
    mib, strides = whole(words[0], 1, MOST_MIB), words[1:] or [DEFAULT_STRIDE]
    if mib is None:
        problem = f"is not from 1 to {MOST_MIB} MiB"
        raise UsageError(f"lat_mem_rd: length {words[0][:40]!r} {problem}")
    found = []
    for word in strides:
        stride = whole(word, 4, PAGE)
        if stride is None or stride & (stride - 1):
            problem = f"is not a power of two from 4 to {PAGE}"
            raise UsageError(f"lat_mem_rd: stride {word[:40]!r} {problem}")
        found.append(LatMemRd(mib, stride, scattered))
    return list(found)


def _chase(size: int, stride: int, scattered: bool, iterations: int, linux: Linux) -> None:
    def program(linux: Linux, process: Process) -> Program:
        buffer = linux.host.user_memory(process, "buffer", BUFFER_VA, size)
        pieces = _pages(buffer, size) if scattered and size > PAGE else [buffer]
        for turn in range(iterations):
            for piece in pieces:
                linux.host.recorder.loop(
                    count=piece.size // stride,
                    stride=stride,
                    text=process.user("user_text").at(TEXT_AT["sum"]),
                    instructions=1,
                    source=piece,
                    dependent=1,
                    element_bytes=4,
                    body_bytes=256,
                )
            linux.host.recorder.mark(turn)
        return
        yield

    linux.spawn("lat_mem_rd", program)


def _pages(buffer: Region, size: int) -> list[Region]:
    count = size // PAGE
    return [buffer.at(i * SCATTER % count * PAGE, PAGE) for i in range(count)]
