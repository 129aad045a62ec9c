"""What the microkernel tells the outside about the work it did.

Knows: names of kernel paths and the kernel objects they touched.
Refuses to know: cycles, addresses, caches. Whoever implements `Sink` looks the path up in
`data/kernels/l4-*.toml`, gives every `Ref` an address, and prices it on some machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, Protocol


class Ref(NamedTuple):
    """A kernel object by kind and number: stable, hashable, without an address.

    Attributes
    ----------
    kind : str
        One of the keys of `[object]` in the path file (`tcb`, `utcb`, `space`, ...).
    number : int
        Thread number for `tcb` and `utcb`, space number for `space` and `page_table`,
        0 for objects that exist once.
    """

    kind: str
    number: int


@cache
def ref(kind: str, number: int) -> Ref:
    """A kernel object, made once."""
    return Ref(kind, number)


class Sink(Protocol):
    """The receiver of kernel events, in the order in which the kernel does the work."""

    def trap(self, how: str, thread: Ref) -> None:
        """User mode was left: `how`: `swi`, `prefetch_abort`, `data_abort`, `undefined`, `irq`."""

    def path(self, name: str, **objects: Ref) -> None:
        """A kernel path ran; `objects` are what it touched, by the roles of its shape."""

    def copy(self, words: int, source: Ref, target: Ref) -> None:
        """`words` message words [32 bit] went from UTCB to UTCB, beyond those in registers."""

    def switch(self, space: Ref, tagged: bool) -> None:
        """The address space changed; `tagged`: caches and TLBs stay valid."""

    def recycle(self, domain: int, flush_caches: bool) -> None:
        """A domain changed hands: TLBs flushed, and both caches if `flush_caches`."""

    def section(self, space: Ref, section: int) -> None:
        """A 1 MB entry of the shared level-1 table was filled: whole TLB flushed."""

    def map_page(self, space: Ref, page: int, replaced: bool) -> None:
        """An entry was written; `replaced`: a valid one, flushed like an unmapped one."""

    def unmap_page(self, space: Ref, page: int, live: bool) -> None:
        """An entry was cleared or lost rights; `live`: its lines and TLB entry are flushed."""

    def flush_all(self, space: Ref) -> None:
        """Both caches and both TLBs were flushed whole, because much of `space` went."""

    def trap_return(self, thread: Ref) -> None:
        """User mode was entered again, in `thread`."""

    def position(self) -> int:
        """How much was told so far."""

    def forget(self, position: int) -> None:
        """A call was refused: what was told after `position` did not happen."""


class NullSink:
    """A sink that drops everything: the kernel as pure function."""

    def trap(self, how: str, thread: Ref) -> None:
        """Drop."""

    def path(self, name: str, **objects: Ref) -> None:
        """Drop."""

    def copy(self, words: int, source: Ref, target: Ref) -> None:
        """Drop."""

    def switch(self, space: Ref, tagged: bool) -> None:
        """Drop."""

    def recycle(self, domain: int, flush_caches: bool) -> None:
        """Drop."""

    def section(self, space: Ref, section: int) -> None:
        """Drop."""

    def map_page(self, space: Ref, page: int, replaced: bool) -> None:
        """Drop."""

    def unmap_page(self, space: Ref, page: int, live: bool) -> None:
        """Drop."""

    def flush_all(self, space: Ref) -> None:
        """Drop."""

    def trap_return(self, thread: Ref) -> None:
        """Drop."""

    def position(self) -> int:
        """Nothing is kept."""
        return 0

    def forget(self, position: int) -> None:
        """Nothing is kept."""


class Event(NamedTuple):
    """One recorded event: method name and its arguments by name."""

    kind: str
    detail: dict[str, object]


@dataclass
class ListSink:
    """A sink that keeps every event in a list, for tests and for looking."""

    events: list[Event] = field(default_factory=list)

    def _add(self, kind: str, **detail: object) -> None:
        self.events.append(Event(kind, detail))

    def trap(self, how: str, thread: Ref) -> None:
        """Record."""
        self._add("trap", how=how, thread=thread)

    def path(self, name: str, **objects: Ref) -> None:
        """Record."""
        self._add("path", name=name, objects=objects)

    def copy(self, words: int, source: Ref, target: Ref) -> None:
        """Record."""
        self._add("copy", words=words, source=source, target=target)

    def switch(self, space: Ref, tagged: bool) -> None:
        """Record."""
        self._add("switch", space=space, tagged=tagged)

    def recycle(self, domain: int, flush_caches: bool) -> None:
        """Record."""
        self._add("recycle", domain=domain, flush_caches=flush_caches)

    def section(self, space: Ref, section: int) -> None:
        """Record."""
        self._add("section", space=space, section=section)

    def map_page(self, space: Ref, page: int, replaced: bool) -> None:
        """Record."""
        self._add("map_page", space=space, page=page, replaced=replaced)

    def unmap_page(self, space: Ref, page: int, live: bool) -> None:
        """Record."""
        self._add("unmap_page", space=space, page=page, live=live)

    def flush_all(self, space: Ref) -> None:
        """Record."""
        self._add("flush_all", space=space)

    def trap_return(self, thread: Ref) -> None:
        """Record."""
        self._add("trap_return", thread=thread)

    def paths(self) -> list[str]:
        """Names of the paths that ran, in order."""
        return [str(e.detail["name"]) for e in self.events if e.kind == "path"]

    def position(self) -> int:
        """Events so far."""
        return len(self.events)

    def forget(self, position: int) -> None:
        """Drop the events after a position."""
        del self.events[position:]
