"""Whose is a heap line? Found by comparing what two processes do at the same instruction.

Two processes that run the same code on different objects touch different lines at the same
site; what they both touch there is shared by all. A line that only one of them touches
belongs to the process; one that both touch at different sites belongs to the object between
them (a pipe, a socket pair).
"""

from __future__ import annotations

from collections import defaultdict

from microbench.recording import raw
from microbench.recording.raw import Operation, Recording

HEAP = ("kheap", "pagetable")
Site = tuple[int, int, int, int]


def _rounds(recording: Recording, operation: Operation) -> dict[int, list[int]]:
    """Rows of each process, rotated to begin at its first system call of the round."""
    c = operation.column
    rounds: dict[int, list[int]] = {}
    for pid in sorted(set(c["pid"].tolist())):
        rows = [int(i) for i in (c["pid"] == pid).nonzero()[0]]
        for at, i in enumerate(rows):
            if c["kind"][i] == raw.MARKER and recording.markers[c["mk"][i]] == "ENTER":
                rows = rows[at:] + rows[:at]
                break
        rounds[pid] = rows
    return rounds


def _sites(recording: Recording, operation: Operation) -> dict[int, dict[Site, int]]:
    """Per process: (system call, address of the instruction, kind, ordinal) to heap line."""
    c = operation.column
    heap = {recording.classes.index(name) for name in HEAP}
    found: dict[int, dict[Site, int]] = {}
    for pid, rows in _rounds(recording, operation).items():
        call, line = 0, 0
        seen: dict[tuple[int, int, int], int] = defaultdict(int)
        table = found.setdefault(pid, {})
        for i in rows:
            kind, address = int(c["kind"][i]), int(c["addr"][i])
            if kind == raw.INSTRUCTION:
                line = address
            elif kind == raw.MARKER and recording.markers[c["mk"][i]] == "ENTER":
                call = address
            elif kind in (raw.LOAD, raw.STORE) and c["cls"][i] in heap:
                site = (call, line + 4 * int(c["off"][i]), kind)
                table.setdefault((*site, seen[site]), address >> 5)
                seen[site] += 1
    return found


class Owners:
    """Owner and place of each heap line of a family of operations.

    Parameters
    ----------
    family : list of str
        Operations that work on the same kind of objects; the first one must involve two
        processes if the family has an object between processes.
    """

    def __init__(self, recording: Recording, family: list[str]) -> None:
        self._parent: dict[int, int] = {}
        processes: dict[int, set[int]] = defaultdict(set)
        shared: set[int] = set()
        reference: dict[Site, int] = {}
        paired = False
        for number, name in enumerate(family):
            sites = _sites(recording, recording.operation(name))
            paired = paired or (number == 0 and len(sites) > 1)
            for pid, table in sorted(sites.items()):
                for site, line in table.items():
                    known = reference.setdefault(site, line)
                    self._join(known, line)
                    if number == 0:
                        processes[line].add(pid)
                        if known == line and pid > 0:
                            shared.add(line)
        self._owner = self._decide(processes, shared, paired)
        self._index: dict[str, dict[int, int]] = defaultdict(dict)

    def _find(self, line: int) -> int:
        while self._parent.setdefault(line, line) != line:
            line = self._parent[line]
        return line

    def _join(self, a: int, b: int) -> None:
        self._parent[self._find(b)] = self._find(a)

    def _decide(
        self, processes: dict[int, set[int]], shared: set[int], paired: bool
    ) -> dict[int, str]:
        groups: dict[int, list[int]] = defaultdict(list)
        for line in list(self._parent):
            groups[self._find(line)].append(line)
        owner: dict[int, str] = {}
        for root, lines in groups.items():
            if any(line in shared for line in lines):
                owner[root] = "kernel"
            elif paired and any(len(processes[line]) > 1 for line in lines):
                owner[root] = "object"
            else:
                owner[root] = "process"
        return owner

    def place(self, line: int) -> tuple[str, int]:
        """Owner ("kernel", "object" or "process") and dense line number within it."""
        root = self._find(line)
        owner = self._owner.get(root, "process")
        if owner == "kernel":
            return owner, line
        table = self._index[owner]
        return owner, table.setdefault(root, len(table))
