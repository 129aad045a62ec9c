"""The arrays of a recording with 64-bit addresses, as `microbench.recording.encode` packs them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from microbench.errors import InputError
from microbench.reading import read_bytes

RAW = ("kind", "addr", "n", "cls", "sub", "fn", "taken", "mk", "space", "site")
R_FETCH, R_LOAD, R_STORE, R_MARKER, R_PRIVILEGED = range(5)


class RecordedFile:
    """The arrays of one recording; a column is unpacked when it is first asked for.

    The file itself is held in memory: forked workers would share the place in an open one.

    Raises
    ------
    InputError
        If it is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path, content = path, read_bytes(path)
        self._columns: dict[str, np.ndarray] = {}
        try:
            self._file = np.load(io.BytesIO(content))
        except Exception as error:  # zip, zlib and NumPy throw a dozen kinds
            raise self._damaged("", error) from None
        self.names = tuple(str(x) for x in self.array("op_names"))
        self._start = self.array("op_start").astype(np.int64)

    def _damaged(self, name: str, error: Exception) -> InputError:
        problem = f"not an archive of recorded arrays ({type(error).__name__})"
        return InputError(self._path, name, "", problem)

    def has(self, name: str) -> bool:
        """Whether there is such an array."""
        return name in self._file.files

    def array(self, name: str) -> np.ndarray:
        """A whole array, as stored."""
        if name not in self._columns:
            try:
                self._columns[name] = self._file[name]
            except Exception as error:  # as above
                raise self._damaged(name, error) from None
        return self._columns[name]

    def texts(self, name: str) -> list[str]:
        """A table of names; an old recording calls its privileged operations otherwise."""
        if name == "kind4_names" and not self.has(name):
            name = "cp15_names"
        return [str(x) for x in self.array(name)]

    def columns(self, operation: str) -> dict[str, np.ndarray]:
        """int64 columns of one operation."""
        i = self.names.index(operation)
        first, last = int(self._start[i]), int(self._start[i + 1])
        found = {}
        for name in RAW:
            if self.has(name):
                part = self.array(name)[first:last]
                found[name] = part.view(np.int64) if part.itemsize == 8 else part.astype(np.int64)
        if "site" not in found:
            words = self.array("off")[first:last].astype(np.int64) + found["n"] - 1
            found["site"] = np.where(found["kind"] == R_FETCH, found["addr"] + 4 * words, 0)
        return found
