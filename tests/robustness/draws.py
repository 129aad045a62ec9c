"""What is drawn: damage to bytes, and changes of a machine."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import TypeVar

from microbench.machine import schema

T = TypeVar("T")
NUMBERS = (
    *("0", "-1", "1", "1e308", "1e-308", "nan", "inf", "-inf", "9e15", "1e14", "2147483648"),
    *("9223372036854775807", "9" * 30, "9" * 5000, "1.5", "0x10", "1_000", "true", '"x"'),
)
SIGNS = (
    *(
        "\x00",
        "\x1b[31m",
        "\n",
        "\r",
        "\u2028",
        "\u202e",
        "²",
        "=1+1",
        "@x",
        "-",
        '"',
        "'",
        "[",
        "]",
    ),
    *("{", "}", "=", ",", ".", "#", "a." * 40, "[" * 400, "{a=" * 40, "\ud7ff", "é", "\t", " "),
)
NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]+)?(?:e[0-9]+)?")


class Draw(random.Random):
    """Draws that hang on the seed and a number only."""

    def __init__(self, seed: int, number: int, what: str = "input") -> None:
        super().__init__(f"{seed} {number} {what}")

    def choose(self, things: Sequence[T]) -> T:
        """One of them."""
        return things[self.randrange(len(things))]


def damaged(content: bytes, draw: Draw) -> bytes:
    """The content with one to four damages; once in fifty none."""
    if draw.random() < 0.02:
        return content
    for _ in range(draw.randint(1, 4)):
        content = draw.choose(DAMAGES)(content, draw)
    return content


def _cut(content: bytes, draw: Draw) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at]


def _drop(content: bytes, draw: Draw) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + content[at + draw.choose((1, 4, 40, 400)) :]


def _double(content: bytes, draw: Draw) -> bytes:
    at = draw.randint(0, len(content))
    piece = content[at : at + draw.choose((1, 4, 40, 400))]
    return content[:at] + piece * draw.choose((2, 3, 50)) + content[at:]


def _flip(content: bytes, draw: Draw) -> bytes:
    if not content:
        return content
    at = draw.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << draw.randrange(8))]) + content[at + 1 :]


def _number(content: bytes, draw: Draw) -> bytes:
    places = list(NUMBER.finditer(content[:100_000]))
    if not places:
        return _flip(content, draw)
    place = draw.choose(places)
    return content[: place.start()] + draw.choose(NUMBERS).encode() + content[place.end() :]


def _sign(content: bytes, draw: Draw) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + draw.choose(SIGNS).encode() + content[at:]


def _line(content: bytes, draw: Draw) -> bytes:
    lines = content.split(b"\n")
    a, b = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[draw.choose((a, b))]
    return b"\n".join(lines)


DAMAGES = (_cut, _drop, _double, _flip, _flip, _number, _number, _number, _sign, _sign, _line)


def machine_changes(draw: Draw, many: bool) -> dict[str, str | float]:
    """Changes of one to six keys, values anywhere within their limits, often at an end."""
    numbers = schema.SMP_NUMBERS if many else {**schema.NUMBERS, **schema.OPTIONAL_NUMBERS}
    words = schema.SMP_WORDS if many else {**schema.WORDS, **schema.OPTIONAL_WORDS}
    found: dict[str, str | float] = {}
    for _ in range(draw.randint(1, 6)):
        if draw.random() < 0.25:
            key = draw.choose(sorted(words))
            found[key] = draw.choose(words[key])
        else:
            key = draw.choose(sorted(numbers))
            found[key] = _value(key, min(numbers[key]), draw)
    return found


def _value(key: str, unit: str, draw: Draw) -> float:
    field = key.rpartition(".")[2]
    least, most = schema.LIMITS.get(field) or schema.LIMITS.get(unit, schema.ANY)
    kind = draw.random()
    if kind < 0.2:
        value = draw.choose((least, most, 0.0))
    elif unit in ("bytes", "count", "cpus", "lines"):
        value = float(2 ** draw.randint(0, max(1, int(most).bit_length() - 1)))
    else:
        value = max(least, 1e-3) * (most / max(least, 1e-3)) ** draw.random()
    return value
