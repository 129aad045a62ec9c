"""Recorded operations of kernels that have no functional model, ready to be replayed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from microbench.errors import UsageError, unknown
from microbench.recording.arrays import RecordedFile
from microbench.recording.description import Description, recorded_names
from microbench.recording.reader import Reader
from microbench.recording.strings import String


class RecordedKernel(Description):
    """One kernel, what was recorded of it, and its variants; see `Description`."""

    def variant(self, name: str) -> str:
        """The variant of that name, or the plain one where this kernel has none."""
        return name if name in self.variants else "plain"

    @property
    def recording(self) -> RecordedFile:
        """The plain kernel's arrays, for what is no replay."""
        return self._file("plain")

    def operations(self) -> list[str]:
        """What was recorded; a variant has all or fewer."""
        return self.recorded("plain")

    def recorded(self, variant: str) -> list[str]:
        """What was recorded of a variant."""
        return list(self._file(variant).names)

    def string(
        self, operation: str, variant: str = "plain", between: str = "", without: str = ""
    ) -> String:
        """One operation, of the variant if it was recorded in it, else of the plain kernel.

        Where the plain kernel stands in, what the variant costs more is added at the rate per
        instruction of the operations that both have.

        Parameters
        ----------
        between : str
            A function: only what runs from its first call to its last, the body of a loop.
        without : str
            A function that does not run.

        Raises
        ------
        UsageError
            If it was not recorded.
        """
        name = self.variant(variant)
        if operation in self._file(name).names:
            return self._strings(name, operation, between, without)
        if operation not in self._file("plain").names:
            there = ", ".join(self.operations())
            raise UsageError(f"{self.name}: no recorded operation {operation!r}; there are {there}")
        found = self._strings("plain", operation, between, without)
        return replace(found, added=self._added(name) * found.instructions)

    @cache  # noqa: B019 - a kernel lives as long as the process
    def _file(self, variant: str) -> RecordedFile:
        return RecordedFile(self._folder / f"{self.variants[variant]}.npz")

    @cache  # noqa: B019
    def _strings(self, variant: str, operation: str, between: str, without: str) -> String:
        return Reader(self, self._file(variant), operation, between, without).string()

    @cache  # noqa: B019
    def _added(self, variant: str) -> np.ndarray:
        """Costs a variant has more than the plain kernel, of each instruction."""
        both = self._file(variant).names
        total = {
            name: sum(self._strings(name, op, "", "").met(len(self.costs)) for op in both)
            for name in (variant, "plain")
        }
        executed = sum(self._strings("plain", op, "", "").instructions for op in both)
        return np.asarray(np.maximum(total[variant] - total["plain"], 0.0) / executed)


@cache
def recorded_kernel(name: str) -> RecordedKernel:
    """A kernel by name, read once.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in recorded_names():
        raise unknown("recorded kernel", name, recorded_names())
    return RecordedKernel(name)


def kernel_of_architecture(architecture: str, prefix: str) -> RecordedKernel | None:
    """The recorded kernel of a family ("linux", "sel4") for an architecture, if there is one.

    One that has a functional model is not replayed in its place.
    """
    for name in recorded_names():
        kernel = recorded_kernel(name) if name.startswith(prefix) else None
        if kernel and kernel.architecture == architecture and not kernel.functional:
            return kernel
    return None
