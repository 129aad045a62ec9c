"""The finished points of a sweep, kept beside its result until that is whole.

One line per point with its digest, written and flushed as it finishes; a line that was cut
short by a kill or changed since does not count, and its point is computed again. The first
line says which sweep it is.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import IO, Any

from microbench.errors import InputError, UsageError
from microbench.reading import read_bytes
from microbench.said import say

SUFFIX = ".unfinished"
FORMAT = "mkbench-sweep-2"
MOST_BYTES = 1 << 28


class Journal:
    """Points that are done, by their text.

    Parameters
    ----------
    output : str
        The result file the journal lies beside.
    identity : str
        Names the sweep; a journal of another one is refused.

    Raises
    ------
    UsageError
        If there is a journal of another sweep.
    InputError
        If it cannot be read or written.
    """

    def __init__(self, output: str, identity: str) -> None:
        self.path = Path(output + SUFFIX)
        self._identity = identity
        try:
            self.done: dict[str, Any] = self._read()
            self._file: IO[str] = self._open()
        except OSError as error:
            raise InputError(self.path, "", "", f"cannot use: {error.strerror}") from None

    def _read(self) -> dict[str, Any]:
        if not self.path.exists():
            return {}
        lines = read_bytes(self.path, MOST_BYTES).split(b"\n")
        cut = lines.pop()
        if lines and _parsed(lines[0]) != [FORMAT, self._identity]:
            raise UsageError(
                f"{self.path}: is of another sweep, or of other data files; remove it to start anew"
            )
        found = [_entry(line) for line in lines[1:]]
        damaged = found.count(None) + (cut != b"")
        if damaged:
            say(f"{self.path}: {damaged} damaged lines; their points are computed again")
        return dict(entry for entry in found if entry is not None)

    def _open(self) -> IO[str]:
        """Rewrite what is good, so that a line cut short cannot spoil the next one."""
        file = self.path.open("w", encoding="utf-8")
        file.write(json.dumps([FORMAT, self._identity]) + "\n")
        for key, records in self.done.items():
            file.write(_line(key, records))
        file.flush()
        return file

    def add(self, key: str, records: Any) -> None:
        """Keep a finished point."""
        self.done[key] = records
        self._file.write(_line(key, records))
        self._file.flush()

    def close(self) -> None:
        """Leave the journal for another time."""
        self._file.close()

    def remove(self) -> None:
        """The result is whole."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def _line(key: str, records: Any) -> str:
    return json.dumps([key, records, _digest(key, records)]) + "\n"


def _digest(key: str, records: Any) -> str:
    return hashlib.sha256(json.dumps([key, records]).encode()).hexdigest()[:16]


def _entry(line: bytes) -> tuple[str, Any] | None:
    """Key and records of a line that is as it was written."""
    found = _parsed(line)
    if not isinstance(found, list) or len(found) != 3 or not isinstance(found[0], str):
        return None
    key, records, digest = found
    return (key, records) if digest == _digest(key, records) else None


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
