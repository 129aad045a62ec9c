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
from microbench.linux.kernel import Linux
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


def load_images(used: float = 1.0, values: Mapping[str, float] | None = None) -> Images:
    """The packaged description, with other values in the place of some numbers.

    Parameters
    ----------
    used : float
        Ratio that multiplies the numbers of pages that programs use.
    values : mapping of str to float, optional
        By name as in `guesses`; those of `using` if not given.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    given = chosen() if values is None else values
    return _images(tuple(given.items()), used)


def images_of(linux: Linux) -> Images:
    """The programs of a running system; those described where it was booted without."""
    found: Images = load_images() if linux.images is None else linux.images
    return found


_chosen: list[Mapping[str, float]] = []


def chosen() -> Mapping[str, float]:
    """What `using` put in the place of numbers; empty where programs are as described."""
    return _chosen[-1] if _chosen else {}


@contextmanager
def using(values: Mapping[str, float]) -> Iterator[None]:
    """Take other values for some numbers, by name as in `guesses`.

    Raises
    ------
    InputError
        For an unknown number.
    """
    for name in values:
        if name not in guesses():
            raise InputError(_path(), name, values[name], "no number with a range")
    _chosen.append(values)
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
    kinds = ("object", "program")
    named = [(f"{kind}.{name}", body) for kind in kinds for name, body in raw[kind].items()]
    return [*named, ("fork", raw["fork"]), ("loader", raw["loader"])]


@cache
def _images(values: tuple[tuple[str, float], ...], used: float) -> Images:
    given, tables = dict(values), dict(_tables())
    found = {key: _described(key, body, given, used) for key, body in tables.items() if "." in key}
    for key, described in found.items():
        for library in described.libraries:
            if f"object.{library}" not in found:
                raise InputError(_path(), f"{key}.libraries", library, "no such object")
    return Images(
        _of_kind(found, "object."),
        _of_kind(found, "program."),
        _values("fork", tables["fork"], given, used),
        _values("loader", tables["loader"], given, used),
    )


def _of_kind(found: Mapping[str, Described], prefix: str) -> dict[str, Described]:
    return {k.removeprefix(prefix): v for k, v in found.items() if k.startswith(prefix)}


def _described(
    key: str, body: dict[str, Any], given: Mapping[str, float], used: float
) -> Described:
    number = _values(key, body, given, used)
    for field in _LIBRARY if key.startswith("object") else _PROGRAM:
        if field not in number:
            raise InputError(_path(), f"{key}.{field}", None, "missing")
    for room, needed in ROOM.items():
        number[room] = max(number[room], number[needed])
    name = key.partition(".")[2]
    image = Image(name, number["text_pages"], number["data_pages"], number["bss_pages"])
    return Described(image, number, tuple(body.get("libraries", ())))


def _numbers(key: str, body: dict[str, Any]) -> dict[str, Quantity]:
    return {
        name: quantity(table, _path(), f"{key}.{name}", UNITS)
        for name, table in body.items()
        if name != "libraries"
    }


def _values(
    key: str, body: dict[str, Any], given: Mapping[str, float], used: float
) -> dict[str, int]:
    return {
        name: round(given.get(f"{key}.{name}", q.value) * (used if name in USED else 1.0))
        for name, q in _numbers(key, body).items()
    }
