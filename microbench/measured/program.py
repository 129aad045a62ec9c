"""A program run untraced for its times, and once under strace for its calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from microbench.errors import UsageError
from microbench.measured.source import Source, read_source

STDERR = 2
LONG_SECONDS = 10.0
"""A program that takes longer is not run again for its times."""


@dataclass(frozen=True)
class Times:
    """One untraced run [s]."""

    wall_s: float
    user_s: float
    system_s: float
    status: int


def timed(command: Sequence[str], runs: int = 3) -> list[Times]:
    """Run a program up to `runs` times; what it prints the first time goes to stderr.

    Raises
    ------
    UsageError
        If there is no such program.
    """
    found: list[Times] = []
    while len(found) < runs and (not found or found[0].wall_s < LONG_SECONDS):
        found.append(_once(command, show=not found))
    return found


def _once(command: Sequence[str], show: bool) -> Times:
    start = time.perf_counter()
    out = STDERR if show else subprocess.DEVNULL
    try:
        child = subprocess.Popen(command, stdout=out, stderr=None if show else out)
    except OSError as error:
        raise UsageError(f"{command[0]}: {error.strerror or error}") from None
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    return Times(wall, usage.ru_utime, usage.ru_stime, child.returncode)


def middle(runs: Sequence[Times]) -> Times:
    """The medians."""
    return Times(
        median(r.wall_s for r in runs),
        median(r.user_s for r in runs),
        median(r.system_s for r in runs),
        max((r.status for r in runs), key=abs),
    )


def traced(command: Sequence[str]) -> Source:
    """What `strace -c -f` counts of a program.

    Raises
    ------
    UsageError
        If strace is not installed or may not trace.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise UsageError("strace is not installed; give a file of a tracer instead of a program")
    with tempfile.TemporaryDirectory(prefix="mkbench-") as folder:
        written = Path(folder) / "calls"
        done = subprocess.run(
            [strace, "-c", "-f", "-o", str(written), "--", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if not written.exists() or not written.stat().st_size:
            said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise UsageError(f"strace: {' '.join(said) or 'counted nothing'}")
        return Source(f"strace -c -f {command[0]}", read_source(str(written)).text)
