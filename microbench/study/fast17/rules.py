"""The share of the kernel's rate that FUSE leaves, by what limits each workload.

One client that waits: the kernel's time and the requests'. A stream: the disk works while the
daemon does. Many clients: one daemon uses the disk as one thread does, several as so many; who
makes or removes a file holds its directory over the round trips; an arm sees many streams
through a daemon as random reads.
"""

from __future__ import annotations

import math

from microbench.study.fast17.given import Line, alone, parts, published
from microbench.study.fast17.mixes import WORK, mix_rate

READ_KB = 128
WAITED: dict[str, tuple[tuple[str, ...], int]] = {
    "cr-wr": (("LOOKUP", "CREATE", "GETATTR", "WRITE", "FLUSH"), 3),
    "preall-re": (("LOOKUP", "GETATTR", "OPEN", "READ", "READ", "FLUSH"), 3),
    "preall-de": (("LOOKUP", "UNLINK"), 1),
}
"""Requests a file is waited for, and operations the benchmark counts for it."""
LOCKED = {"cr-wr": ("LOOKUP", "CREATE"), "preall-de": ("LOOKUP", "UNLINK")}
"""Requests during which the directory is held: Linux 4.1 does so, and names come in order."""
TWICE = ("LOOKUP", "GETATTR")
"""Asked for apart: a kernel file system does this within the operation, and the daemon's call
that follows does it again."""
STREAMS = ("sq-re", "sq-wr", "rd-wr")


def predicted(line: Line, level: str = "value") -> float:
    """The share of the kernel's rate that is left; "low" is the end at which all is cheap."""
    if line.mix:
        rate = mix_rate(line, level)
    elif line.kind in STREAMS:
        rate = _pipelined(line, level)
    else:
        rate = _waiting(line, level) if line.threads == 1 else _shared(line, level)
    return min(1.0, rate * parts(level)["rates"] / line.rate)


def sync_requests(kind: str) -> float:
    """Requests that are waited for, per operation as the benchmark counts them."""
    requests, operations = WAITED.get(kind, (("READ",), 1))
    return len(requests) / operations


def _null(line: Line, level: str) -> float:
    """A request that is waited for, without its work [us]."""
    part = parts(level)
    if line.config == "opt":
        return 2 * part["pending_threads"] + part["fixed_threads"]
    if line.kind == "rd-re":
        return 2 * part["pending_idle"] + part["fixed"]
    return part["pending"] + part["fixed"] + part["wake"]


def _waiting(line: Line, level: str) -> float:
    """One client that waits for each request: the kernel's time, and theirs [operations/s]."""
    requests, copied = sync_requests(line.kind), _copied(line, level)
    if line.kind == "rd-re" and line.kb > READ_KB:
        requests = 1 if line.config == "opt" else line.kb / READ_KB
        copied = READ_KB * parts(level)["copy"] if line.config == "opt" else copied
    extra = requests * _null(line, level) + copied + _twice(line.kind, level)
    return 1e6 / (1e6 / line.rate + extra)


def _twice(kind: str, level: str) -> float:
    """Work of the file system below that the kernel's own does not have [us per operation]."""
    requests, operations = WAITED.get(kind, ((), 1))
    return sum(parts(level)[WORK[op]] for op in requests if op in TWICE) / operations


def _copied(line: Line, level: str) -> float:
    return line.kb * parts(level)["copy"] if line.kind == "rd-re" else 0.0


def _pipelined(line: Line, level: str) -> float:
    """Streams: the disk works while the daemon does; the slower of them decides."""
    part = parts(level)
    if line.kind == "sq-re":
        if line.threads > 1 and line.disk == "HDD" and line.rest == "32f":
            return _interleaved(line)
        busy = line.kb / READ_KB * (part["pending"] + part["fixed"]) + line.kb * part["copy"]
        return min(line.rate, 1e6 / busy) if line.threads == 1 else line.rate
    if line.config == "opt":
        return line.rate
    handed = _null(line, level) if line.threads == 1 else part["fixed"]  # busy, it never sleeps
    return min(line.rate, 1e6 / (line.kb / 4 * (handed + part["write"])))


def _interleaved(line: Line) -> float:
    """Many streams through a daemon reach the arm as random reads of a request's size."""
    rates, _ = published()
    threads = 32 if line.config == "opt" else 1
    return rates[f"rd-re-{READ_KB}KB-{threads}th-1f", line.disk] * READ_KB / line.kb


def _shared(line: Line, level: str) -> float:
    """Many clients: by the daemon or daemons, and by the directory they hold."""
    if line.kb > READ_KB and line.disk == "HDD":
        return _interleaved(line)
    one = alone(line.kind, line.workload.split("-")[2], line.disk, line.rest)
    assert one is not None, line.workload
    part = parts(level)
    if line.config == "base":
        took = sync_requests(line.kind) * part["fixed"] + _copied(line, level)
        rate = 1e6 / (1e6 / one + took + _twice(line.kind, level))
    elif line.kind in LOCKED:
        rate = line.rate
    else:
        grows = math.log(line.rate / one) / math.log(line.threads)
        rate = one * part["in_flight"] ** grows
    return min(line.rate, rate, _locked(line, level))


def _locked(line: Line, level: str) -> float:
    """What one directory allows, a client at a time [operations/s]."""
    if line.kind not in LOCKED:
        return math.inf
    part = parts(level)
    held = sum(_null(line, level) + part[WORK[op]] for op in LOCKED[line.kind])
    return WAITED[line.kind][1] * 1e6 / held
