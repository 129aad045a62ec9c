"""Say once what running an engine that was not compiled ahead of time will cost."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from microbench.ahead.choose import NUMBA, PLAIN, Choice

ONE_CPU, MANY_CPUS = "microbench.machine.engine", "microbench.smp.engine"
MAIN = {ONE_CPU: "replay", MANY_CPUS: "run"}
"""The function of each engine that a run needs first."""


def announce(say: Callable[[str], None], module: str = ONE_CPU) -> None:
    """Tell `say` if numba has to compile the engine first, or Python interprets it."""
    engine = importlib.import_module(module)
    choice: Choice = engine.CHOICE
    if choice.kind == NUMBA and not _stored(getattr(engine, MAIN[module])):
        say(f"compiling the engine, once; this takes about fifteen seconds ({choice.why})")
    elif choice.kind == PLAIN:
        say(f"the engine runs as plain Python, a hundred times slower ({choice.why})")


def _stored(function: Any) -> bool:
    """Whether numba has a compilation of it in its store."""
    try:
        return bool(function._cache._cache_file._load_index())
    except Exception:  # the store is numba's own; not knowing only costs a line of text
        return True
