"""From what the microkernel says it did to operations of the trace.

Knows where the microkernel's objects lie and which shape each of its paths has. It decides
nothing: the functional kernel already has.
"""

from __future__ import annotations

from microbench.l4.events import Ref
from microbench.trace import Layout, Recorder, Region, ops
from microbench.trace.catalogue import Catalogue
from microbench.trace.shapes import LINE
from microbench.trace.template import Template

PAGE = 4096
KERNEL_BASE = 0xF000_0000
_TRAPS = {"swi": ops.TRAPS.index("syscall"), "irq": ops.TRAPS.index("interrupt")}
FAULT = ops.TRAPS.index("fault")
_KINDS = {
    "from_tcb": "tcb",
    "to_tcb": "tcb",
    "from_utcb": "utcb",
    "to_utcb": "utcb",
    "from_space": "space",
    "to_space": "space",
    "domains": "domain_table",
    "irq": "irq_table",
}


def kind_of(role: str) -> str:
    """Kind of kernel object a role of a path stands for."""
    return _KINDS.get(role, role)


def emit_recycle(recorder: Recorder, flush_caches: bool) -> None:
    """What the machine does when a domain changes hands."""
    with recorder.place("domain"):
        if flush_caches:
            recorder.emit(ops.FLUSH_ALL)
        recorder.emit(ops.TLB_INVALIDATE, -1)


class TraceSink:
    """Implements `microbench.l4.events.Sink` on a recorder.

    Parameters
    ----------
    spaces : dict of int to int
        Space number of the microkernel to that of the trace.
    tagged : bool
        Whether a switch may rely on tags; False asks the machine for a full one each time.
    """

    def __init__(
        self, recorder: Recorder, paths: Catalogue, spaces: dict[int, int], tagged: bool = True
    ) -> None:
        self._recorder = recorder
        self._paths = paths
        self._spaces = spaces
        self._tagged = tagged
        self._objects: dict[tuple[str, int], Region] = {}
        self._texts: dict[str, Region] = {}
        self._bound: dict[tuple[object, ...], tuple[int, int]] = {}
        self._next = KERNEL_BASE
        self.pages: dict[tuple[int, int], Region] = {}
        self.utcb_regions: dict[int, Region] = {}
        self.user_text: dict[int, Region] = {}

    @property
    def _layout(self) -> Layout:
        return self._recorder.layout

    def region(self, kind: str, number: int) -> Region:
        """Memory of a kernel object."""
        known = self._objects.get((kind, number))
        if known is not None:
            return known
        if kind == "utcb" and number in self.utcb_regions:
            known = self.utcb_regions[number]
        if known is None:
            size, align = self._paths.size(kind)
            known = self._kernel_memory(f"{kind} {number}", size, align)
        self._objects[(kind, number)] = known
        return known

    def _kernel_memory(self, name: str, size: int, align: int) -> Region:
        """Fresh kernel memory; each object on pages of its own in the trace's numbering."""
        self._next = -(-self._next // align) * align
        region = self._layout.region(name, size, va=self._next, flags=ops.LARGE)
        self._next += size
        return region

    def _text(self, name: str) -> Region:
        known = self._texts.get(name)
        if known is None:
            known = self._texts[name] = self._kernel_memory(
                f"l4 {name}", LINE * self._paths.shapes[name].code_lines, LINE
            )
        return known

    def path(self, name: str, **objects: Ref) -> None:
        """A kernel path ran; on the same objects it reaches the same memory each time."""
        key = (name, *objects, *objects.values())
        bound = self._bound.get(key)
        if bound is None:
            template = self._paths.path(name)
            bound = self._recorder.bound(template, self._bind(name, template, objects))
            if "user_text" not in template.roles:  # a program may be replaced
                self._bound[key] = bound
        self._recorder.emit_at("ipc", ops.PATH, *bound)

    def _bind(self, name: str, template: Template, objects: dict[str, Ref]) -> dict[str, Region]:
        """Where the roles of a path lie."""
        bind = {"text": self._text(name)}
        for role in template.roles[1:]:
            ref = objects.get(role)
            if role == "user_text":
                bind[role] = self.user_text[objects["from_tcb"].number]
            elif ref is None:
                bind[role] = self.region(kind_of(role), 0)
            else:
                bind[role] = self.region(ref.kind, ref.number)
        return bind

    def trap(self, how: str, thread: Ref) -> None:
        """User mode was left."""
        self._recorder.emit_at("ipc", ops.TRAP, _TRAPS.get(how, FAULT))

    def trap_return(self, thread: Ref) -> None:
        """User mode was entered."""
        self._recorder.emit_at("ipc", ops.TRAP_RETURN)

    def copy(self, words: int, source: Ref, target: Ref) -> None:
        """Message words beyond the registers."""
        with self._recorder.place("ipc"):
            self._recorder.loop(
                count=words,
                stride=4,
                text=self._text("ipc_transfer"),
                instructions=2,
                source=self.region(source.kind, source.number),
                target=self.region(target.kind, target.number),
            )

    def switch(self, space: Ref, tagged: bool) -> None:
        """Another space."""
        how = ops.COUNTED if tagged and self._tagged else ops.FULL
        self._recorder.emit_at("ipc", ops.SWITCH, self._spaces[space.number], how)

    def recycle(self, domain: int, flush_caches: bool) -> None:
        """A domain changed hands."""
        emit_recycle(self._recorder, flush_caches)

    def section(self, space: Ref, section: int) -> None:
        """A level-1 entry was filled."""
        self._recorder.emit_at("domain", ops.TLB_INVALIDATE, -1)

    def map_page(self, space: Ref, page: int, replaced: bool) -> None:
        """An entry was written, through an alias that needs no clean: the path has the store.
        What was there before goes as in an unmap."""
        if replaced:
            self._drop(space, page)

    def unmap_page(self, space: Ref, page: int, live: bool) -> None:
        """An entry was cleared; its lines and its translation go."""
        if live:
            self._drop(space, page)

    def flush_all(self, space: Ref) -> None:
        """Much of a space went: both caches and the translations go with it."""
        self._recorder.emit_at("map", ops.FLUSH_ALL)
        self._recorder.emit_at("map", ops.TLB_INVALIDATE, -1)

    def _drop(self, space: Ref, page: int) -> None:
        region = self.pages.get((space.number, page))
        if region is not None:
            self._recorder.emit_at("map", ops.FLUSH_RANGE, region.base & ~(PAGE - 1), PAGE, 1)
            self._recorder.emit_at("map", ops.TLB_INVALIDATE, region.base)

    def position(self) -> int:
        """Operations so far."""
        return self._recorder.position

    def forget(self, position: int) -> None:
        """Drop the operations after a position."""
        self._recorder.forget(position)
