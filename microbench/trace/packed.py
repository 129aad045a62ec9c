"""Path references in one word each, as the engine reads them: an eighth of the memory.

From the lowest bit: kind 2, role 6, n 12, aux 12, and the signed offset in the upper 32.
"""

from __future__ import annotations

import numpy as np

ROLE, COUNT, AUX, OFFSET = 2, 8, 20, 32
"""First bit of each field after the kind."""
KINDS, ROLES, MOST = 3, (1 << 6) - 1, (1 << 12) - 1
"""Largest kind and role, and what n and aux may be at most."""
LIMITS = (KINDS + 1, ROLES + 1, None, MOST + 1, MOST + 1)


class UnpackableError(ValueError):
    """A reference with a number that has no room in its field."""


def pack(refs: np.ndarray) -> np.ndarray:
    """References as one int64 each.

    Parameters
    ----------
    refs : numpy.ndarray
        int64 (m, 5): kind, role, offset [bytes], n, aux.

    Raises
    ------
    UnpackableError
        If a number does not fit.
    """
    for column, limit in enumerate(LIMITS):
        values = refs[:, column]
        low, high = (-(1 << 31), 1 << 31) if limit is None else (0, limit)
        if len(values) and not (int(values.min()) >= low and int(values.max()) < high):
            raise UnpackableError(f"a path reference has a number outside {low} to {high - 1}")
    kind, role, offset, n, aux = refs.T
    return kind | role << ROLE | n << COUNT | aux << AUX | offset << OFFSET
