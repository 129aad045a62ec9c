"""Which modules are engines, and the types of their arrays; every other name is an int64."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
TRANSLATION = ("ahead/modules.py", "ahead/translate.py")
LIST, TABLE, CUBE = "[::1]", "[:, ::1]", "[:, :, ::1]"


@dataclass(frozen=True)
class Engine:
    """One engine.

    Attributes
    ----------
    module : str
        Its full name.
    uses : tuple of str
        Files below the package that its constants come from.
    read, written : mapping of str to str
        Parameters that are arrays, by shape; `read` are never changed.
    """

    module: str
    uses: tuple[str, ...]
    read: Mapping[str, str]
    written: Mapping[str, str]

    @property
    def source(self) -> str:
        """Its file below the package."""
        return self.module.partition(".")[2].replace(".", "/") + ".py"

    @property
    def twin(self) -> str:
        """Full name of the compiled module that stands beside it."""
        room, _, name = self.module.rpartition(".")
        return f"{room}._{name}_ahead"

    def digest(self) -> str:
        """Hex digits over everything the compiled twin is made from.

        Raises
        ------
        OSError
            If a source is not there.
        """
        found = hashlib.sha256()
        for name in (self.source, *self.uses, *TRANSLATION):
            found.update((PACKAGE / name).read_bytes())
        return found.hexdigest()

    def types(self) -> dict[str, str]:
        """C types of array parameters by name."""
        read = {
            name: f"const long long{s}" for s, names in self.read.items() for name in names.split()
        }
        return read | {
            name: f"long long{s}" for s, names in self.written.items() for name in names.split()
        }


ENGINES = (
    Engine(
        "microbench.machine.engine",
        ("trace/ops.py", "trace/packed.py"),
        {
            LIST: "P G refs scales entry_space row frame",
            TABLE: "operations templates frames loops",
        },
        {LIST: "S L C E costs returns"},
    ),
    Engine(
        "microbench.smp.engine",
        (),
        {LIST: "mach quant", TABLE: "steps"},
        {LIST: "out", TABLE: "cpu line heap", CUBE: "slots"},
    ),
    Engine(
        "microbench.machine.core_engine",
        (),
        {TABLE: "rows geometry"},
        {LIST: "tags stamps dirty state", TABLE: "counts costs"},
    ),
)


def engine(module: str) -> Engine:
    """The engine of that name.

    Raises
    ------
    KeyError
        If it is not one.
    """
    return {e.module: e for e in ENGINES}[module]
