"""The words of a call as lmbench's own usage reads them: options as getopt takes them, a file name.

Knows which words decide what is run. lmbench's `-W` and `-N` say how often to repeat what is
the same each time here, `-P 1` is the only parallelism there is, and the files it maps, reads
and asks for are the model's own: such words are taken, and handed back as without effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from microbench.errors import UsageError
from microbench.reading import whole

HARNESS = "WNP"
MOST_REPEATS = 10**9


class Call(NamedTuple):
    """The words of a call that count, and those that do not."""

    args: list[str]
    idle: list[str]


def read_call(
    name: str, words: Sequence[str], options: str, file_after: int | None, kinds: Sequence[str]
) -> Call:
    """Sort the words of a call.

    Parameters
    ----------
    options : str
        The benchmark's own options as getopt writes them: "s:" takes a value, "t" does not.
    file_after : int or None
        Number of words after which lmbench takes the name of a file.
    kinds : sequence of str
        Words that are no name of a file.

    Raises
    ------
    UsageError
        For a missing value, one that is no number, or parallelism other than 1.
    """
    rest, own, idle = list(words), list[str](), list[str]()
    while rest and len(rest[0]) > 1 and rest[0][0] == "-" and rest[0][1] != "-":
        word = rest.pop(0)
        letter, value = word[1], word[2:]
        if letter not in HARNESS and f"{letter}:" not in options:
            own.append(word[:2])
            if value and letter in options:
                rest.insert(0, f"-{value}")
            elif value:
                own[-1] = word
                break
            continue
        if not value:
            value = rest.pop(0) if rest else ""
        if letter in HARNESS:
            idle += _harness(name, letter, value)
        else:
            own += [f"-{letter}", *([value] if value else [])]
    if file_after is not None and len(rest) == file_after + 1 and rest[-1] not in kinds:
        idle.append(rest.pop())
    return Call([*own, *rest], idle)


def _harness(name: str, letter: str, value: str) -> list[str]:
    if whole(value, 0, 1 if letter == "P" else MOST_REPEATS) is None or (letter, value) == (
        "P",
        "0",
    ):
        raise UsageError(f"{name}: '-{letter} {value[:40]}': -W and -N take numbers, -P only 1")
    return [f"-{letter}", value]
