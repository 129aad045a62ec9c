"""The player of Linux's programs: a fresh kernel on a host, run until the first process ends."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from microbench.linux.kernel import Linux
from microbench.systems.registry import SYSTEMS, named
from microbench.trace import Trace


class Unasked:
    """In the place of programs that a part starts and does not say it needs: a kept trace of it
    would not know them."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError("a part that starts programs needs images, or those described")


UNASKED = Unasked()


class Programs(Protocol):
    """What this player reads of a part of a workload."""

    build: Any
    options: Mapping[str, Any]

    @property
    def iterations(self) -> int:
        """How often the programs repeat."""


def play_linux(
    part: Programs,
    stage: Mapping[str, Any],
    host: str,
    arguments: Iterable[tuple[str, Any]] = (),
    options: Iterable[tuple[str, Any]] = (),
) -> Trace:
    """Run the programs of a part and keep what they did, and one timer interrupt behind it.

    Parameters
    ----------
    host : str
        "room.module:Class" of what Linux runs on.
    arguments, options : iterable of (str, value)
        Of the host, and of Linux; the system's go before a part's own.
    """
    with uncollected():
        return _played(part, stage, host, arguments, options)


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing that a run makes is garbage before its end, so nobody need look for some."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def _played(
    part: Programs,
    stage: Mapping[str, Any],
    host: str,
    arguments: Iterable[tuple[str, Any]],
    options: Iterable[tuple[str, Any]],
) -> Trace:
    linux = boot(host, arguments, {**stage["numbers"], **part.options, **dict(options)})
    linux.images = stage.get("images", stage.get("described", UNASKED))
    part.build(part.iterations, linux)
    linux.run()
    if linux.ticks:
        linux.host.tick(linux.processes[0])
    trace: Trace = linux.host.recorder.finish()
    return trace


def boot(
    host: str, arguments: Iterable[tuple[str, Any]] = (), options: Mapping[str, Any] | None = None
) -> Linux:
    """A fresh kernel on a fresh host."""
    return Linux(named(host)(**dict(arguments)), **(options or {}))


def boot_system(name: str, options: Mapping[str, Any] | None = None) -> Linux:
    """The kernel of a system that plays Linux's programs, ready to spawn."""
    given = dict(SYSTEMS[name].play["linux"].given)
    return boot(given["host"], given["arguments"], {**(options or {}), **dict(given["options"])})
