"""The rules' numbers, at one end of their ranges: low is the end at which everything is cheap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.linux.disk import DiskModel, disk_model
from microbench.quantity import quantity, read_toml

UNITS = (
    *("files", "directories", "entries", "blocks", "accesses"),
    *("MB", "GB", "MB/s", "bytes", "s", "ratio", "nepers"),
)
SAMPLED = ("files", "directories", "megabytes", "memory")
"""Of these only a part is run; a phase's time is multiplied again."""


@dataclass(frozen=True)
class Numbers:
    """Every number of the rules at one end.

    Attributes
    ----------
    machine : str
        Which prices a request.
    disk : DiskModel
    """

    machine: str
    disk: DiskModel
    by_key: dict[str, float]

    def __getitem__(self, key: str) -> float:
        if key not in self.by_key:
            raise InputError(rules_file(), f"number.{key}", None, "missing")
        return self.by_key[key]

    def blocks(self, key: str) -> int:
        """A number of megabytes or gigabytes in blocks of 4 KB."""
        mega = self[key] * (1000 if key in ("partition", "mft_start") else 1)
        return int(mega * 1e6 / 4096)


def rules_file() -> Path:
    """Where the rules are."""
    return data_dir() / "workloads" / "ntfs2007.toml"


@cache
def numbers(level: str = "value") -> Numbers:
    """The numbers at "low" (cheap), "value" or "high" (dear).

    Raises
    ------
    InputError
        For a number without provenance, or an inverted one that is none.
    """
    path = rules_file()
    raw = read_toml(path)
    inverted = raw.get("cheaper_when_more", [])
    found = {}
    for key in ("machine", "disk", "number"):
        if key not in raw:
            raise InputError(path, key, None, "missing")
    for key, table in raw["number"].items():
        one = quantity(table, path, f"number.{key}", UNITS)
        found[key] = one.at_cost(level, key in inverted)
    for key in inverted:
        if key not in found:
            raise InputError(path, "cheaper_when_more", key, "not a number of this file")
    for key in SAMPLED:
        found[key] /= found["sample"]
    return Numbers(raw["machine"], disk_model(raw["disk"]).at_cost(level), found)
