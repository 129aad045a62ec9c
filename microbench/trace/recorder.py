"""The one way software says what it does: operations appended, attributed to places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np

from microbench.trace import ops
from microbench.trace.layout import Layout, Region
from microbench.trace.packed import pack
from microbench.trace.template import Template
from microbench.trace.work import Work, work_of

USER, LOOP = "user", "user/loop"
"""Places of the program itself, and of its loops over words."""
TICK = "tick"
"""Place of a timer interrupt, which lies behind the last mark of a trace."""
FEW = 4
"""Iterations from which on one more after a tick says what it lost by it."""


def of_user(place: str) -> bool:
    """Whether a place is of the program itself."""
    return place.partition("/")[0] == USER


@dataclass(frozen=True, eq=False)
class Trace:
    """A finished trace: arrays only, no machine.

    Attributes
    ----------
    operations : numpy.ndarray
        int64 (n, 5): kind, a, b, c, place.
    refs : numpy.ndarray
        int64 (m, 5): the references of all templates, one after the other.
    templates : numpy.ndarray
        int64 (t, 3): first reference, one past the last, scale class.
    frames : numpy.ndarray
        int64 (f, width): slot address each role is bound to.
    loops : numpy.ndarray
        int64 (l, len(LOOP_COLUMNS)).
    pages : numpy.ndarray
        int64 (p, 6), see `Layout.arrays`.
    places, scales, names : tuple of str
        What the place numbers, scale classes and template numbers mean.
    """

    operations: np.ndarray
    refs: np.ndarray
    templates: np.ndarray
    frames: np.ndarray
    loops: np.ndarray
    pages: np.ndarray
    places: tuple[str, ...]
    scales: tuple[str, ...]
    names: tuple[str, ...]

    @cached_property
    def packed(self) -> np.ndarray:
        """`refs` as the engine reads them, int64 (m,)."""
        return pack(self.refs)

    @cached_property
    def work(self) -> Work:
        """How much there is to do, at most."""
        return work_of(self.operations, self.refs, self.templates, self.loops)

    @property
    def marks(self) -> list[int]:
        """Positions just after each MARK."""
        return [int(i) + 1 for i in np.flatnonzero(self.operations[:, 0] == ops.MARK)]

    @property
    def slices(self) -> list[tuple[int, int]]:
        """What is priced, in order: first operation and one past the last of each piece.

        The iterations; then, where it was recorded, the tick behind the last mark: once to get
        warm, an iteration (none where there is but one), again, an iteration (none where there
        are few, and long ones).
        """
        ends = self.marks
        found = list(zip([0, *ends[:-1]], ends, strict=True))
        if not ends or TICK not in self.places:
            return found
        tick, last = (ends[-1], len(self.operations)), found[-1]
        return [*found, tick, *[last] * (len(ends) > 1), tick, *[last] * (len(ends) >= FEW)]


class _Place:
    """What `Recorder.place` gives: it may be entered again and inside itself."""

    __slots__ = ("_number", "_stack")

    def __init__(self, stack: list[int], number: int) -> None:
        self._stack, self._number = stack, number

    def __enter__(self) -> None:
        self._stack.append(self._number)

    def __exit__(self, *error: object) -> None:
        self._stack.pop()


class Recorder:
    """Collects what a running system does.

    Attributes
    ----------
    layout : Layout
        The memory the operations name.
    """

    def __init__(self) -> None:
        self.layout = Layout()
        self._operations: list[tuple[int, int, int, int, int]] = []
        self._templates: dict[int, tuple[int, Callable[[Mapping[str, Region]], Any]]] = {}
        self._kept: list[Template] = []
        self._frames: dict[tuple[int, ...], int] = {}
        self._loops: dict[tuple[int, ...], int] = {}
        self._places: dict[str, int] = {USER: 0}
        self._scales: dict[str, int] = {"": 0}
        self._stack = [0]
        self._entered: dict[str, _Place] = {}

    def place(self, name: str) -> _Place:
        """Attribute what is emitted inside a `with` to `name`."""
        known = self._entered.get(name)
        if known is None:
            number = self._places.setdefault(name, len(self._places))
            known = self._entered[name] = _Place(self._stack, number)
        return known

    def emit(self, kind: int, a: int = 0, b: int = 0, c: int = 0) -> None:
        """Append one operation of `microbench.trace.ops`."""
        self._operations.append((kind, a, b, c, self._stack[-1]))

    def emit_at(self, place: str, kind: int, a: int = 0, b: int = 0, c: int = 0) -> None:
        """Append one operation and attribute it to `place`, whatever is entered."""
        number = self._places.setdefault(place, len(self._places))
        self._operations.append((kind, a, b, c, number))

    def path(self, template: Template, **bind: Region) -> None:
        """Run a path with its roles bound to regions.

        Raises
        ------
        KeyError
            If a role is not bound.
        """
        self.run(template, bind)

    def run(self, template: Template, bind: Mapping[str, Region]) -> None:
        """Run a path with its roles bound to regions, among others perhaps; see `path`."""
        number, frame = self.bound(template, bind)
        self._operations.append((ops.PATH, number, frame, 0, self._stack[-1]))

    def run_at(self, place: str, template: Template, bind: Mapping[str, Region]) -> None:
        """Run a path and attribute it to `place`, whatever is entered."""
        number, frame = self.bound(template, bind)
        at = self._places.setdefault(place, len(self._places))
        self._operations.append((ops.PATH, number, frame, 0, at))

    def bound(self, template: Template, bind: Mapping[str, Region]) -> tuple[int, int]:
        """Numbers of a path and of its roles' regions: what `emit` needs to run it, again and
        again.

        Raises
        ------
        KeyError
            If a role is not bound.
        """
        known = self._templates.get(id(template))
        if known is None:
            known = self._templates[id(template)] = len(self._kept), _getter(template.roles)
            self._kept.append(template)
        number, regions = known
        bases = tuple(map(_BASE, regions(bind)))
        return number, self._frames.setdefault(bases, len(self._frames))

    def loop(
        self,
        count: int,
        stride: int,
        text: Region,
        instructions: int,
        source: Region | None = None,
        target: Region | None = None,
        load_words: int = 1,
        store_words: int = 1,
        dependent: int = 0,
        element_bytes: int = 0,
        body_bytes: int = 0,
    ) -> None:
        """Walk `count` elements `stride` bytes apart: load from source, store to target."""
        row = (
            -1 if source is None else source.base,
            -1 if target is None else target.base,
            count,
            stride,
            0 if source is None else load_words,
            0 if target is None else store_words,
            instructions,
            dependent,
            text.base,
            body_bytes,
            element_bytes,
        )
        self.emit(ops.LOOP, self._loops.setdefault(row, len(self._loops)))

    def compute(self, instructions: int, scale: str = "") -> None:
        """User code that stays in the caches: so many instructions of a scale class."""
        number = self._scales.setdefault(scale, len(self._scales))
        self.emit(ops.COMPUTE, instructions, number)

    @property
    def position(self) -> int:
        """How many operations were emitted."""
        return len(self._operations)

    def forget(self, position: int) -> None:
        """Drop the operations after a position."""
        del self._operations[position:]

    def again(self, first: int, count: int) -> None:
        """Emit what came since position `first` so many times more.

        For functional repeats: the caller answers for it that doing the work again would
        emit the same operations.
        """
        self._operations += self._operations[first:] * count

    def mark(self, number: int = 0) -> None:
        """End of an iteration."""
        self.emit(ops.MARK, number)

    def finish(self) -> Trace:
        """The trace recorded so far."""
        scales = self._scales
        rows, first = [], 0
        for template in self._kept:
            scale = scales.setdefault(template.scale, len(scales))
            rows.append((first, first + len(template.refs), scale))
            first += len(template.refs)
        refs = [t.refs.astype(np.int64) for t in self._kept]
        width = max((len(f) for f in self._frames), default=1)
        frames = [f + (0,) * (width - len(f)) for f in self._frames]
        return Trace(
            operations=_table(self._operations, 5),
            refs=np.concatenate(refs) if refs else np.zeros((0, 5), np.int64),
            templates=_table(rows, 3),
            frames=_table(frames, width),
            loops=_table(list(self._loops), len(ops.LOOP_COLUMNS)),
            pages=self.layout.arrays(),
            places=tuple(self._places),
            scales=tuple(scales),
            names=tuple(t.name for t in self._kept),
        )


_BASE = attrgetter("base")


def _getter(roles: Sequence[str]) -> Callable[[Mapping[str, Region]], Any]:
    """What takes the regions of some roles out of a mapping, in order."""
    if len(roles) > 1:
        return itemgetter(*roles)
    return lambda bind: [bind[role] for role in roles]


def _table(rows: Sequence[tuple[int, ...]], width: int) -> np.ndarray:
    flat = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width)
    return flat.reshape(-1, width)
