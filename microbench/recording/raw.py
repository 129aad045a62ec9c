"""The recorded reference strings as published: columns of one operation, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from microbench.reading import read_bytes
from microbench.trace.npz import read_arrays

INSTRUCTION, LOAD, STORE, MARKER, COPROCESSOR = 0, 1, 2, 3, 4
COLUMNS = ("kind", "addr", "n", "cls", "sub", "fn", "taken", "mk", "off", "sz", "pid")
STACK_BYTES = 8192
TASK_BYTES = 0x2A0


@dataclass(frozen=True, eq=False)
class Operation:
    """One recorded operation.

    Attributes
    ----------
    name : str
    column : dict of str to numpy.ndarray
        int64 columns of equal length, see FORMAT in the source.
    stacks, tasks : dict of int to int
        Process number to the address of its kernel stack and of its task structure.
    """

    name: str
    column: dict[str, np.ndarray]
    stacks: dict[int, int]
    tasks: dict[int, int]

    def __len__(self) -> int:
        return len(self.column["kind"])


class Recording:
    """All operations of one file, and the tables its numbers point into."""

    def __init__(self, path: Path) -> None:
        self._z = read_arrays(read_bytes(path), path)
        self.classes = [str(x) for x in self._z["cls_names"]]
        self.subs = [str(x) for x in self._z["sub_names"]]
        self.functions = [str(x) for x in self._z["fn_names"]]
        self.markers = [str(x) for x in self._z["mk_names"]]
        self.coprocessor = [str(x) for x in self._z["cp15_names"]]
        self.names = [str(x) for x in self._z["op_names"]]

    def operation(self, name: str) -> Operation:
        """One operation; loops of cache maintenance stay folded.

        Raises
        ------
        KeyError
            If it was not recorded.
        """
        if name not in self.names:
            raise KeyError(name)
        i = self.names.index(name)
        first, last = int(self._z["op_start"][i]), int(self._z["op_start"][i + 1])
        column = {c: self._z[c][first:last].astype(np.int64) for c in COLUMNS}
        stacks: dict[int, int] = {}
        tasks: dict[int, int] = {}
        for row in np.flatnonzero(column["kind"] == MARKER):
            marker = self.markers[column["mk"][row]]
            if marker == "RUNNING":
                stacks[int(column["n"][row])] = int(column["addr"][row])
            elif marker == "TASK":
                tasks[int(column["n"][row])] = int(column["addr"][row])
        return Operation(name, column, stacks, tasks)

    def function_starts(self) -> dict[int, int]:
        """Lowest address executed of each function number."""
        rows = self._z["kind"] == INSTRUCTION
        pc = self._z["addr"][rows].astype(np.int64) + 4 * self._z["off"][rows]
        starts: dict[int, int] = {}
        for number, address in zip(self._z["fn"][rows].tolist(), pc.tolist(), strict=True):
            if address < starts.get(number, 1 << 40):
                starts[number] = address
        return starts
