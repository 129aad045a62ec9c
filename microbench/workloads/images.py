"""Programs and libraries as `data/workloads/images.toml` describes them.

Every number is an estimate with a range. One ratio for all programs alike, calibrated on one
row, multiplies how many pages they use; everything else is as described.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.linux.image import Image
from microbench.quantity import Quantity, quantity, read_toml

UNITS = {"pages", "relocations", "lookups", "instructions", "files", "calls", "lines"}
_OBJECT = (
    "text_pages", "text_touched", "data_pages", "data_written", "bss_pages", "bss_touched",
)  # fmt: skip
_LIBRARY = (*_OBJECT, "relative", "symbols")
_PROGRAM = (
    *_OBJECT, "heap_pages", "stack_pages", "libc_pages", "symbols", "instructions", "files",
    "null_calls", "sigactions", "stats", "opens", "breaks",
)  # fmt: skip
_WITHIN = (
    ("text_touched", "text_pages"), ("data_written", "data_pages"), ("bss_touched", "bss_pages"),
)  # fmt: skip


@dataclass(frozen=True)
class Described:
    """One program or library.

    Attributes
    ----------
    image : Image
    number : dict of str to int
        The other numbers of its table, see the file.
    libraries : tuple of str
        What a program loads, in order.
    """

    image: Image
    number: dict[str, int]
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Images:
    """The whole file."""

    objects: dict[str, Described]
    programs: dict[str, Described]
    fork: dict[str, int]
    loader: dict[str, int]


USED = {
    *("text_touched", "data_written", "bss_touched", "heap_pages", "stack_pages", "libc_pages"),
    *("child_stack", "child_data", "child_libc_data", "child_ld_data", "child_text"),
    *("parent_stack", "parent_data", "parent_libc_data"),
}
"""Numbers of pages that programs use, which the ratio multiplies."""
ROOM = {"text_pages": "text_touched", "data_pages": "data_written", "bss_pages": "bss_touched"}


def load_images() -> Images:
    """The packaged description, or what `using` put in its place.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    return _chosen[-1] if _chosen else _images(())


_chosen: list[Images] = []


@contextmanager
def using(values: Mapping[str, float]) -> Iterator[None]:
    """Take other values for some numbers, by name as in `guesses`.

    Raises
    ------
    InputError
        For an unknown number.
    """
    _chosen.append(_images(tuple(sorted(values.items()))))
    try:
        yield
    finally:
        _chosen.pop()


@cache
def guesses() -> dict[str, Quantity]:
    """Every number with a range, by its name in the file ("program.sh.text_touched")."""
    return {
        f"{key}.{name}": number
        for key, body in _tables()
        for name, number in _numbers(key, body).items()
        if number.low < number.high
    }


def _path() -> Path:
    return data_dir() / "workloads" / "images.toml"


def _tables() -> list[tuple[str, dict[str, Any]]]:
    """All tables of the file with their names."""
    raw = read_toml(_path())
    named = [(f"{kind}.{n}", body) for kind in ("object", "program") for n, body in raw[kind].items()]
    return [*named, ("fork", raw["fork"]), ("loader", raw["loader"])]


@cache
def _images(values: tuple[tuple[str, float], ...]) -> Images:
    given, tables = dict(values), dict(_tables())
    for name in given:
        if name not in guesses():
            raise InputError(_path(), name, given[name], "no number with a range")
    found = {key: _described(key, body, given) for key, body in tables.items() if "." in key}
    for key, described in found.items():
        for library in described.libraries:
            if f"object.{library}" not in found:
                raise InputError(_path(), f"{key}.libraries", library, "no such object")
    part = {kind: {k[len(kind) + 1 :]: d for k, d in found.items() if k.startswith(kind)}
            for kind in ("object", "program")}  # fmt: skip
    return Images(
        part["object"],
        part["program"],
        _values("fork", tables["fork"], given),
        _values("loader", tables["loader"], given),
    )


def _described(key: str, body: dict[str, Any], given: Mapping[str, float]) -> Described:
    number = _values(key, body, given)
    for field in _LIBRARY if key.startswith("object") else _PROGRAM:
        if field not in number:
            raise InputError(_path(), f"{key}.{field}", None, "missing")
    for inner, outer in _WITHIN:
        number[inner] = min(number[inner], number[outer])
    name = key.partition(".")[2]
    image = Image(name, number["text_pages"], number["data_pages"], number["bss_pages"])
    return Described(image, number, tuple(body.get("libraries", ())))


def _numbers(key: str, body: dict[str, Any]) -> dict[str, Quantity]:
    return {
        name: quantity(table, _path(), f"{key}.{name}", UNITS)
        for name, table in body.items()
        if name != "libraries"
    }


def _values(key: str, body: dict[str, Any], given: Mapping[str, float]) -> dict[str, int]:
    return {
        name: round(given.get(f"{key}.{name}", number.value))
        for name, number in _numbers(key, body).items()
    }
