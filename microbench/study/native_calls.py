"""What a system call costs on a kernel of today, by the recorded operation that stands for it."""

from __future__ import annotations

from functools import cache

from microbench.datafiles import data_dir
from microbench.reading import read_toml
from microbench.run.recorded import kernel_of, recorded_rows
from microbench.run.setup import Setup


@cache
def stands() -> dict[str, str]:
    """Call to the operation that stands for it."""
    table = read_toml(data_dir() / "calls" / "native.toml")["stands"]
    return {call: operation for operation, calls in table.items() for call in calls}


def native_us(names: list[str], setup: Setup) -> dict[str, float]:
    """Calls to their cost [us]; those without a recording are left out.

    Parameters
    ----------
    names : list of str
    setup : Setup
        A machine; one for which no kernel was recorded costs nothing of this kind.
    """
    kernel = kernel_of(setup.spec)
    if kernel is None:
        return {}
    there, known = kernel.operations(), stands()
    found: dict[str, float] = {}
    costs: dict[str, float] = {}
    for name in names:
        operation = known.get(name, "")
        if operation not in there:
            continue
        if operation not in costs:
            (row,) = recorded_rows("lat_kernel", [operation], kernel, setup)
            costs[operation] = row.value
        found[name] = costs[operation]
    return found
