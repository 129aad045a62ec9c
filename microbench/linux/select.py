"""select on descriptors that are ready: fixed parts, and one part per descriptor."""

from __future__ import annotations

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program

MOST = 1024


def select(linux: Linux, process: Process, count: int) -> Program:
    """select(2) for writing on `count` duplicates of one descriptor; how many are ready.

    Raises
    ------
    ValueError
        For more descriptors than a set holds.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"{count} descriptors, not 1 to {MOST}")
    return (yield from linux.call(process, "select", _select(linux, process, count)))


def _select(linux: Linux, process: Process, count: int) -> Program:
    with linux.host.recorder.place("syscall"):
        linux.memory.path("select_begin", process)
        for _ in range(count):
            linux.memory.path("select_descriptor", process)
        linux.memory.path("select_end", process)
    return count
    yield
