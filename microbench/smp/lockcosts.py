"""What a crowd at a lock costs, in transfers of a line: numbers that hold for every machine.

Knows: seven numbers, each from measurements of locks. Refuses to know: machines and operations.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import Quantity, quantity, read_toml

UNITS = {
    "poll_share": {"ratio"},
    "storm_share": {"ratio"},
    "queue_transfers": {"transfers"},
    "port": {"ns"},
    "served_share": {"ratio"},
    "lost_share": {"ratio"},
    "lost_far": {"ratio"},
}

RULES = {"line.served": "served_share", "line.lost": "lost_share", "line.port": "port"}
"""Numbers of a machine for which one that holds for all stands in where it was not measured."""


@lru_cache(maxsize=1)
def lock_costs() -> dict[str, Quantity]:
    """The numbers of `data/smp/locks.toml` by name.

    Raises
    ------
    InputError
        If one is missing, unknown or out of range.
    """
    return checked(data_dir() / "smp" / "locks.toml")


def checked(path: Path) -> dict[str, Quantity]:
    """The numbers of a file, each with its range and source.

    Raises
    ------
    InputError
        As `lock_costs`.
    """
    tables = read_toml(path)
    for key in tables:
        if key not in UNITS:
            raise InputError(path, key, tables[key], "unknown key")
    found = {key: quantity(tables.get(key), path, key, units) for key, units in UNITS.items()}
    for key, number in found.items():
        if not 0 < number.value <= 1000:
            raise InputError(path, f"{key}.value", number.value, "must be above 0, at most 1000")
    if found["queue_transfers"].value < 1:
        raise InputError(path, "queue_transfers.value", found["queue_transfers"].value, "below 1")
    return found
