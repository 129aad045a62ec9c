"""What deep rooms have to tell a user: once each, on whatever the command gave to write it with.

Knows no stream. A program that uses the package as a library hears nothing unless it listens.
"""

from __future__ import annotations

from collections.abc import Callable

_told: set[str] = set()
_listeners: list[Callable[[str], None]] = []


def listen(listener: Callable[[str], None]) -> None:
    """Have `listener` told every sentence from now on, in place of who listened before."""
    _listeners[:] = [listener]


def say(text: str) -> None:
    """Tell a sentence, unless it was told before."""
    if text not in _told:
        _told.add(text)
        for listener in _listeners:
            listener(text)
