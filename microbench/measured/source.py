"""The text of a file that somebody else's tool wrote, bounded, with its lines numbered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from microbench.errors import InputError
from microbench.reading import parse_json, read_bytes

MOST_BYTES = 64_000_000
"""A longer file is refused: a summary is short, and a trace can be cut."""
BINARY = {
    b"PERFILE2": "perf.data is binary; `perf trace -i FILE -s` or `perf stat -x,` writes text",
    b"\x1f\x8b": "compressed by gzip; unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it first",
    b"\xfd7zXZ": "compressed by xz; unpack it first",
}


Found = TypeVar("Found")


@dataclass(frozen=True)
class Source:
    """One file.

    Attributes
    ----------
    file : str
        What to call it in a message.
    text : str
    """

    file: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends; a line ends at newline alone, as tools write it."""
        return tuple(line.rstrip("\r") for line in self.text.split("\n"))

    @cached_property
    def head(self) -> str:
        """The first lines, by which a format is recognised."""
        return "\n".join(self.lines[:400])[:40_000]

    @cached_property
    def json(self) -> Any:
        """The whole text as JSON of bounded depth; None where it is none."""
        if self.text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            return parse_json(self.text, self.file)
        except InputError:
            return None

    def numbered(self) -> Iterator[tuple[int, str]]:
        """Line number from 1, and line; blank ones left out."""
        return ((n, line) for n, line in enumerate(self.lines, 1) if line.strip())

    def error(self, number: int, problem: str) -> InputError:
        """The error for a line."""
        return InputError(self.file, f"line {number}", self.lines[number - 1].strip(), problem)


def read_source(path: str) -> Source:
    """Read a file, `-` for standard input.

    Raises
    ------
    InputError
        If it cannot be read, is too long, or is no text.
    """
    name = "standard input" if path == "-" else path
    raw = read_bytes(path, MOST_BYTES)
    for magic, said in BINARY.items():
        if raw.startswith(magic):
            raise InputError(name, "", "", said)
    if b"\0" in raw:
        raise InputError(name, "", "", "holds a NUL byte: not text")
    if not raw.strip():
        raise InputError(name, "", "", "empty")
    return Source(name, raw.decode("utf-8-sig", errors="replace"))


@dataclass(frozen=True)
class Reader(Generic[Found]):
    """A format: its name, whether a file is of it, and how it is read, given one more word."""

    name: str
    recognises: Callable[[Source], bool]
    read: Callable[[Source, str], Found]


def reader_of(source: Source, readers: Sequence[Reader[Found]]) -> Reader[Found] | None:
    """The first reader whose format a file is of, None if nobody's."""
    return next((reader for reader in readers if reader.recognises(source)), None)


def seen(source: Source, refused: Mapping[str, re.Pattern[str]]) -> str:
    """Name of the format a file is of by the sight of it; "" for none."""
    return next((name for name, sight in refused.items() if sight.search(source.head)), "")
