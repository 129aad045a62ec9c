"""An operation with its local work."""

from __future__ import annotations

from microbench.smp.operation import Operation, load_operation


def load_worked(operation: str, system: str, machine: str) -> Operation:
    """An operation of a system with the local work it has on a machine."""
    return load_operation(operation, system)
