"""Whether what is compiled can be kept for the next run; where not, it is compiled in memory."""

from __future__ import annotations

from functools import cache
from typing import Any

from numba import njit
from numba.core.types import unliteral

from microbench.said import say

MERGED: dict[str, Any] = {
    "error_model": "numpy", "forceinline": True, "_nrt": False, "no_cfunc_wrapper": True,
}  # fmt: skip
"""A function called from Python keeps its wrapper: without one such a call ends the process."""


@cache
def keeps() -> bool:
    """Whether there is a place for compiled code: beside the package, or in a home."""
    try:
        njit(cache=True)(_nothing)
    except RuntimeError:
        say("no place to keep compiled code; the engine is compiled in memory, at every call")
        return False
    return True


def merged(function: Any) -> Any:
    """A helper as part of what calls it: compiled once for its types and kept only in there.

    numba types a named constant by its value and would compile the helper again for each.
    """
    made: Any = njit(**MERGED)(function)
    resolve = made.get_call_template
    made.get_call_template = lambda args, kws: resolve([unliteral(a) for a in args], kws)
    return made


def _nothing() -> int:
    return 0
