"""The small loss per CPU that K42 measured, kept apart from what the engine computes.

Knows: one number and the systems it is about. Refuses to know: why; it is added, not modelled,
and always shown as a row of its own.
"""

from __future__ import annotations

from functools import lru_cache

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import Quantity, quantity, read_toml


@lru_cache(maxsize=1)
def _loaded() -> tuple[Quantity, frozenset[str]]:
    path = data_dir() / "smp" / "background.toml"
    tables = read_toml(path)
    loss = tables.get("loss")
    if not isinstance(loss, dict):
        raise InputError(path, "loss", loss, "missing")
    systems = loss.get("systems")
    if not isinstance(systems, list):
        raise InputError(path, "loss.systems", systems, "needs a list of systems")
    return quantity(loss.get("per_cpu"), path, "loss.per_cpu", {"percent"}), frozenset(systems)


def loss_factor(system: str, cpus: int) -> float:
    """By how much K42's loss would stretch an operation: 1 with one CPU or another system.

    Parameters
    ----------
    system : str
    cpus : int

    Raises
    ------
    InputError
        If the data file is wrong.
    """
    loss, systems = _loaded()
    if system not in systems:
        return 1.0
    return (
        1.0 / (1.0 - loss.value / 100.0 * (cpus - 1)) if cpus < 100 / loss.value else float("inf")
    )


def loss_source() -> Quantity:
    """The number with its range and source [percent per CPU]."""
    return _loaded()[0]
