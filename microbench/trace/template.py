"""A kernel path as data: instruction-line visits, loads and stores relative to roles.

A template is either cut from a recording of a real kernel or drawn from a counted shape;
both are the same type, and `origin` says which.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microbench.trace import ops


@dataclass(frozen=True, eq=False)
class Template:
    """One path.

    Attributes
    ----------
    name : str
    roles : tuple of str
        What must be bound to a region before the path can run ("text", "stack", ...).
    refs : numpy.ndarray
        int32 (n, 5): kind, role, offset [bytes], n, aux as in `microbench.trace.ops`.
    scale : str
        Which global scale multiplies its instruction cycles ("linux", "l4linux", "").
    origin : str
        "recorded" or "shape".
    source, certainty : str
        Where the numbers come from and how sure they are.
    """

    name: str
    roles: tuple[str, ...]
    refs: np.ndarray
    scale: str
    origin: str
    source: str
    certainty: str

    @property
    def instructions(self) -> int:
        """Instructions executed."""
        return int(self.refs[self.refs[:, 0] == ops.FETCH, 3].sum())

    def words(self, kind: int) -> int:
        """Words moved by `ops.LOAD` or `ops.STORE`."""
        return int(self.refs[self.refs[:, 0] == kind, 3].sum())

    def lines(self, kind: int, line_bytes: int = 32) -> int:
        """Distinct lines touched by references of one kind."""
        rows = self.refs[self.refs[:, 0] == kind]
        return len({(int(r), int(o) // line_bytes) for r, o in rows[:, 1:3]})
