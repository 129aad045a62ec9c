"""CPU counts as a command takes them: `1,2,4,...,16`."""

from __future__ import annotations

import click

from microbench.cli._options import Command
from microbench.errors import UsageError
from microbench.reading import whole

MOST_CPUS = 65536


def cpus_option(command: Command) -> Command:
    """Add `--cpus` as argument `cpus`: a list, or None unless given."""
    return click.option(
        "--cpus",
        metavar="N[,N...]",
        callback=lambda context, parameter, text: None if text is None else cpu_list(text),
        help="CPU counts; `1,2,4,...,16` fills in.",
    )(command)


def cpu_list(text: str) -> list[int]:
    """CPU counts of `1,2,4,...,16`: the dots go on by the step or factor before them.

    Raises
    ------
    UsageError
        If a word is no number above 0, or the dots have nothing to go on.
    """
    counts: list[int] = []
    words = [word.strip() for word in text.split(",")]
    for i, word in enumerate(words):
        if word != "...":
            counts.append(_number(word, text))
            continue
        if len(counts) < 2 or i + 1 >= len(words):
            raise UsageError(f"--cpus {text}: `...` needs two counts before and one after")
        counts += _between(counts, _number(words[i + 1], text), text)
    return list(dict.fromkeys(counts))


def _number(word: str, text: str) -> int:
    count = whole(word, 1, MOST_CPUS)
    if count is None:
        raise UsageError(f"--cpus {text[:80]}: {word[:40]!r} is no count from 1 to {MOST_CPUS}")
    return count


def _between(counts: list[int], last: int, text: str) -> list[int]:
    a, b = counts[-2:]
    if b <= a:
        raise UsageError(f"--cpus {text}: counts before `...` must grow")
    doubling = len(counts) >= 3 and counts[-3] * b == a * a and a != counts[-3] + (b - a)
    doubling = doubling or (len(counts) == 2 and a > 1 and b % a == 0)
    found: list[int] = []
    x = b
    while True:
        x = x * (b // a) if doubling else x + (b - a)
        if x >= last:
            return found
        found.append(x)
