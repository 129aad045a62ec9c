"""Cut one segment out of a recorded operation and make a relocatable path of it."""

from __future__ import annotations

import numpy as np

from microbench.recording import raw
from microbench.recording.owners import Owners
from microbench.recording.raw import Operation, Recording
from microbench.trace import ops

_SPECIAL = {
    "mcr": "move_to_coprocessor",
    "mrc": "move_from_coprocessor",
    "cp0": "move_to_coprocessor",
}
_PAGE = 4095


class PageNumbers:
    """Dense numbers for the kernel pages the recording names."""

    def __init__(self) -> None:
        self.pages: dict[int, int] = {}

    def offset(self, address: int) -> int:
        """Offset of an address within the kernel region."""
        page = self.pages.setdefault(address >> 12, len(self.pages))
        return page << 12 | address & _PAGE


def locate(recording: Recording, operation: Operation, steps: list[str], start: int = 0) -> int:
    """Row at which the last of some steps matches, each searched from the one before.

    Steps are a marker name, optionally with its number ("ENTER", "ENTER:4"), "fn:NAME" (a
    row of that function), "past:NAME" (the first row after a run of it), or "sub:NAME".

    Raises
    ------
    LookupError
        If a step matches nowhere.
    """
    row = start
    for number, step in enumerate(steps):
        row = _find(recording, operation, step, row + (1 if number else 0))
    return row


def _find(recording: Recording, operation: Operation, step: str, row: int) -> int:
    c = operation.column
    word, _, argument = step.partition(":")
    inside = False
    for i in range(row, len(operation)):
        marker = c["kind"][i] == raw.MARKER
        name = recording.functions[c["fn"][i]]
        if word == "fn" and not marker and name == argument:
            return i
        if word == "sub" and not marker and recording.subs[c["sub"][i]] == argument:
            return i
        if word == "past":
            match = name == argument or recording.subs[c["sub"][i]] == argument
            if inside and not match:
                return i
            inside = inside or (match and not marker)
        same = marker and recording.markers[c["mk"][i]] == word
        if same and (not argument or int(c["addr"][i]) == int(argument, 0)):
            return i
    raise LookupError(f"{operation.name}: no {step} after row {row}")


class Cutter:
    """Turns rows into references relative to roles.

    Parameters
    ----------
    owners : Owners, optional
        Owner of each heap line of the operation's family; without it a heap line stays where
        it was recorded, as part of the kernel's memory.
    pages : PageNumbers
        Shared by all segments of a recording.

    Attributes
    ----------
    objects : dict of str to (int, int)
        Recorded objects by role: first address and bytes. They come before all other rules.
    """

    def __init__(self, recording: Recording, owners: Owners | None, pages: PageNumbers) -> None:
        self._recording = recording
        self._owners = owners
        self._pages = pages
        self._starts = recording.function_starts()
        self.objects: dict[str, tuple[int, int]] = {}

    def cut(
        self, operation: Operation, ranges: list[list[int]], drop: set[str]
    ) -> tuple[tuple[str, ...], np.ndarray]:
        """Roles and references of ranges of rows.

        Parameters
        ----------
        ranges : list of [int, int]
            First row and one past the last of each range.
        drop : set of str
            Sub-paths and architecture routines to leave out.
        """
        roles: dict[str, int] = {}
        rows: list[tuple[int, int, int, int, int]] = []
        for first, last in ranges:
            self._cut_range(operation, range(first, last), drop, roles, rows)
        return tuple(roles), np.array(rows, dtype=np.int32).reshape(-1, 5)

    def _cut_range(
        self,
        operation: Operation,
        span: range,
        drop: set[str],
        roles: dict[str, int],
        rows: list[tuple[int, int, int, int, int]],
    ) -> None:
        c = operation.column
        routine = ""
        previous = -1
        for i in span:
            kind = int(c["kind"][i])
            if kind == raw.MARKER:
                routine = self._routine(operation, i, routine)
                continue
            if routine in drop or self._recording.subs[c["sub"][i]] in drop:
                previous = -1
                continue
            row = self._row(operation, i, previous, roles)
            if row is not None:
                rows.append(row)
            previous = i if kind == raw.INSTRUCTION else previous

    def _routine(self, operation: Operation, i: int, current: str) -> str:
        name = self._recording.markers[operation.column["mk"][i]]
        if name in ("ROUTINE_BEGIN", "SWITCH_MM_BEGIN"):
            number = int(operation.column["n"][i])
            return self.routine_names[number] if number < len(self.routine_names) else "switch_mm"
        return "" if name in ("ROUTINE_END", "SWITCH_MM_END") else current

    @property
    def routine_names(self) -> list[str]:
        """Names of the architecture routines by number."""
        return [str(x) for x in self._recording._z["routine_names"]]

    def _row(
        self, operation: Operation, i: int, previous: int, roles: dict[str, int]
    ) -> tuple[int, int, int, int, int] | None:
        c = operation.column
        kind, address, n = int(c["kind"][i]), int(c["addr"][i]), int(c["n"][i])
        if kind == raw.COPROCESSOR:
            word = self._recording.coprocessor[n].split()[0]
            special = ops.SPECIALS.index(_SPECIAL.get(word, "move_to_coprocessor"))
            return (ops.COPROCESSOR, 0, 0, special, 1) if roles else None
        if kind == raw.INSTRUCTION:
            role, offset = self._place(operation, i, address)
            number = roles.setdefault(role, len(roles))
            at = offset + 4 * int(c["off"][i])
            return (ops.FETCH, number, at, n, self._transfer(operation, i, previous))
        role, offset = self._place(operation, i, address)
        number = roles.setdefault(role, len(roles))
        return (ops.LOAD if kind == raw.LOAD else ops.STORE, number, offset, n, int(c["taken"][i]))

    def _place(self, operation: Operation, i: int, address: int) -> tuple[str, int]:
        name = self._recording.classes[operation.column["cls"][i]]
        pid = int(operation.column["pid"][i])
        for role, (base, size) in self.objects.items():
            if base <= address < base + size:
                return role, address - base
        if name.startswith("user_"):
            return name, address & 0xFFFF if name == "user_text" else address & 0x1FFF
        for owner, base in operation.stacks.items():
            if base <= address < base + raw.STACK_BYTES:
                return ("stack" if owner == pid else "other_stack"), address - base
        for owner, base in operation.tasks.items():
            if base <= address < base + raw.TASK_BYTES:
                return ("task" if owner == pid else "other_task"), address - base
        if name == "kbuf" and self._owners is not None:
            return "buffer", address & _PAGE
        if name in ("kheap", "pagetable") and self._owners is not None:
            owner_name, line = self._owners.place(address >> 5)
            if owner_name != "kernel":
                return owner_name, line << 5 | address & 31
        return "kernel", self._pages.offset(address)

    def _transfer(self, operation: Operation, i: int, previous: int) -> int:
        c = operation.column
        taken = int(c["taken"][i])
        if taken == 2:
            return ops.EXCEPTION
        if taken == 0 or previous < 0:
            return ops.FALL_THROUGH
        last = int(c["off"][previous] + c["n"][previous]) - 1
        for j in range(previous + 1, i):
            if c["kind"][j] == raw.LOAD and int(c["off"][j]) == last:
                return ops.RETURN_LOAD
        if c["fn"][i] == c["fn"][previous]:
            return ops.BRANCH
        target = int(c["addr"][i]) + 4 * int(c["off"][i])
        return ops.BRANCH if target == self._starts[int(c["fn"][i])] else ops.RETURN_REGISTER
