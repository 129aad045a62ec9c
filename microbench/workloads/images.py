"""Programs and libraries as `data/workloads/images.toml` describes them.

Every number is an estimate with a range; `choose` may draw within it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.linux.image import Image
from microbench.quantity import quantity, read_toml

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


@cache
def load_images() -> Images:
    """Read and check the packaged file.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    path = data_dir() / "workloads" / "images.toml"
    raw = read_toml(path)
    objects = {
        name: _described(path, f"object.{name}", name, body, _LIBRARY)
        for name, body in raw["object"].items()
    }
    programs = {
        name: _described(path, f"program.{name}", name, body, _PROGRAM)
        for name, body in raw["program"].items()
    }
    for name, program in programs.items():
        for library in program.libraries:
            if library not in objects:
                raise InputError(path, f"program.{name}.libraries", library, "no such object")
    fork = _numbers(path, "fork", raw["fork"])
    return Images(objects, programs, fork, _numbers(path, "loader", raw["loader"]))


def _described(path: object, key: str, name: str, body: Any, wanted: tuple[str, ...]) -> Described:
    libraries = tuple(body.get("libraries", ()))
    number = _numbers(path, key, {k: v for k, v in body.items() if k != "libraries"})
    for field in wanted:
        if field not in number:
            raise InputError(path, f"{key}.{field}", None, "missing")
    image = Image(name, number["text_pages"], number["data_pages"], number["bss_pages"])
    return Described(image, number, libraries)


def _numbers(path: object, key: str, body: Any) -> dict[str, int]:
    return {
        name: round(quantity(table, path, f"{key}.{name}", UNITS).value)
        for name, table in body.items()
    }
