"""IPC kernels as data: which file serves an architecture, and the paths it holds.

Knows the form of `data/kernels/ipc-*.toml`: a table [kernel] and path shapes. Refuses to
know what a path costs, or which machine has which architecture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from microbench.datafiles import data_dir, data_names
from microbench.errors import InputError, UsageError
from microbench.quantity import Quantity, quantity, read_toml
from microbench.trace import Template
from microbench.trace.draw import draw
from microbench.trace.shapes import Shape, load_shapes, read_file

_WORDS = {
    "entry": ("syscall", "fault", "fast_entry"),
    "exit": ("return", "branch"),
    "flush": ("on_switch", "always"),
    "large_pages": ("no", "yes"),
}
_NUMBERS = {
    "register_words": {"words"},
    "fast_words": {"words"},
    "copy_instructions": {"instructions"},
}
_OPTIONAL = {"word_bytes": {"bytes"}, "header_words": {"words"}, "message_words": {"words"}}
_TEXTS = ("name", "system", "slow")
SPACE_WRITE = "space_register"


@dataclass(frozen=True)
class IpcKernel:
    """One kernel on one or more architectures.

    Attributes
    ----------
    name, system, file : str
        Name for `--kernel`, name in the column `system`, where it was read.
    architectures : tuple of str
    words : mapping of str to str
        entry, exit, flush, large_pages.
    numbers : mapping of str to Quantity
        register_words, fast_words, word_bytes, copy_instructions, header_words, message_words.
    shapes : mapping of str to Shape
    """

    name: str
    system: str
    file: str
    architectures: tuple[str, ...]
    words: Mapping[str, str]
    numbers: Mapping[str, Quantity]
    shapes: Mapping[str, Shape]

    def number(self, key: str, level: str = "value") -> int:
        """A number at its low, middle or high; 0 where the kernel has none [its unit]."""
        found = self.numbers.get(key)
        return 0 if found is None else int(getattr(found, level))

    @property
    def word_bytes(self) -> int:
        """Length of a message word [bytes]."""
        return self.number("word_bytes") or 4

    def find(self, name: str) -> Shape | None:
        """The shape of a path the kernel names, by the most special name there is."""
        if name in self.shapes or not name.startswith("ipc_fast_"):
            return self.shapes.get(name)
        kind, _, spaces = name.removeprefix("ipc_fast_").rpartition("_")
        names = (f"ipc_fast_{spaces}", f"ipc_fast_{kind}", "ipc_fast")
        return next((self.shapes[n] for n in names if n in self.shapes), None)

    @property
    def always_writes(self) -> bool:
        """Whether the page-table register is written within one space as well."""
        shape = self.find("ipc_fast_call_intra")
        return shape is not None and SPACE_WRITE in shape.coprocessor


def instructions(shape: Shape, level: str) -> int:
    """Instructions of a shape at one end of its range, or its own number."""
    ends = {"low": shape.low_instructions, "high": shape.high_instructions}
    return ends.get(level, shape.instructions)


def drawn(shape: Shape, level: str) -> Template:
    """The shape as a template, with the instructions of a level."""
    return draw(replace(shape, instructions=instructions(shape, level)), "ipc")


def without_space_write(shape: Shape) -> Shape:
    """The same path where the page-table register is not written by it."""
    kept = tuple(name for name in shape.coprocessor if name != SPACE_WRITE)
    return replace(shape, coprocessor=kept)


@cache
def packaged_kernels() -> tuple[IpcKernel, ...]:
    """All packaged kernels, in the order of their files' names."""
    names = [n for n in data_names("kernels", ".toml") if n.startswith("ipc-")]
    return tuple(read_kernel(data_dir() / "kernels" / f"{name}.toml") for name in names)


def kernel_for(architecture: str, name: str = "") -> IpcKernel:
    """The kernel of that name for an architecture; without a name the first there is.

    Raises
    ------
    UsageError
        If there is none.
    """
    served = [k for k in packaged_kernels() if architecture in k.architectures]
    found = [k for k in served if name in ("", k.name)]
    if not found:
        there = ", ".join(k.name for k in served) or "none"
        what = f"kernel {name!r}" if name else "kernel"
        raise UsageError(f"no IPC {what} for {architecture or 'no architecture'}; there is {there}")
    return found[0]


def named_kernel(name: str) -> IpcKernel:
    """A kernel that serves every architecture, by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    for kernel in packaged_kernels():
        if kernel.name == name:
            return kernel
    raise UsageError(f"no IPC kernel {name!r}")


def read_kernel(path: Path) -> IpcKernel:
    """Read and check one kernel file.

    Raises
    ------
    InputError
        Naming file, key and value.
    """
    shapes: Mapping[str, Shape] = read_file(path).paths
    table = read_toml(path).get("kernel")
    if not isinstance(table, dict):
        raise InputError(path, "kernel", table, "missing")
    _known_keys(table, path)
    for key in _TEXTS:
        if not isinstance(table.get(key), str):
            raise InputError(path, f"kernel.{key}", table.get(key), "must be text")
    for key, allowed in _WORDS.items():
        if table.get(key) not in allowed:
            raise InputError(path, f"kernel.{key}", table.get(key), "one of " + ", ".join(allowed))
    if table["slow"]:
        shapes = {**load_shapes(table["slow"]), **shapes}
    for shape in shapes.values():
        if shape.low_instructions < shape.code_lines:
            where = f"path.{shape.name}.low_instructions"
            raise InputError(path, where, shape.low_instructions, "fewer than its code lines")
    return IpcKernel(
        name=table["name"],
        system=table["system"],
        file=str(path),
        architectures=_architectures(table, path),
        words={key: str(table[key]) for key in _WORDS},
        numbers=_numbers(table, path),
        shapes=shapes,
    )


def _known_keys(table: Mapping[str, object], path: Path) -> None:
    for key in table:
        if key not in (*_TEXTS, *_WORDS, *_NUMBERS, *_OPTIONAL, "architectures"):
            raise InputError(path, f"kernel.{key}", table[key], "unknown key")


def _architectures(table: Mapping[str, object], path: Path) -> tuple[str, ...]:
    names = table.get("architectures")
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise InputError(path, "kernel.architectures", names, "must be a list of names")
    return tuple(names)


def _numbers(table: Mapping[str, object], path: Path) -> dict[str, Quantity]:
    found = {k: quantity(table.get(k), path, f"kernel.{k}", u) for k, u in _NUMBERS.items()}
    for key, units in _OPTIONAL.items():
        if key in table:
            found[key] = quantity(table[key], path, f"kernel.{key}", units)
    return found
