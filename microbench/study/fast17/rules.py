"""The share of the kernel's rate that FUSE leaves, by what limits each workload.

One client that waits: the kernel's time and the requests'. A stream: the disk works while the
daemon does. Many clients: one daemon uses the disk as one thread does, several as so many. What
else limits some of them is a rule that has a name and can be left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from microbench.study.fast17.given import Line, alone, parts, published
from microbench.study.fast17.mixes import WORK, mix_rate

READ_KB = 128
WAITED: dict[str, tuple[tuple[str, ...], int]] = {
    "cr-wr": (("LOOKUP", "CREATE", "GETATTR", "WRITE", "FLUSH"), 3),
    "preall-re": (("LOOKUP", "GETATTR", "OPEN", "READ", "READ", "FLUSH"), 3),
    "preall-de": (("LOOKUP", "UNLINK"), 1),
}
"""Requests a file is waited for, and operations the benchmark counts for it."""
HELD = {"cr-wr": ("LOOKUP", "CREATE"), "preall-de": ("LOOKUP", "UNLINK")}
"""Requests during which the directory is held: Linux 4.1 does so, and names come in order."""
TWICE = ("LOOKUP", "GETATTR")
"""Asked for apart: a kernel file system does this within the operation, and the daemon's call
that follows does it again."""
STREAMS = ("sq-re", "sq-wr", "rd-wr")
OPTIONAL = {
    "directory": "who makes or removes a file holds its directory over the round trips",
    "twice": "LOOKUP and GETATTR are work that the operation below does again",
    "in flight": "no more READs of a mount are under way than the kernel allows",
    "arm": "many streams through a daemon reach an arm as random reads of a request's size",
}
"""Rules that can be left out, to see what each is worth."""


@dataclass(frozen=True)
class Rules:
    """The rules at one end of the ranges.

    Attributes
    ----------
    level : str
        "low" is the end at which everything is cheap.
    without : str
        One of `OPTIONAL` that does not hold; "" for none.
    """

    level: str = "value"
    without: str = ""

    @property
    def part(self) -> dict[str, float]:
        """Parts of a request."""
        return parts(self.level)

    def share(self, line: Line) -> float:
        """The share of the kernel's rate that is left."""
        if line.mix:
            rate = mix_rate(line, self.level, self.without != "in flight")
        elif line.kind in STREAMS:
            rate = self._pipelined(line)
        else:
            rate = self._waiting(line) if line.threads == 1 else self._shared(line)
        return min(1.0, rate * self.part["rates"] / line.rate)

    def _null(self, line: Line) -> float:
        """A request that is waited for, without its work [us]."""
        part = self.part
        if line.config == "opt":
            return 2 * part["pending_threads"] + part["fixed_threads"]
        if line.kind == "rd-re":
            return 2 * part["pending_idle"] + part["fixed"]
        return part["pending"] + part["fixed"] + part["wake"]

    def _waiting(self, line: Line) -> float:
        """One client that waits for each request: the kernel's time, and theirs [1/s]."""
        requests, copied = sync_requests(line.kind), self._copied(line)
        if line.kind == "rd-re" and line.kb > READ_KB:
            requests = 1 if line.config == "opt" else line.kb / READ_KB
            copied = READ_KB * self.part["copy"] if line.config == "opt" else copied
        extra = requests * self._null(line) + copied + self._twice(line.kind)
        return 1e6 / (1e6 / line.rate + extra)

    def _twice(self, kind: str) -> float:
        """Work of the file system below that the kernel's own does not have [us per operation]."""
        if self.without == "twice":
            return 0.0
        requests, operations = WAITED.get(kind, ((), 1))
        return sum(self.part[WORK[op]] for op in requests if op in TWICE) / operations

    def _copied(self, line: Line) -> float:
        return line.kb * self.part["copy"] if line.kind == "rd-re" else 0.0

    def _pipelined(self, line: Line) -> float:
        """Streams: the disk works while the daemon does; the slower of them decides."""
        part = self.part
        if line.kind == "sq-re":
            if line.threads > 1:
                return self._by_arm(line) if line.rest == "32f" else line.rate
            busy = line.kb / READ_KB * (part["pending"] + part["fixed"]) + line.kb * part["copy"]
            return min(line.rate, 1e6 / busy)
        if line.config == "opt":
            return line.rate
        # a daemon that is busy never sleeps
        handed = self._null(line) if line.threads == 1 else part["fixed"]
        return min(line.rate, 1e6 / (line.kb / 4 * (handed + part["write"])))

    def _by_arm(self, line: Line) -> float:
        """Streams of many clients: an arm sees them as random reads of a request's size."""
        if line.disk != "HDD" or self.without == "arm":
            return line.rate
        threads = 32 if line.config == "opt" else 1
        rates, _ = published()
        return rates[f"rd-re-{READ_KB}KB-{threads}th-1f", line.disk] * READ_KB / line.kb

    def _shared(self, line: Line) -> float:
        """Many clients: by the daemon or daemons, by the arm, by the directory they hold."""
        one = alone(line.kind, line.workload.split("-")[2], line.disk, line.rest)
        assert one is not None, line.workload
        if line.kb > READ_KB and self._by_arm(line) < line.rate:
            return self._by_arm(line)
        if line.config == "base":
            took = sync_requests(line.kind) * self.part["fixed"] + self._copied(line)
            rate = 1e6 / (1e6 / one + took + self._twice(line.kind))
        elif line.kind in HELD or self.without == "in flight":
            rate = line.rate
        else:
            grows = math.log(line.rate / one) / math.log(line.threads)
            rate = one * self.part["in_flight"] ** grows
        return min(line.rate, rate, self._held(line))

    def _held(self, line: Line) -> float:
        """What one directory allows, a client at a time [operations/s]."""
        if line.kind not in HELD or self.without == "directory":
            return math.inf
        held = sum(self._null(line) + self.part[WORK[op]] for op in HELD[line.kind])
        return WAITED[line.kind][1] * 1e6 / held


def predicted(line: Line, level: str = "value", without: str = "") -> float:
    """The share of the kernel's rate that is left, at one end and perhaps without a rule."""
    return Rules(level, without).share(line)


def sync_requests(kind: str) -> float:
    """Requests that are waited for, per operation as the benchmark counts them."""
    requests, operations = WAITED.get(kind, (("READ",), 1))
    return len(requests) / operations
