"""Say once that the engine is being compiled, the first time after an installation."""

from __future__ import annotations

from collections.abc import Callable


def announce(say: Callable[[str], None]) -> None:
    """Tell `say` if no compiled engine is stored yet."""
    from microbench.machine import engine

    replay = engine.replay
    stats = getattr(replay, "_cache", None)
    if stats is None or not hasattr(stats, "_cache_file"):
        return
    try:
        overloads = stats._cache_file._load_index()
    except Exception:  # the store is numba's own; being silent about it harms nothing
        return
    if not overloads:
        say("compiling the engine, once; this takes about fifteen seconds")
