"""A section of the facts on a terminal: its text wrapped, its wide tables line by line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest


def section_lines(lines: Sequence[str], width: int | None) -> Iterator[str]:
    """Lines of Markdown made to fit `width` columns; as they are where it is None.

    A table that fits is lined up under heads broken at blanks. Of a wider one each row is a
    block: the first cell, then every other cell that is not empty behind the head of its column.
    """
    if width is None:
        yield from lines
        return
    for is_table, group in groupby(lines, lambda line: line.startswith("|")):
        if is_table:
            yield from _table(list(group), width)
        else:
            for line in group:
                yield from _filled(line, width, "") if line.strip() else [""]


def _table(lines: list[str], width: int) -> Iterator[str]:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head, body = rows[0], [row for row in rows[1:] if any(cell.strip(":- ") for cell in row)]
    words = [max(name.split(), key=len, default="-") for name in head]
    wide = [max(map(len, column)) for column in zip(words, *body, strict=False)]
    if sum(wide) + 2 * len(wide) <= width:
        heads = zip_longest(*map(textwrap.wrap, head, wide), fillvalue="")
        for row in (*heads, *body):
            yield "  ".join(c.ljust(w) for c, w in zip(row, wide, strict=False)).rstrip()
        return
    for row in body:
        yield from _filled(row[0] or "-", width, "")
        for name, cell in zip(head[1:], row[1:], strict=False):
            if cell:
                yield from _filled(f"{name}: {cell}" if name else cell, width, "  ")


def _filled(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
