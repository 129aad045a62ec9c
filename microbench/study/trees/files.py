"""The tree: files with log-normal sizes, so many to a directory, and the order they are read in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from statistics import NormalDist

from microbench.study.trees.numbers import numbers

GOLDEN = 0.6180339887498949
SILVER = 0.4142135623730951
"""Multiples of an irrational number, whole parts off, spread evenly: no seed is needed."""


@dataclass(frozen=True)
class File:
    """One file.

    Attributes
    ----------
    number, directory : int
        In the order of the archive.
    size : int
        [bytes].
    """

    number: int
    directory: int
    size: int


def directory_of(file: File, tree: int) -> tuple[int, int]:
    """A file's directory in one of the copies of a tree."""
    return tree, file.directory


@cache
def tree(level: str) -> list[File]:
    """All files in the order of the archive; their sizes add up to what is stated."""
    given = numbers(level)
    count, directories = int(given["files"]), int(given["directories"])
    normal = NormalDist(0, given["sigma"])
    drawn = [math.exp(normal.inv_cdf(_spread(i, GOLDEN))) for i in range(count)]
    scale = given["megabytes"] * 1e6 / sum(drawn)
    return [
        File(i, i * directories // count, max(1, round(one * scale))) for i, one in enumerate(drawn)
    ]


def as_listed(files: list[File], share: float) -> list[File]:
    """The order in which directories give their names: `share` of them out of place."""
    found: list[File] = []
    for _, group in groupby(files, lambda file: file.directory):
        members = list(group)
        first, count = members[0].number, len(members)
        found += sorted(members, key=lambda f: _place(f.number, first, count, share))
    return found


def _place(number: int, first: int, count: int, share: float) -> float:
    if _spread(number, SILVER) >= share:
        return number - first
    return _spread(number, GOLDEN) * count


def _spread(number: int, step: float) -> float:
    return ((number + 0.5) * step) % 1.0
