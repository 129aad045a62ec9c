"""The one way in: files and words of any origin, bounded before anything is made of them.

Knows bytes, depth and digits. Refuses to know what a file is about.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from microbench.errors import InputError

MOST_TOML_BYTES = 1_000_000
MOST_TEXT_BYTES = 32_000_000
MOST_BYTES = 1 << 28
DEEPEST = 16
MOST_DIGITS = 25
_WORD = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = re.compile(rf"""(?<![\w"'.-]){_WORD}(?:[ \t]*\.[ \t]*{_WORD}){{{DEEPEST},}}""")
_DIGITS = re.compile(rf"[0-9](?:_?[0-9]){{{MOST_DIGITS},}}")
_NESTED = re.compile(rf"(?:[\[{{]\s*){{{DEEPEST},}}")
_SIZED = re.compile(r"([0-9]{1,18})([kKmMgG]?)")
_DECIMAL = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}")
_FACTORS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
LONGEST_NAME = 200
NO_START = " =+-@"


def read_bytes(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """The content of a file, or of standard input for `-`.

    Parameters
    ----------
    most : int
        Refused beyond; never more than one byte over it is read [bytes].

    Raises
    ------
    InputError
        If it cannot be read or is longer.
    """
    name = "standard input" if str(path) == "-" else path
    try:
        if str(path) == "-":
            if sys.stdin is None:
                raise InputError(name, "", "", "closed")
            found = sys.stdin.buffer.read(most + 1)
        else:
            with Path(path).open("rb") as file:
                found = file.read(most + 1)
    except FileNotFoundError:
        raise InputError(name, "", "", "no such file") from None
    except OSError as error:
        raise InputError(name, "", "", str(error.strerror or error)) from None
    except ValueError as error:
        raise InputError(name, "", "", str(error)) from None
    if len(found) > most:
        raise InputError(name, "", "", f"longer than {most} bytes")
    return found


def read_text(path: str | Path, most: int = MOST_TEXT_BYTES) -> str:
    """A file of text in UTF-8, newlines as they are, without the mark some editors begin it with.

    Raises
    ------
    InputError
        If it cannot be read, is longer than `most` [bytes], or is no text.
    """
    try:
        return read_bytes(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, "", "", f"not text: {error.reason}") from None


def read_toml(path: str | Path) -> dict[str, Any]:
    """A TOML file, no deeper than `DEEPEST`, no number longer than `MOST_DIGITS`.

    Raises
    ------
    InputError
        If it is missing, too large, too deep, not text or not TOML.
    """
    text = read_text(path, MOST_TOML_BYTES)
    for line in text.split("\n"):
        if _DOTTED.search(line):
            raise InputError(path, line.strip(), "", f"a key of more than {DEEPEST} parts")
        if _DIGITS.search(line) and not line.lstrip().startswith("#"):
            key, _, value = line.strip().partition("=")
            problem = f"a number of more than {MOST_DIGITS} digits"
            raise InputError(path, key.strip(), value.strip(), problem)
    if _NESTED.search(text):
        raise InputError(path, "", "", f"not TOML: nested deeper than {DEEPEST}")
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError, AttributeError) as error:
        raise InputError(path, "", "", f"not TOML: {error}") from None
    check_depth(found, path)
    return found


def parse_json(text: str, file: object) -> Any:
    """JSON, no deeper than `DEEPEST`.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(file, "", "", f"not JSON: {error}") from None
    check_depth(found, file)
    return found


def check_depth(tree: object, file: object) -> None:
    """Refuse tables and lists within one another more than `DEEPEST` deep."""
    level = [tree]
    for _ in range(DEEPEST):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict | list):
                inner += item.values() if isinstance(item, dict) else item
        level = inner
        if not level:
            return
    raise InputError(file, "", "", f"nested deeper than {DEEPEST}")


def csv_lines(text: str, file: object, skipped: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each line of CSV that is not empty.

    Parameters
    ----------
    skipped : int
        Lines of the file that stood before `text`.

    Raises
    ------
    InputError
        If it is no CSV.
    """
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num + skipped, cells
    except csv.Error as error:
        where = f"line {reader.line_num + skipped}"
        raise InputError(file, where, "", f"not CSV: {error}") from None


def whole(text: str, least: int, most: int, suffixes: bool = False) -> int | None:
    """The whole number a word of a call is, None where it is none from `least` to `most`.

    Digits are those of ASCII; with `suffixes` a binary k, m or g may follow.
    """
    match = _SIZED.fullmatch(text)
    if match is None or (match[2] and not suffixes):
        return None
    value = int(match[1]) * _FACTORS[match[2].lower()]
    return value if least <= value <= most else None


def decimal(text: str, least: float, most: float) -> float | None:
    """The decimal number a word of a call is, None where it is none from `least` to `most`."""
    if not _DECIMAL.fullmatch(text):
        return None
    value = float(text)
    return value if least <= value <= most else None


def is_name(text: object) -> bool:
    """Whether this may stand in a terminal, a sheet, a header: the one pattern for names.

    One printable line of at most 200 characters that no spreadsheet takes for a formula.
    """
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_NAME:
        return False
    return text.isprintable() and text[0] not in NO_START


def check_name(text: object, file: object, key: str) -> str:
    """The text, if it is a name.

    Raises
    ------
    InputError
        Naming file, key and text.
    """
    if text is None:
        raise InputError(file, key, None, "missing")
    if not is_name(text):
        problem = f"must be one printable line of 1 to {LONGEST_NAME} characters"
        problem += " that does not begin with a blank, =, +, - or @"
        raise InputError(file, key, text, problem)
    return str(text)
