"""From the columns of one recorded operation to the string a machine replays."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from microbench.recording.arrays import (
    R_FETCH,
    R_LOAD,
    R_MARKER,
    R_PRIVILEGED,
    R_STORE,
    RecordedFile,
)
from microbench.recording.description import ENTRY, EXIT, SWITCH, Description
from microbench.recording.strings import (
    ADDRESS,
    COLUMNS,
    COST,
    FETCH,
    FLAG,
    FLUSH,
    GROUP,
    KIND,
    LARGE_MARK,
    NUMBER,
    PAGE,
    PAGE_SHIFT,
    SITE,
    SPACE_SHIFT,
    String,
)

WAKE = "wakeup"


class Reader:
    """Turns the columns of one operation into a string."""

    def __init__(
        self,
        kernel: Description,
        file: RecordedFile,
        operation: str,
        between: str,
        without: str,
    ) -> None:
        self.kernel, self.file, self.operation = kernel, file, operation
        self.raw = file.columns(operation)
        if between:
            self._cut(between)
        if without:
            number = file.texts("fn_names").index(without)
            kept = self.raw["fn"] != number
            self.raw = {name: column[kept] for name, column in self.raw.items()}
        self.access = self.raw["kind"] <= R_STORE
        base = kernel.kernel_base
        self.user = self.raw["addr"] < base if base else self.raw["addr"] >= 0

    def _cut(self, between: str) -> None:
        function = self.file.texts("fn_names").index(between)
        fetched = np.flatnonzero(self.raw["kind"] == R_FETCH)
        inside = self.raw["fn"][fetched] == function
        starts = fetched[1:][inside[1:] & ~inside[:-1]]
        chosen = slice(starts[0], starts[-1])
        self.raw = {name: column[chosen] for name, column in self.raw.items()}

    @cached_property
    def functions(self) -> dict[int, str]:
        """Function number to the cost of calling it, of those that are a cost."""
        calls = self.kernel.calls
        return {
            number: next(calls[p] for p in calls if name.startswith(p))
            for number, name in enumerate(self.file.texts("fn_names"))
            if any(name.startswith(p) for p in calls)
        }

    def string(self) -> String:
        raw, kinds = self.raw, self.raw["kind"]
        rows = np.zeros((len(kinds), len(COLUMNS)), np.int64)
        rows[:, KIND], rows[:, NUMBER] = kinds, raw["n"]
        rows[:, ADDRESS], rows[:, PAGE] = self._places(), self._pages()
        rows[:, SITE], rows[:, GROUP] = raw["site"], raw["sub"]
        rows[:, FLAG] = np.where(kinds == R_FETCH, raw["taken"] == 1, self._by_string())
        costs, flushes = self._costs()
        rows[:, KIND] = np.where(costs >= 0, COST, kinds)
        rows[:, FLAG] = np.where(costs >= 0, costs, rows[:, FLAG])
        rows[flushes, KIND] = FLUSH
        self._without_called(rows)
        kept = (rows[:, KIND] <= R_STORE) | (costs >= 0) | flushes
        # A function that is a cost is charged at its first line, which stays a fetch.
        calls = self._called()
        order = np.argsort(np.concatenate([np.flatnonzero(kept), calls[:, 0]]), kind="stable")
        extra = np.zeros((len(calls), len(COLUMNS)), np.int64)
        extra[:, KIND], extra[:, FLAG] = COST, calls[:, 1]
        extra[:, GROUP] = raw["sub"][calls[:, 0]]
        path = self._on_path()
        classes = self.file.texts("cls_names")
        number = classes.index("kbuf") if "kbuf" in classes else -1
        buffer = (kinds == R_LOAD) & (raw["cls"] == number)
        back = np.flatnonzero(self._marked("EXIT"))
        switched = np.flatnonzero(self._marked("RUNNING"))[1:]
        after = np.searchsorted(back, switched)
        hops = np.unique(back[after[after < len(back)]])
        place = np.concatenate([np.flatnonzero(kept), calls[:, 0]])[order]
        return String(
            self.operation,
            np.concatenate([rows[kept], extra])[order],
            tuple(self.file.texts("sub_names")),
            self._iterations(),
            self._string_bytes(),
            path[place],
            buffer[place],
            np.searchsorted(place, hops),
        )

    def _marked(self, name: str) -> np.ndarray:
        """Whether a row is a marker of that name."""
        names = self.file.texts("mk_names")
        number = names.index(name) if name in names else -1
        return np.asarray((self.raw["kind"] == R_MARKER) & (self.raw["mk"] == number))

    def _iterations(self) -> int:
        if not self.file.has("op_iterations"):
            return 1
        return int(self.file.array("op_iterations")[self.file.names.index(self.operation)])

    def _places(self) -> np.ndarray:
        """Addresses told apart by memory: user pages the kernel sees are named as it sees them."""
        raw, place = self.raw, self.raw["addr"].copy()
        known = self.access & self.user
        for page, frame in self._aliases().items():
            chosen = known & (raw["addr"] >> PAGE_SHIFT == page)
            first = int(self.file.array("direct_map").view(np.int64)[0])
            place[chosen] = first + (frame << PAGE_SHIFT) + (raw["addr"][chosen] & 4095)
        apart = known & (place >= 0)
        place[apart] |= raw["space"][apart] << SPACE_SHIFT
        return place

    def _aliases(self) -> dict[int, int]:
        if not self.file.has("alias_op"):
            return {}
        chosen = self.file.array("alias_op") == self.file.names.index(self.operation)
        pages, frames = self.file.array("alias_upage")[chosen], self.file.array("alias_frame")
        return dict(zip(pages.tolist(), frames[chosen].tolist(), strict=True))

    def _pages(self) -> np.ndarray:
        """What a translation is found by: page, size and, of user pages, the space."""
        raw, address = self.raw, self.raw["addr"]
        large = np.array([name in self.kernel.large for name in self.file.texts("cls_names")])
        kernel = np.where(
            large[raw["cls"]],
            address >> self.kernel.large_shift | LARGE_MARK,
            address >> PAGE_SHIFT,
        )
        return np.where(self.user, address >> PAGE_SHIFT | raw["space"] << SPACE_SHIFT, kernel)

    def _by_string(self) -> np.ndarray:
        """Accesses of a visit that follow its string instruction."""
        names = self.file.texts("kind4_names")
        if "rep_string" not in names:
            return np.zeros(len(self.access), bool)
        raw, number = self.raw, names.index("rep_string")
        string = (raw["kind"] == R_PRIVILEGED) & (raw["n"] == number)
        at = np.arange(len(string))
        last_string = np.maximum.accumulate(np.where(string, at, -1))
        last_fetch = np.maximum.accumulate(np.where(raw["kind"] == R_FETCH, at, -1))
        return np.asarray(last_string > last_fetch)

    def _string_bytes(self) -> int:
        names = self.file.texts("kind4_names")
        if "rep_string" not in names:
            return 0
        raw = self.raw
        chosen = (raw["kind"] == R_PRIVILEGED) & (raw["n"] == names.index("rep_string"))
        return int(raw["addr"][chosen].sum())

    def _costs(self) -> tuple[np.ndarray, np.ndarray]:
        """Per row the place of its cost, or -1; and whether translations are dropped there."""
        raw, costs = self.raw, self.kernel.costs
        names = self.file.texts("kind4_names")
        priced = np.array([costs.index(c) if (c := self.kernel.cost_of(n)) else -1 for n in names])
        drops = np.array([name in self.kernel.flushes for name in names])
        privileged = raw["kind"] == R_PRIVILEGED
        number = np.where(privileged, raw["n"], 0)
        found = np.where(privileged, priced[number], -1)
        if self.kernel.leave:
            found[self._marked("EXIT")] = costs.index(self.kernel.leave)
        if self.kernel.mitigates:
            found[self._marked("EXIT")] = costs.index(EXIT)
            found[np.flatnonzero(self._marked("RUNNING"))[1:]] = costs.index(SWITCH)
        entered = self._marked("ENTER") | self._marked("KENTER")
        for way, cost in self.kernel.entered.items():
            if cost:
                found[entered & (raw["n"] == way)] = costs.index(cost)
        return found, self._marked("SPACE") | (privileged & drops[number])

    def _called(self) -> np.ndarray:
        """Row and cost of each call of a function that is a cost, and of each way in by user."""
        raw, costs = self.raw, self.kernel.costs
        found: list[tuple[int, int]] = []
        first = np.flatnonzero((raw["kind"] == R_FETCH) & (raw["taken"] == 1))
        for row in first.tolist():
            cost = self.functions.get(int(raw["fn"][row]))
            if cost and raw["fn"][row] != raw["fn"][row - 1]:
                found.append((row, costs.index(cost)))
        entries = np.flatnonzero(self._marked("ENTER") & self.kernel.mitigates)
        found += [(row, costs.index(ENTRY)) for row in entries.tolist()]
        return np.array(sorted(found), np.int64).reshape(-1, 2)

    def _without_called(self, rows: np.ndarray) -> None:
        """Instructions and branches of a function that is a cost are in that cost."""
        inside = np.isin(self.raw["fn"], list(self.functions)) & (rows[:, KIND] == FETCH)
        rows[inside, NUMBER] = rows[inside, FLAG] = 0

    def _on_path(self) -> np.ndarray:
        """What the other side waits for: each stretch of one process up to its last wake-up."""
        raw, groups = self.raw, self.file.texts("sub_names")
        path = np.ones(len(raw["kind"]), bool)
        if WAKE not in groups:
            return path
        switches = np.flatnonzero(self._marked("RUNNING"))
        wakes = np.flatnonzero(raw["sub"] == groups.index(WAKE))
        ends = [*switches[1:].tolist(), len(path)]
        for first, last in zip(switches.tolist(), ends[:-1], strict=False):
            inside = wakes[(wakes >= first) & (wakes < last)]
            path[(inside[-1] + 1 if len(inside) else first) : last] = False
        return path
