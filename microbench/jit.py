"""Whether what is compiled can be kept for the next run; where not, it is compiled in memory."""

from __future__ import annotations

from functools import cache

from numba import njit

from microbench.said import say


@cache
def keeps() -> bool:
    """Whether there is a place for compiled code: beside the package, or in a home."""
    try:
        njit(cache=True)(_nothing)
    except RuntimeError:
        say("no place to keep compiled code; the engine is compiled in memory, at every call")
        return False
    return True


def _nothing() -> int:
    return 0
