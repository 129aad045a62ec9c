"""From the events an emulator wrote to the arrays that `strings` reads.

Knows the text form of events (README beside this file) and the form of a recording. Refuses to
know an emulator: its plug-in writes lines, and anything that writes such lines will do.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from microbench.errors import InputError, UsageError

LINE = 32
STACK_BYTES = 16384
COLUMNS = (
    *("kind", "addr", "n", "cls", "sub", "fn", "taken"),
    *("mk", "off", "sz", "pid", "space", "site"),
)
CLASSES = ("text", "stack", "kheap", "user_text", "user_data")
MARKERS = ("-", "ENTER", "EXIT", "SPACE", "RUNNING", "KENTER", "KEXIT")
FETCH, LOAD, STORE, MARKER, PRIVILEGED = range(5)


@dataclass
class Iteration:
    """One iteration of an operation: its rows, in program order."""

    operation: str
    rows: list[list[int]] = field(default_factory=list)

    @property
    def instructions(self) -> int:
        """Instructions executed."""
        return sum(row[2] for row in self.rows if row[0] == FETCH)


class Symbols:
    """Function by address, from lines `ADDRESS TYPE NAME` as the kernel lists its own."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        found = sorted((int(w[0], 16), w[2]) for w in map(str.split, lines) if len(w) >= 3)
        self._starts = [start for start, _ in found]
        self._names = [name for _, name in found]

    def at(self, address: int) -> str:
        """The function that holds an address; "-" if none does."""
        place = bisect_right(self._starts, address) - 1
        return self._names[place] if place >= 0 else "-"


class Encoder:
    """Turns events into rows, iteration by iteration.

    Parameters
    ----------
    kernel_base : int
        Lowest address of the kernel.
    symbols : Symbols
    """

    def __init__(self, kernel_base: int, symbols: Symbols | None = None) -> None:
        self.base, self.symbols = kernel_base, symbols or Symbols()
        self.tables: dict[str, list[str]] = {"sub": ["-"], "fn": ["-"], "kind4": ["-"]}
        self.iterations: list[Iteration] = []
        self._rows: list[list[int]] | None = None
        self._sub, self._pid, self._space, self._stack = "-", 0, 0, -1
        self._next = self._visit = self._last = -1

    def feed(self, lines: Iterable[str], file: str = "events") -> None:
        """Read event lines.

        Raises
        ------
        InputError
            Naming file and line.
        """
        for number, line in enumerate(lines, start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            try:
                self._event(words)
            except (ValueError, IndexError, KeyError):
                raise InputError(file, f"line {number}", line.strip(), "not an event") from None

    def _event(self, words: list[str]) -> None:
        kind, rest = words[0], words[1:]
        if kind == "op":
            self.iterations.append(Iteration(rest[0]))
            self._rows, self._next, self._visit = self.iterations[-1].rows, -1, -1
        elif kind == "end":
            self._rows = None
        elif kind == "sub":
            self._sub, self._visit = rest[0], -1
        elif self._rows is not None:
            {"i": self._fetch, "r": self._access, "w": self._access,
             "p": self._privileged, "m": self._marker}[kind](kind, rest)  # fmt: skip

    def _number(self, table: str, name: str) -> int:
        names = self.tables[table]
        if name not in names:
            names.append(name)
        return names.index(name)

    def _row(self, kind: int, address: int, count: int, cls: str, **more: int) -> list[int]:
        row = dict.fromkeys(COLUMNS, 0) | {"kind": kind, "addr": address, "n": count}
        row |= {"cls": CLASSES.index(cls), "sub": self._number("sub", self._sub)}
        row |= {"pid": self._pid, "space": self._space, **more}
        made = [row[name] for name in COLUMNS]
        assert self._rows is not None
        self._rows.append(made)
        return made

    def _fetch(self, kind: str, rest: list[str]) -> None:
        address, size = int(rest[0], 16), int(rest[1])
        taken = int(self._next not in (-1, address))
        line = address // LINE * LINE
        assert self._rows is not None
        if taken and self._visit >= 0:
            self._rows[self._visit][COLUMNS.index("site")] = self._last
        if self._visit >= 0 and not taken and self._rows[self._visit][1] == line:
            self._rows[self._visit][2] += 1
        else:
            name = self.symbols.at(address) if address >= self.base else "user"
            cls = "text" if address >= self.base else "user_text"
            more = {"fn": self._number("fn", name), "taken": taken, "off": address % LINE >> 2}
            self._row(FETCH, line, 1, cls, **more)
            self._visit = len(self._rows) - 1
        self._last, self._next = address, address + size

    def _access(self, kind: str, rest: list[str]) -> None:
        address, size = int(rest[0], 16), int(rest[1])
        inside = 0 <= address - self._stack < STACK_BYTES and self._stack >= 0
        cls = "user_data" if address < self.base else "stack" if inside else "kheap"
        what = LOAD if kind == "r" else STORE
        self._row(what, address & ~3, 1, cls, sz=size)
        if address // LINE != (address + size - 1) // LINE:
            self._row(what, (address + size - 1) // LINE * LINE, 0, cls, sz=size, taken=1)

    def _privileged(self, kind: str, rest: list[str]) -> None:
        address = int(rest[1], 16) if len(rest) > 1 else 0
        self._row(PRIVILEGED, address, self._number("kind4", rest[0].replace("_", " ")), "text")

    def _marker(self, kind: str, rest: list[str]) -> None:
        name, count, address = rest[0], int(rest[1]), int(rest[2], 16)
        if name == "SPACE":
            self._space = count
        elif name == "RUNNING":
            self._pid, self._stack = count, address
        self._row(MARKER, address, count, "text", mk=MARKERS.index(name))
        self._visit = -1

    def steady(self) -> list[Iteration]:
        """Of each operation the last iteration of the median length, without the first half."""
        by_name: dict[str, list[Iteration]] = {}
        for one in self.iterations:
            by_name.setdefault(one.operation, []).append(one)
        return [_median(found[len(found) // 2 :]) for found in by_name.values()]

    def arrays(self) -> dict[str, np.ndarray]:
        """The recording: columns of the steady iterations, and the tables they point into."""
        chosen = self.steady()
        starts = np.cumsum([0, *(len(one.rows) for one in chosen)])
        rows = [row for one in chosen for row in one.rows]
        found = {
            name: np.array([row[i] & (1 << 64) - 1 for row in rows], _type(name))
            for i, name in enumerate(COLUMNS)
        }
        return {
            **found,
            "op_names": np.array([one.operation for one in chosen]),
            "op_start": starts.astype(np.uint32),
            "cls_names": np.array(CLASSES),
            "mk_names": np.array(MARKERS),
            **{f"{name}_names": np.array(names) for name, names in self.tables.items()},
        }


def _type(name: str) -> np.dtype[np.generic]:
    return np.dtype(np.uint64 if name in ("addr", "site") else np.uint16)


def _median(found: list[Iteration]) -> Iteration:
    lengths = sorted(one.instructions for one in found)
    usual = lengths[len(lengths) // 2]
    return [one for one in found if one.instructions == usual][-1]


def main(words: list[str]) -> None:
    """`python -m microbench.recording.encode EVENTS SYMBOLS KERNEL_BASE OUT.npz`.

    Raises
    ------
    UsageError, InputError
        For wrong arguments or a line that is no event.
    """
    if len(words) != 4:
        raise UsageError("encode EVENTS SYMBOLS KERNEL_BASE OUT.npz")
    encoder = Encoder(int(words[2], 16), Symbols(_lines(words[1])))
    encoder.feed(_lines(words[0]), words[0])
    with Path(words[3]).open("wb") as file:
        np.savez_compressed(file, **encoder.arrays())  # type: ignore[arg-type]
    for one in encoder.steady():
        print(f"{one.operation}: {one.instructions} instructions, {len(one.rows)} rows")


def _lines(name: str) -> Iterator[str]:
    with Path(name).open(encoding="utf-8") as file:
        yield from file


if __name__ == "__main__":
    main(sys.argv[1:])
