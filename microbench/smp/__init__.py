"""Multiprocessors: operations as visits to shared objects, priced by line transfers.

An operation is a path of local work and visits; a visit names an object, the object has a
scope (cpu, region, file, process, node, system) and a kind (line, one of the locks, memory,
server). Slowdown comes only from which CPUs land on the same object and what moving its line
costs on the machine. No system has a scaling factor.
"""

from __future__ import annotations

from typing import Any

_DOORS = {
    "run": "runs",
    "table_rows": "table",
    "validate_rows": "validate",
    "figure": "panels",
    "lameter_rows": "lameter",
    "growth_rows": "growth",
    "principle_rows": "principles",
}


def __getattr__(name: str) -> Any:
    """The ways in, each imported when first asked for: numba is slow to start."""
    if name not in _DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_DOORS[name]}"), name)
