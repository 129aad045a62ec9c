"""What is given of FAST 2017: the kernel's rates, the published shares, the parts of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import quantity, read_toml
from microbench.reference.filetables import Record, records

TIMES = (
    *("pending", "pending_idle", "fixed", "wake", "pending_threads", "fixed_threads"),
    *("lookup", "getattr", "create", "write", "unlink"),
)
UNITS = {
    **{key: {"us"} for key in TIMES},
    "copy": {"us/KB"},
    "in_flight": {"requests"},
    "rates": {"ratio"},
    "missed": {"ratio"},
}
CHEAPER_WHEN_MORE = ("in_flight", "rates")
COLUMNS = ("workload", "disk", "config", "ops_per_s", "relative")
_NAME = re.compile(
    r"(?P<kind>[a-z]+-[a-z]+)-(?P<kb>\d+)(?P<unit>KB|MB)-(?P<threads>\d+)th-(?P<rest>.*)"
)
_MIX = re.compile(r"(?P<kind>Web|File)-server-(?P<threads>\d+)th")


@dataclass(frozen=True)
class Line:
    """One published row.

    Attributes
    ----------
    kind, rest : str
        "sq-re", "rd-wr" ..., or the name of a mix; how many files.
    kb, threads : int
        Size of a call [KB], 0 for a mix; client threads.
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

    @property
    def mix(self) -> bool:
        """Whether it is a server's mix of operations."""
        return not self.kb


@cache
def parts(level: str = "value") -> dict[str, float]:
    """Parts of a request: "low" is the end of the ranges at which everything is cheap."""
    path = data_dir() / "workloads" / "fast17.toml"
    raw = read_toml(path)
    return {
        key: quantity(raw.get(key), path, key, units).at_cost(level, key in CHEAPER_WHEN_MORE)
        for key, units in UNITS.items()
    }


@cache
def published() -> tuple[dict[tuple[str, str], float], tuple[Line, ...]]:
    """The kernel's rates by workload and disk, and the rows of FUSE.

    Raises
    ------
    InputError
        For a damaged table, or a row of FUSE without the kernel's.
    """
    rows = records("fast17", COLUMNS)
    rates = {
        (r["workload"], r["disk"]): r.number("ops_per_s") for r in rows if r["config"] == "ext4"
    }
    return rates, tuple(_line(r, rates) for r in rows if r["config"] != "ext4")


def _line(row: Record, rates: dict[tuple[str, str], float]) -> Line:
    """A row with its workload's name taken apart."""
    name = row["workload"]
    if (name, row["disk"]) not in rates:
        raise InputError(row.path, f"line {row.line}.workload", name, "no row of ext4 beside it")
    rest = (row["disk"], row["config"], rates[name, row["disk"]], row.number("relative"))
    mix = _MIX.fullmatch(name)
    if mix is not None:
        return Line(name, mix["kind"].lower(), 0, int(mix["threads"]), "", *rest)
    named = _NAME.fullmatch(name)
    if named is None:
        raise InputError(row.path, f"line {row.line}.workload", name, "no workload of that form")
    kb = int(named["kb"]) * (1024 if named["unit"] == "MB" else 1)
    return Line(name, named["kind"], kb, int(named["threads"]), named["rest"], *rest)


def alone(kind: str, size: str, disk: str, rest: str = "") -> float | None:
    """The kernel's rate with one thread, where that was measured too [operations/s]."""
    rates, _ = published()
    names = (f"{kind}-{size}-1th-{r}" for r in (rest, "1f", "1Mf", "2Mf", "4Mf"))
    return next((rates[n, disk] for n in names if (n, disk) in rates), None)
