"""Web and file servers: what a turn asks of a daemon is counted, what the disk takes is given.

One daemon does one request at a time and waits for the disk itself; what it wrote is written
behind meanwhile, and its reads queue behind that. In the kernel, or with several daemons, a turn
takes as long, but many go on at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial

from microbench.servers.played import play_mounted
from microbench.servers.structures import Mount, structure
from microbench.study.fast17.given import Line, alone, parts
from microbench.workloads.fs_mix import mixes, parse

OPERATIONS = {"read": 3, "log": 1, "create": 3, "append": 3, "delete": 1, "stat": 1}
"""Operations as the benchmark counts them, by step; its log stays open."""
WORK = {op: op.lower() for op in ("LOOKUP", "GETATTR", "CREATE", "WRITE", "UNLINK")}
"""Requests that have work below the daemon to its part."""
NO_WAIT = ("RELEASE", "FORGET")
TURNS = 3
STEPS_OF_A_FIXED_POINT = 60


@dataclass(frozen=True)
class Turn:
    """What one turn asks for.

    Attributes
    ----------
    operations : int
    requests : mapping of str to float
        By kind.
    read_kb, written_kb : float
    opened, files : float
        Files that were there and were opened or removed; of them read.
    """

    operations: int
    requests: Mapping[str, float]
    read_kb: float
    written_kb: float
    opened: int
    files: int


@cache
def turn_of(name: str) -> Turn:
    """One turn of a mix, counted with nothing cached and attributes that are never believed."""
    mix, (bench,) = mixes()[name], parse([name, "--cache", "cold"])
    program = partial(bench.program, TURNS)
    how = Mount(cache="cold", attributes_ns=0)
    counts = play_mounted(program, how, structure("native-fuse")).counts
    last = counts[-1] - counts[-2]
    requests = {op: float(n) for op, n in last.items() if op.isupper()}
    steps = mix.steps
    written = {"create": mix.file_bytes, "append": mix.append_bytes, "log": mix.append_bytes}
    return Turn(
        sum(OPERATIONS[step] for step in steps),
        requests,
        steps.count("read") * mix.file_bytes / 1024,
        sum(written.get(step, 0) for step in steps) / 1024,
        sum(steps.count(step) for step in ("read", "append", "delete", "stat")),
        steps.count("read"),
    )


def mix_rate(line: Line, level: str, limited: bool = True) -> float:
    """Operations per second that a daemon, or several, leave [1/s].

    Parameters
    ----------
    limited : bool
        Whether no more READs are under way than the kernel allows.
    """
    turn, part = turn_of(line.kind), parts(level)
    reading, writing = _disk_us(turn, line.disk, level)
    if line.config == "base":
        return turn.operations * _turns(_daemon_us(turn, level), reading, writing)
    one = turn.operations * _turns(_kernel_us(turn, level), reading, writing)
    grows = max(0.0, math.log(line.rate / one) / math.log(line.threads))
    most = part["in_flight"] if limited else line.threads
    return one * min(line.threads, most) ** grows


def _daemon_us(turn: Turn, level: str) -> float:
    """What a daemon that never sleeps is busy with, the disk's reads apart [us]."""
    part = parts(level)
    asked = sum(n for op, n in turn.requests.items() if op != "FORGET")
    return asked * part["fixed"] + _kernel_us(turn, level) + turn.read_kb * part["copy"]


def _kernel_us(turn: Turn, level: str) -> float:
    """The same requests as work of the file system below [us]."""
    part = parts(level)
    return sum(n * part[WORK[op]] for op, n in turn.requests.items() if op in WORK)


def _disk_us(turn: Turn, disk: str, level: str) -> tuple[float, float]:
    """What the disk takes to read and to write for a turn [us]."""
    part = parts(level)
    small, large = (1e6 / _given("rd-re", size, disk) for size in ("4KB", "128KB"))
    opening = 3e6 / _given("preall-re", "4KB", disk) - small
    per_file = turn.read_kb / turn.files
    reading = small + (large - small) * (per_file - 4) / (128 - 4)
    missed = part["missed"] * (turn.files * reading + turn.opened * max(0.0, opening))
    return missed, turn.written_kb / 128 * 1e6 / _given("sq-wr", "128KB", disk)


def _given(kind: str, size: str, disk: str) -> float:
    found = alone(kind, size, disk)
    assert found is not None, (kind, size, disk)
    return found


def _turns(busy_us: float, reading_us: float, writing_us: float) -> float:
    """Turns per second, where reads wait while the disk writes behind; found by halving."""
    low, high = 0.0, 1.0 / max(busy_us + reading_us, writing_us)
    for _ in range(STEPS_OF_A_FIXED_POINT):
        rate = (low + high) / 2
        takes = busy_us + reading_us / (1 - rate * writing_us)
        low, high = (rate, high) if rate * takes < 1 else (low, rate)
    return low * 1e6
