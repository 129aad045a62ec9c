"""Recorded operations of kernels that have no functional model, ready to be replayed.

Knows the form of today's recordings (64-bit addresses, `data/kernels/recordings/*.toml` beside
each) and what their events are called. Refuses to know what anything costs: a privileged
operation, a mitigation and a way into the kernel carry the name of a cost, no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from microbench.errors import UsageError, unknown
from microbench.recording.described import described, recorded_names

FETCH, LOAD, STORE, COST, FLUSH = range(5)
COLUMNS = ("kind", "address", "count", "flag", "page", "site", "group")
KIND, ADDRESS, NUMBER, FLAG, PAGE, SITE, GROUP = range(7)
"""Columns of a string. `flag`: of a fetch whether a taken branch led here, of an access whether
a string instruction made it, of a cost its place in `RecordedKernel.costs`."""

RAW = ("kind", "addr", "n", "cls", "sub", "fn", "taken", "mk", "space", "site")
R_FETCH, R_LOAD, R_STORE, R_MARKER, R_PRIVILEGED = range(5)
LARGE_MARK, SPACE_SHIFT, PAGE_SHIFT = 1 << 60, 50, 12
ENTERED = {2: "", 3: "trap.fault", 4: "trap.fault", 5: "trap.interrupt", 6: "trap.fault"}
"""Way into the kernel to what the processor does for it beyond an instruction of its own. A
recording without privileged operations names the costs of a call (2) and of a return itself."""
ENTRY, EXIT, SWITCH = "mitigation.entry", "mitigation.exit", "mitigation.switch"
STRING = "string.start"
WAKE = "wakeup"


@dataclass(frozen=True, eq=False)
class String:
    """One operation as the machine replays it.

    Attributes
    ----------
    name : str
    rows : numpy.ndarray
        int64 (m, 7), see `COLUMNS`; addresses in bytes.
    groups : tuple of str
        Sub-paths that `group` points into.
    iterations : int
        How often the operation is in the string.
    string_bytes : int
        Bytes moved by string instructions.
    on_path, from_buffer : numpy.ndarray
        bool (m,): whether the other side waits for it where each side has a CPU of its own;
        whether it loads from a kernel buffer, e.g. a page of a file.
    hops : numpy.ndarray
        int64: rows before which a process that was switched to is back in user mode.
    added : numpy.ndarray
        Costs of one operation that the recording lacks, by number; empty if it is whole.
    """

    name: str
    rows: np.ndarray
    groups: tuple[str, ...]
    iterations: int
    string_bytes: int
    on_path: np.ndarray
    from_buffer: np.ndarray
    hops: np.ndarray
    added: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def met(self, costs: int) -> np.ndarray:
        """How often one operation meets each cost."""
        chosen = self.rows[self.rows[:, KIND] == COST, FLAG]
        return np.bincount(chosen, minlength=costs) / self.iterations

    @property
    def instructions(self) -> float:
        """Instructions of one operation."""
        return self.total(FETCH)

    def total(self, kind: int) -> float:
        """Instructions, loads or stores of one operation."""
        chosen = self.rows[self.rows[:, KIND] == kind]
        if kind in (LOAD, STORE):
            chosen = chosen[chosen[:, FLAG] == 0]
        return float(chosen[:, NUMBER].sum()) / self.iterations

    @property
    def taken(self) -> float:
        """Taken branches of one operation."""
        chosen = self.rows[self.rows[:, KIND] == FETCH, FLAG]
        return float(chosen.sum()) / self.iterations

    def lines(self, kinds: tuple[int, ...], line_bytes: int = 64) -> int:
        """Distinct cache lines fetched, or touched, by the whole string."""
        chosen = np.isin(self.rows[:, KIND], kinds)
        return len(np.unique(self.rows[chosen, ADDRESS] // line_bytes))


class RecordedKernel:
    """One kernel, what was recorded of it, and its variants.

    Parameters
    ----------
    name : str
        File name in `data/kernels/recordings`, without suffix.

    Raises
    ------
    InputError
        If the description lacks anything.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        about = described(name, folder)
        raw, self._folder = about.raw, about.folder
        self.name, self.title, self.source = name, about.title, about.source
        self.architecture, self.variants = about.architecture, about.variants
        self.large = frozenset(raw["large"])
        self.large_shift = int(raw["large_page_bytes"]).bit_length() - 1
        self.configurations: dict[str, str] = dict(raw.get("configurations", {}))
        self.entered = {**ENTERED, 2: str(raw.get("enter", ""))}
        self.leave = str(raw.get("leave", ""))
        self._costs: dict[str, str] = dict(raw.get("costs", {}))
        self._calls: dict[str, str] = dict(raw.get("calls", {}))
        self._flushes: dict[str, str] = dict(raw.get("flush", {}))
        self.mitigates = bool(raw.get("mitigates", False))
        self.functional = bool(raw.get("functional", False))
        self.kernel_base = int(raw.get("kernel_base", 0))
        named = [*self._costs.values(), *self._calls.values(), *self.entered.values(), self.leave]
        self.costs = tuple(dict.fromkeys([ENTRY, EXIT, SWITCH, STRING, *filter(None, named)]))

    def variant(self, name: str) -> str:
        """The variant of that name, or the plain one where this kernel has none."""
        return name if name in self.variants else "plain"

    @property
    def recording(self) -> RecordedFile:
        """The plain kernel's arrays, for what is no replay."""
        return self._file("plain")

    def operations(self) -> list[str]:
        """What was recorded; a variant has all or fewer."""
        return self.recorded("plain")

    def recorded(self, variant: str) -> list[str]:
        """What was recorded of a variant."""
        return list(self._file(variant).names)

    def string(
        self, operation: str, variant: str = "plain", between: str = "", without: str = ""
    ) -> String:
        """One operation, of the variant if it was recorded in it, else of the plain kernel.

        Where the plain kernel stands in, what the variant costs more is added at the rate per
        instruction of the operations that both have.

        Parameters
        ----------
        between : str
            A function: only what runs from its first call to its last, the body of a loop.
        without : str
            A function that does not run.

        Raises
        ------
        UsageError
            If it was not recorded.
        """
        name = self.variant(variant)
        if operation in self._file(name).names:
            return self._strings(name, operation, between, without)
        if operation not in self._file("plain").names:
            there = ", ".join(self.operations())
            raise UsageError(f"{self.name}: no recorded operation {operation!r}; there are {there}")
        found = self._strings("plain", operation, between, without)
        return replace(found, added=self._added(name) * found.instructions)

    def cost_of(self, name: str) -> str:
        """Name of the cost of a privileged operation; the longest pattern decides."""
        found = [pattern for pattern in self._costs if fnmatchcase(name, pattern)]
        return self._costs[max(found, key=len)] if found else ""

    @cache  # noqa: B019 - a kernel lives as long as the process
    def _file(self, variant: str) -> RecordedFile:
        return RecordedFile(self._folder / f"{self.variants[variant]}.npz")

    @cache  # noqa: B019
    def _strings(self, variant: str, operation: str, between: str, without: str) -> String:
        return _Reader(self, self._file(variant), operation, between, without).string()

    @cache  # noqa: B019
    def _added(self, variant: str) -> np.ndarray:
        """Costs a variant has more than the plain kernel, of each instruction."""
        both = self._file(variant).names
        total = {
            name: sum(self._strings(name, op, "", "").met(len(self.costs)) for op in both)
            for name in (variant, "plain")
        }
        executed = sum(self._strings("plain", op, "", "").instructions for op in both)
        return np.asarray(np.maximum(total[variant] - total["plain"], 0.0) / executed)


class RecordedFile:
    """The arrays of one recording; a column is read when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self._file = np.load(path)
        self._columns: dict[str, np.ndarray] = {}
        self.names = tuple(str(x) for x in self._file["op_names"])
        self._start = self._file["op_start"].astype(np.int64)

    def has(self, name: str) -> bool:
        """Whether there is such an array."""
        return name in self._file.files

    def array(self, name: str) -> np.ndarray:
        """A whole array, as stored."""
        if name not in self._columns:
            self._columns[name] = self._file[name]
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


class _Reader:
    """Turns the columns of one operation into a string."""

    def __init__(
        self,
        kernel: RecordedKernel,
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
        calls = self.kernel._calls
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
        drops = np.array([name in self.kernel._flushes for name in names])
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


@cache
def recorded_kernel(name: str) -> RecordedKernel:
    """A kernel by name, read once.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in recorded_names():
        raise unknown("recorded kernel", name, recorded_names())
    return RecordedKernel(name)


def kernel_of_architecture(architecture: str, prefix: str) -> RecordedKernel | None:
    """The recorded kernel of a family ("linux", "sel4") for an architecture, if there is one.

    One that has a functional model is not replayed in its place.
    """
    for name in recorded_names():
        kernel = recorded_kernel(name) if name.startswith(prefix) else None
        if kernel and kernel.architecture == architecture and not kernel.functional:
            return kernel
    return None
