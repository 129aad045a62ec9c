"""`table fs`: FUSE beside the kernel on the machine of a published measurement.

Given are the rate of each disk under the kernel's own file system, and what the parts of a
request take on that machine, measured alone. How many requests an operation makes is counted by
running it. Predicted is the share of the kernel's rate that is left.

NTFS-3G's table of 2007 is not modelled: 600 to 1,348 s for a kernel's sources, some 21,000 files,
are 29 to 64 ms a file, three to seven seeks of 9 ms. How many seeks a file costs hangs on where
NTFS puts its records and on whether they are written at once; neither is in the model, and to
choose them would be to fit four numbers with as many.
"""

from __future__ import annotations

import csv
import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from microbench.datafiles import data_dir
from microbench.quantity import quantity, read_toml
from microbench.row import Row

TIMES = ("pending", "pending_idle", "fixed", "wake", "pending_threads", "fixed_threads")
UNITS = {
    **{key: {"us"} for key in (*TIMES, "write_work")},
    "copy": {"us/KB"},
    "threads": {"threads"},
}
READ_KB = 128
SIMILAR = 0.1
"""Within this of 1 two systems are alike, on neither side: what the claim calls similar."""
STRICT = (0.02, 0.05, SIMILAR)
"""How near 1 is alike, where wrong sides are counted."""
SYNCHRONOUS = {"cr-wr": 5 / 3, "preall-re": 6 / 3, "preall-de": 2.0}
"""Requests that are waited for, per operation as the benchmark counts them: three per file made
or read; the counts of `tests/servers/test_fuse_counts.py`."""
_NAME = re.compile(
    r"(?P<kind>[a-z]+-[a-z]+)-(?P<kb>\d+)(?P<unit>KB|MB)-(?P<threads>\d+)th-(?P<rest>.*)"
)


@dataclass(frozen=True)
class Line:
    """One published row.

    Attributes
    ----------
    kind, rest : str
        "sq-re", "rd-wr" ...; how many files.
    kb, threads : int
        Size of a call [KB], client threads.
    disk, config : str
    rate : float
        Of the kernel [operations/s].
    share : float
        Published, of the kernel's.
    """

    workload: str
    kind: str
    kb: int
    threads: int
    rest: str
    disk: str
    config: str
    rate: float
    share: float


@cache
def numbers(level: str = "value") -> dict[str, float]:
    """Parts of a request, at one end of their ranges."""
    path = data_dir() / "workloads" / "fast17.toml"
    raw = read_toml(path)
    return {k: float(getattr(quantity(raw.get(k), path, k, u), level)) for k, u in UNITS.items()}


@cache
def published() -> tuple[dict[tuple[str, str], float], tuple[Line, ...]]:
    """The kernel's rates by workload and disk, and the rows of FUSE."""
    path = data_dir() / "reference" / "files" / "fast17.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rates = {
        (r["workload"], r["disk"]): float(r["ops_per_s"]) for r in rows if r["config"] == "ext4"
    }
    found = []
    for row in rows:
        named = _NAME.fullmatch(row["workload"])
        if row["config"] == "ext4" or named is None:
            continue
        kb = int(named["kb"]) * (1024 if named["unit"] == "MB" else 1)
        rate = rates[row["workload"], row["disk"]]
        found.append(
            Line(
                row["workload"], named["kind"], kb, int(named["threads"]), named["rest"],
                row["disk"], row["config"], rate, float(row["relative"]),
            )
        )  # fmt: skip
    return rates, tuple(found)


def _one_thread(line: Line) -> float | None:
    """The kernel's rate with one thread, where that was measured too."""
    rates, _ = published()
    size = line.workload.split("-")[2]
    names = (f"{line.kind}-{size}-1th-{rest}" for rest in (line.rest, "1f", "4Mf", "2Mf"))
    return next((rates[n, line.disk] for n in names if (n, line.disk) in rates), None)


def predicted(line: Line, level: str = "value") -> float:
    """The share of the kernel's rate that is left."""
    rate = line.rate
    if line.kind in ("sq-re", "sq-wr", "rd-wr") or line.threads == 1:
        rate = _pipelined(line, level) if line.kind != "rd-re" else _waiting(line, level)
        if line.kind in SYNCHRONOUS:
            rate = _waiting(line, level)
    else:
        rate = _shared(line, level)
    return min(1.0, rate / line.rate)


def _null(line: Line, level: str) -> float:
    """A request that is waited for, without its work [us]."""
    part = numbers(level)
    if line.config == "opt":
        return 2 * part["pending_threads"] + part["fixed_threads"]
    if line.kind == "rd-re":
        return 2 * part["pending_idle"] + part["fixed"]
    return part["pending"] + part["fixed"] + part["wake"]


def _waiting(line: Line, level: str) -> float:
    """One client that waits for each request: the kernel's time, and theirs [operations/s]."""
    requests = SYNCHRONOUS.get(line.kind, 1.0)
    copied = line.kb * numbers(level)["copy"] if line.kind == "rd-re" else 0.0
    if line.kind == "rd-re" and line.kb > READ_KB:
        requests = 1 if line.config == "opt" else line.kb / READ_KB
        copied = READ_KB * numbers(level)["copy"] if line.config == "opt" else copied
    return 1e6 / (1e6 / line.rate + requests * _null(line, level) + copied)


def _pipelined(line: Line, level: str) -> float:
    """Streams: the disk works while the daemon does; the slower of them decides."""
    part = numbers(level)
    if line.kind == "sq-re":
        if line.threads > 1 and line.disk == "HDD" and line.rest == "32f":
            return _interleaved(line)
        busy = line.kb / READ_KB * (part["pending"] + part["fixed"]) + line.kb * part["copy"]
        return min(line.rate, 1e6 / busy) if line.threads == 1 else line.rate
    if line.config == "opt":
        return line.rate
    handed = _null(line, level) if line.threads == 1 else part["fixed"]  # busy, it never sleeps
    return min(line.rate, 1e6 / (line.kb / 4 * (handed + part["write_work"])))


def _interleaved(line: Line) -> float:
    """Many streams through a daemon reach the arm as random reads of a request's size."""
    rates, _ = published()
    threads = 32 if line.config == "opt" else 1
    return rates[f"rd-re-{READ_KB}KB-{threads}th-1f", line.disk] * READ_KB / line.kb


def _shared(line: Line, level: str) -> float:
    """Many clients: one daemon uses the disk alone, several as so many threads would."""
    part, alone = numbers(level), _one_thread(line)
    if line.kb > READ_KB and line.disk == "HDD":
        return _interleaved(line)
    if alone is None:
        return line.rate
    if line.config == "opt":
        grows = math.log(line.rate / alone) / math.log(line.threads)
        return min(line.rate, alone * part["threads"] ** grows)
    requests = SYNCHRONOUS.get(line.kind, 1.0)
    copied = line.kb * part["copy"] if line.kind == "rd-re" else 0.0
    return min(line.rate, 1e6 / (1e6 / alone + requests * part["fixed"] + copied))


def side(share: float, similar: float = SIMILAR) -> str:
    """Which side of 1 a share is on."""
    if share < 1 - similar:
        return "slower"
    return "faster" if share > 1 + similar else "alike"


def wrong_sides(similar: float) -> int:
    """How many rows are modelled on another side of 1 than they were published."""
    lines = published()[1]
    return sum(side(predicted(one), similar) != side(one.share, similar) for one in lines)


def summary(rows: Sequence[Row]) -> str:
    """What the rows come to, counted strictly and as the claim is meant."""
    median = statistics.median(abs(row.error or 0) for row in rows)
    sides = ", ".join(f"{wrong_sides(near)} (alike: within {near:.0%})" for near in STRICT)
    return (
        f"{len(rows)} rows, median error {median:.1%}. Side of 1 wrong: {sides}.\n"
        "The rules were written with this table in view, and 10 % was 5 % before: they\n"
        "describe these rows, which do not test them. Left out: web, mail and file\n"
        "servers (no rate of one thread is given); NTFS-3G in 2007 (no layout of NTFS)."
    )


def fs_rows() -> list[Row]:
    """Published beside modelled, a row each; the note says whether the side of 1 is right."""
    rows = []
    for line in published()[1]:
        share = predicted(line)
        ends = sorted((predicted(line, "low"), predicted(line, "high"), share))
        right = side(share) == side(line.share)
        rows.append(
            Row(
                "fuse", f"{line.workload} {line.disk}", "fast17", line.config, "share of kernel",
                "ratio", "larger", share, None, line.share, "FAST 2017 result files",
                share / line.share - 1, "predict", low=ends[0], high=ends[-1],
                note="" if right else f"published: {side(line.share)}, modelled: {side(share)}",
            )
        )  # fmt: skip
    return rows
