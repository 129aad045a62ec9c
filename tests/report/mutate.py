"""Seeded damage to a text file: what disks, editors and strangers do to it."""

from __future__ import annotations

import random
from collections.abc import Callable

NASTY = (
    *("1152921504606846976", "-1", "0", "1e400", "nan", "inf", "", "true", "9" * 400),
    *("\x00", "\ufeff", "é", '"', "'", "[", "]", "{", "}", "=", ",", "#", "\\", "\n", "\r", "\t"),
    *("[[[[[[[[", "a.b.c.d", "1979-05-27", "0x7f", "[]", "{}", "1_000", "../../etc/passwd"),
)


def mutations(data: bytes, count: int, seed: int) -> list[bytes]:
    """`count` damaged forms of a file, the same ones for the same seed."""
    draw = random.Random(seed)
    return [_damaged(data, draw) for _ in range(count)]


def _damaged(data: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        data = draw.choice(KINDS)(data, draw)
    return data


def _flip(data: bytes, draw: random.Random) -> bytes:
    if not data:
        return data
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]


def _truncate(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _insert(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(NASTY).encode() + data[at:]


def _lines(data: bytes, draw: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    at, to = draw.randrange(len(lines)), draw.randrange(len(lines))
    kind = draw.randrange(3)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(to, lines[at])
    else:
        lines[at], lines[to] = lines[to], lines[at]
    return b"".join(lines)


def _token(data: bytes, draw: random.Random) -> bytes:
    """Replace one word or number by something nasty, the rest of the line left whole."""
    lines = data.decode("utf-8", "replace").splitlines(keepends=True)
    if not lines:
        return data
    at = draw.randrange(len(lines))
    for sign in draw.sample(" ,=:", 4):
        words = lines[at].split(sign)
        if len(words) > 1:
            words[draw.randrange(len(words))] = draw.choice(NASTY)
            lines[at] = sign.join(words)
            break
    return "".join(lines).encode()


KINDS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _truncate, _insert, _lines, _token, _token),
)
