"""Other processes a probe needs: the members of a ring, and a bare Python that forks.

Members are forked after everything is compiled, close what they do not use, and are ended by
the suite that made them, by their own process id.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from contextlib import suppress

import numpy as np

from microbench.measured.probes import loops

FORK_LOOP = """
import os, sys, time
for line in sys.stdin:
    start = time.perf_counter_ns()
    for _ in range(int(line)):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    print(time.perf_counter_ns() - start, flush=True)
"""


class Ring:
    """Processes that pass a byte on, each with an array it sums at its turn.

    Parameters
    ----------
    processes : int
        With the caller, which passes the token itself.
    work_bytes : int
        Array of each member.
    """

    def __init__(self, processes: int, work_bytes: int) -> None:
        self.processes = processes
        self.work = np.ones(max(1, work_bytes // 4), np.int32)[: work_bytes // 4]
        self.buffer = np.zeros(8, np.uint8)
        self.sums = np.zeros(1, np.int64)
        pipes = [os.pipe() for _ in range(processes)]
        self.children: list[int] = []
        for i in range(1, processes):
            child = os.fork()
            if child == 0:
                self._serve(pipes, i)
            self.children.append(child)
        self.to_fd, self.from_fd = pipes[0][1], pipes[-1][0]
        kept = {self.to_fd, self.from_fd}
        for fd in {fd for pair in pipes for fd in pair} - kept:
            os.close(fd)

    def _serve(self, pipes: list[tuple[int, int]], i: int) -> None:
        """The life of a member: it ends when the pipe before it is closed."""
        mine = {pipes[i - 1][0], pipes[i][1]}
        for fd in {fd for pair in pipes for fd in pair} - mine:
            os.close(fd)
        own = self.work.copy()
        loops.serve_token(pipes[i - 1][0], pipes[i][1], self.buffer, own, self.sums)
        os._exit(0)

    def close(self) -> None:
        """Close the ring; the members end one after the other."""
        os.close(self.to_fd)
        os.close(self.from_fd)
        for child in self.children:
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


class Forker:
    """A Python without site and numpy that forks, exits and waits as often as it is told."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", FORK_LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def block(self, count: int) -> float:
        """Time of `count` forks [ns]; nan if the process is gone."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(OSError):
            self.process.stdin.write(f"{count}\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            return float(answer) if answer.strip().isdigit() else math.nan
        return math.nan

    def close(self) -> None:
        """End it and wait for it."""
        with suppress(OSError):
            self.process.communicate(timeout=2)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
