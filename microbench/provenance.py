"""Where numbers come from: the table of sources, and the sections of the facts that ship."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from microbench.datafiles import data_dir

_HEADING = re.compile(r"(#+) (?:([A-Z][A-Z0-9-]+) )?(\d+(?:\.\d+)*)\.?(?= |$)(.*)")
JUDGEMENT = "JUDGEMENT"
_FACTS = re.compile(r"`data/(facts/[\w.-]+\.md)`")


@cache
def sources() -> dict[str, str]:
    """What each key of `data/SOURCES.md` stands for."""
    known = {}
    for line in (data_dir() / "SOURCES.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "KEY":
            known[cells[0]] = " ".join(cells[1:])
    return known


def facts(key: str) -> Path | None:
    """File of `data/facts/` that source `key` names, if its facts ship."""
    found = _FACTS.match(sources()[key])
    return data_dir() / found[1] if found else None


@dataclass(frozen=True)
class Section:
    """One numbered section of a file of facts.

    Attributes
    ----------
    place, title
        Its number, and its heading without it.
    lines
        What stands in it, with its subsections.
    """

    place: str
    title: str
    lines: tuple[str, ...]


@cache
def sections(key: str) -> dict[str, Section]:
    """Sections of the facts of `key` by number; none for a public document."""
    path = facts(key)
    lines = path.read_text(encoding="utf-8").splitlines() if path else []
    starts = [(at, found) for at, line in enumerate(lines) if (found := _HEADING.match(line))]
    return {
        found[3]: Section(found[3], found[4].strip(), tuple(lines[at + 1 : _end(lines, at)]))
        for at, found in starts
        if found[2] in (None, key)
    }


def _end(lines: list[str], start: int) -> int:
    """Line where the section that begins at `start` ends: a heading as high, not of its own."""
    own = _HEADING.match(lines[start])
    assert own is not None
    for at in range(start + 1, len(lines)):
        found = _HEADING.match(lines[at])
        inside = found is not None and found[3].startswith(own[3] + ".")
        level = len(lines[at]) - len(lines[at].lstrip("#"))
        if level and not inside and (found or level <= len(own[1])):
            return at
    return len(lines)


def has_place(source: str) -> bool:
    """Whether a source says where in its document: a section of facts, or words before a `;`.

    Judgement has no document.
    """
    key = key_of(source)
    if key == JUDGEMENT or any(place for _, place in cited(source)):
        return True
    return bool(source[len(key) :].partition(";")[0].strip(" ,:"))


def key_of(source: str) -> str:
    """Key a source begins with, known or not."""
    return re.split(r"[\s,;:]", source, maxsplit=1)[0]


def cited(source: str) -> list[tuple[str, str]]:
    """Keys of shipped facts that `source` names, each with its section ("" if none is named)."""
    found = []
    for key in filter(facts, sources()):
        places = rf"(?<![\w-]){re.escape(key)}(?![\w-])( \d+(?:\.\d+)*(?:, \d+(?:\.\d+)*)*)?"
        for named in re.finditer(places, source):
            found += [(key, place.strip()) for place in (named[1] or "").split(",")]
    return found
