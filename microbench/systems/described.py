"""Players of systems that are descriptions alone: recorded kernels, operations on many CPUs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from microbench.errors import UsageError
from microbench.recording.kernels import RecordedKernel, recorded_kernel
from microbench.smp.operation import Operation, load_operation


def play_recorded(part: object, stage: Mapping[str, Any], kernel: str) -> RecordedKernel:
    """The kernel whose recorded operations a part is added up from.

    Raises
    ------
    UsageError
        If it was recorded on another architecture than the machine's.
    """
    found = recorded_kernel(kernel)
    if found.architecture != stage["architecture"]:
        raise UsageError(
            f"{kernel} was recorded on {found.architecture}; "
            f"this machine is {stage['architecture'] or 'of no architecture'}"
        )
    return found


def play_many(
    part: tuple[str, tuple[str, ...]], stage: Mapping[str, Any], system: str
) -> Operation:
    """An operation on many CPUs as the system has it: its name, and the principles taken out."""
    operation, without = part
    return load_operation(operation, system, without)
