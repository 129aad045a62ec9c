"""How often a program made each system call: what every reader of a tracer returns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
MOST_CALLS = 10**15


@dataclass(frozen=True)
class Call:
    """One kind of system call.

    Attributes
    ----------
    name : str
    calls : int
    errors : int or None
        How many failed; None where the tool does not say.
    seconds : float or None
        Total time as the tool saw it, its own cost included [s].
    """

    name: str
    calls: int
    errors: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Counts:
    """All calls of a program.

    Attributes
    ----------
    kind : str
        Tool and form, e.g. "strace -c".
    calls : tuple of Call
        Each name once, the most frequent first.
    wall_s, cpu_s : float or None
        What the tool says about the whole program [s].
    unread : tuple of str
        Lines no reader understood, as "line 7: TEXT".
    notes : tuple of str
        What a user must know about these counts.
    """

    kind: str
    calls: tuple[Call, ...]
    wall_s: float | None = None
    cpu_s: float | None = None
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Calls of all kinds."""
        return sum(call.calls for call in self.calls)


@dataclass
class Tally:
    """Calls while they are being counted, and lines that were not understood."""

    calls: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self, name: str, calls: int = 1, errors: int | None = None, seconds: float | None = None
    ) -> None:
        """Count calls of one name."""
        self.calls[name] = self.calls.get(name, 0) + calls
        if errors is not None:
            self.errors[name] = self.errors.get(name, 0) + errors
        if seconds is not None:
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def skip(self, number: int, line: str) -> None:
        """Keep a line that says nothing this reader knows."""
        self.unread.append(f"line {number}: {line.strip()[:70]}")

    def note(self, text: str) -> None:
        """Say something once."""
        if text not in self.notes:
            self.notes.append(text)

    def counts(self, kind: str, wall_s: float | None = None, cpu_s: float | None = None) -> Counts:
        """What was counted; kinds that never happened are left out."""
        names = sorted(
            (n for n in self.calls if self.calls[n]), key=lambda name: (-self.calls[name], name)
        )
        calls = tuple(
            Call(n, self.calls[n], self.errors.get(n), self.seconds.get(n)) for n in names
        )
        return Counts(kind, calls, wall_s, cpu_s, tuple(self.unread), tuple(self.notes))


def whole(text: str) -> int | None:
    """A count, None if the text is none or beyond any program."""
    if not re.fullmatch(r"[0-9]{1,16}", text) or not text.isascii():
        return None
    return int(text) if int(text) <= MOST_CALLS else None


def names_of(calls: Iterable[Call]) -> str:
    """The names with counts, as a phrase."""
    return ", ".join(f"{call.name} {call.calls}" for call in calls)
