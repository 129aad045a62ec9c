"""The mistakes a user can make, and the exit code each one means.

Every error prints as one line. Nothing here knows where the text goes.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable

LONGEST = 1000
"""Of a sentence to a user, whatever the input was."""
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxother = 3, 60


def printable(text: str) -> str:
    """The text as one line: what a terminal would act on is written out."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _cut(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


class MkbenchError(Exception):
    """Base of all expected errors; `exit_code` is what the command returns."""

    exit_code = 4

    def __init__(self, text: str = "") -> None:
        super().__init__(_cut(printable(text), LONGEST))


class UsageError(MkbenchError):
    """A mistake in the call: unknown name, bad argument."""

    exit_code = 2


def near(name: str, known: Iterable[str]) -> str:
    """What of the known names was most likely meant: "did you mean a, b?", or "".

    A part of a name counts, too: `ways` finds `l1d.ways`.
    """
    from difflib import get_close_matches

    names, asked = list(dict.fromkeys(known)), name.strip().lower()[:LONGEST]
    found = get_close_matches(asked, names, n=3, cutoff=0.7)
    parts = [n for n in names if len(asked) > 2 and asked in re.split(r"[.\-_ ]", n.lower())]
    meant = list(dict.fromkeys([*found, *parts]))[:3]
    return f"did you mean {', '.join(meant)}?" if meant else ""


def unknown(
    kind: str, name: str, known: Iterable[str], what: str = "", listed: str = ""
) -> UsageError:
    """A name that is none: what it was, what was meant, else what there is.

    Parameters
    ----------
    kind : str
        Of what there is none of this name: "benchmark", "machine" ...
    known : iterable of str
    what : str
        Said behind the name.
    listed : str
        The command that lists what there is, where it is too much for a line.
    """
    names = list(known)
    there = f"`{listed}` lists them" if listed else f"there are {', '.join(names) or 'none'}"
    return UsageError(f"no {kind} {name!r}{what}; {near(name, names) or there}")


class InputError(UsageError):
    """A mistake in an input file, said as file, key and value.

    Parameters
    ----------
    file : str
        The file as the user named it.
    key : str
        Dotted key, or "" when the whole file is meant.
    value : object
        What stood there.
    problem : str
        What is wrong with it, as a phrase.
    """

    def __init__(self, file: object, key: str, value: object, problem: str) -> None:
        shown = repr(value[:80]) if isinstance(value, str) else _SHORT.repr(value)
        where = f"{file}: {_cut(key)} = {_cut(shown)}" if key else f"{file}"
        super().__init__(f"{where}: {problem}")


class RegressionError(MkbenchError):
    """Two results differ by more than the tolerance allows."""

    exit_code = 1


class MismatchError(MkbenchError):
    """Two files do not describe the same thing."""

    exit_code = 3
