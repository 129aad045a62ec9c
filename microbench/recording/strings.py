"""One recorded operation as a machine replays it.

Knows references, and events by the number of their cost. Refuses to know what anything costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FETCH, LOAD, STORE, COST, FLUSH = range(5)
COLUMNS = ("kind", "address", "count", "flag", "page", "site", "group")
KIND, ADDRESS, NUMBER, FLAG, PAGE, SITE, GROUP = range(7)
"""Columns of a string. `flag`: of a fetch whether a taken branch led here, of an access whether
a string instruction made it, of a cost its place in `Description.costs`."""

LARGE_MARK, SPACE_SHIFT, PAGE_SHIFT = 1 << 60, 50, 12
"""Marks in `page`: of a large page, and where the space stands of a user page."""


@dataclass(frozen=True, eq=False)
class String:
    """One operation as the machine replays it.

    Attributes
    ----------
    name : str
    rows : numpy.ndarray
        int64 (m, 7), see `COLUMNS`; addresses in bytes.
    groups : tuple of str
        Sub-paths that `group` points into.
    iterations : int
        How often the operation is in the string.
    string_bytes : int
        Bytes moved by string instructions.
    on_path, from_buffer : numpy.ndarray
        bool (m,): whether the other side waits for it where each side has a CPU of its own;
        whether it loads from a kernel buffer, e.g. a page of a file.
    hops : numpy.ndarray
        int64: rows before which a process that was switched to is back in user mode.
    added : numpy.ndarray
        Costs of one operation that the recording lacks, by number; empty if it is whole.
    """

    name: str
    rows: np.ndarray
    groups: tuple[str, ...]
    iterations: int
    string_bytes: int
    on_path: np.ndarray
    from_buffer: np.ndarray
    hops: np.ndarray
    added: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def met(self, costs: int) -> np.ndarray:
        """How often one operation meets each cost."""
        chosen = self.rows[self.rows[:, KIND] == COST, FLAG]
        return np.bincount(chosen, minlength=costs) / self.iterations

    @property
    def instructions(self) -> float:
        """Instructions of one operation."""
        return self.total(FETCH)

    def total(self, kind: int) -> float:
        """Instructions, loads or stores of one operation."""
        chosen = self.rows[self.rows[:, KIND] == kind]
        if kind in (LOAD, STORE):
            chosen = chosen[chosen[:, FLAG] == 0]
        return float(chosen[:, NUMBER].sum()) / self.iterations

    @property
    def taken(self) -> float:
        """Taken branches of one operation."""
        chosen = self.rows[self.rows[:, KIND] == FETCH, FLAG]
        return float(chosen.sum()) / self.iterations

    def lines(self, kinds: tuple[int, ...], line_bytes: int = 64) -> int:
        """Distinct cache lines fetched, or touched, by the whole string."""
        chosen = np.isin(self.rows[:, KIND], kinds)
        return len(np.unique(self.rows[chosen, ADDRESS] // line_bytes))
