"""The finished points of a sweep, kept beside its result until that is whole.

One line per point, written and flushed as it finishes; a line cut short by a kill does not
count. The first line says which sweep it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from microbench.errors import InputError, UsageError

SUFFIX = ".unfinished"
FORMAT = "mkbench-sweep-1"


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
        lines = self.path.read_bytes().split(b"\n")[:-1]
        head = _parsed(lines[0]) if lines else None
        if lines and head != [FORMAT, self._identity]:
            raise UsageError(
                f"{self.path}: is of another sweep, or of other data files; remove it to start anew"
            )
        entries = [_parsed(line) for line in lines[1:]]
        good = [e for e in entries if isinstance(e, list) and len(e) == 2 and isinstance(e[0], str)]
        return dict(good)

    def _open(self) -> IO[str]:
        """Rewrite what is good, so that a line cut short cannot spoil the next one."""
        file = self.path.open("w", encoding="utf-8")
        file.write(json.dumps([FORMAT, self._identity]) + "\n")
        for key, records in self.done.items():
            file.write(json.dumps([key, records]) + "\n")
        file.flush()
        return file

    def add(self, key: str, records: Any) -> None:
        """Keep a finished point."""
        self.done[key] = records
        self._file.write(json.dumps([key, records]) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Leave the journal for another time."""
        self._file.close()

    def remove(self) -> None:
        """The result is whole."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
