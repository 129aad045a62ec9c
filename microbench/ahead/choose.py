"""Which engine runs: compiled ahead of time, compiled by numba, or plain Python.

Chosen once, when an engine's module is imported: the compiled twin if it was made from this
very text, else numba, else Python. The environment variable ``MKBENCH_ENGINE`` asks for one.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from microbench.ahead.modules import engine
from microbench.errors import InputError

VARIABLE = "MKBENCH_ENGINE"
AHEAD, NUMBA, PLAIN = "ahead", "numba", "plain"
KINDS = (AHEAD, NUMBA, PLAIN)


class Choice(NamedTuple):
    """How one engine runs.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    why : str
        Why not a faster one; empty if there is none.
    helper, entry : callable
        Decorators of an engine's inner functions and of those Python calls.
    index : type
        What an index known not to be negative is made with.
    """

    kind: str
    why: str
    helper: Callable[[Any], Any]
    entry: Callable[[Any], Any]
    index: Any = int


def choose(module: str, wrap: Callable[[], tuple[Any, Any, Any]]) -> Choice:
    """The choice for one engine.

    Parameters
    ----------
    module : str
        Full name of the engine.
    wrap : callable
        Gives numba's decorators of helpers and entries, and the type of an index; called only
        if numba is used.

    Raises
    ------
    InputError
        For an unknown wish, or one that cannot be met.
    """
    wish = os.environ.get(VARIABLE, "")
    if wish not in ("", *KINDS):
        raise InputError("environment", VARIABLE, wish, "one of " + ", ".join(KINDS))
    why = f"{VARIABLE} says so"
    if wish in ("", AHEAD):
        twin, why = fitting_twin(module)
        if twin is not None:
            return Choice(AHEAD, "", _same, lambda function: getattr(twin, function.__name__))
        if wish:
            raise InputError("environment", VARIABLE, wish, why)
    if wish != PLAIN and importlib.util.find_spec("numba") is not None:
        return Choice(NUMBA, why, *wrap())
    if wish == NUMBA:
        raise InputError("environment", VARIABLE, wish, "numba is not installed")
    return Choice(PLAIN, why if wish else f"{why}; numba is not installed", _same, _same)


def _same(function: Any) -> Any:
    return function


def fitting_twin(module: str) -> tuple[ModuleType | None, str]:
    """The compiled twin of an engine, if it was made from this text; else why there is none."""
    about = engine(module)
    try:
        twin = importlib.import_module(about.twin)
    except ImportError:
        return None, "not compiled when it was installed"
    try:
        same = about.digest() == twin.DIGEST
    except OSError:
        same = False
    return (twin, "") if same else (None, "compiled from another text; install it again")
