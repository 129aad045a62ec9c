"""From what the microkernel says it did to operations of the trace.

Knows where the microkernel's objects lie and which shape each of its paths has. It decides
nothing: the functional kernel already has.
"""

from __future__ import annotations

from microbench.l4.events import Ref
from microbench.trace import Layout, Recorder, Region, Template, ops
from microbench.trace.shapes import draw, load_shapes

TCB_BYTES = 1024
OBJECT_BYTES = {"tcb": TCB_BYTES, "utcb": 512, "space": 256, "page_table": 4096}
LARGE_OBJECT = 1024
PAGE = 4096
_TRAPS = {"swi": "syscall", "irq": "interrupt"}


class TraceSink:
    """Implements `microbench.l4.events.Sink` on a recorder.

    Parameters
    ----------
    spaces : dict of int to int
        Space number of the microkernel to that of the trace.
    """

    def __init__(self, recorder: Recorder, shapes: str, spaces: dict[int, int]) -> None:
        self._recorder = recorder
        self._shapes = load_shapes(shapes)
        self._spaces = spaces
        self._objects: dict[tuple[str, int], Region] = {}
        self._templates: dict[str, tuple[Template, Region]] = {}
        self.pages: dict[tuple[int, int], Region] = {}
        self.utcb_regions: dict[int, Region] = {}

    @property
    def _layout(self) -> Layout:
        return self._recorder.layout

    def region(self, kind: str, number: int) -> Region:
        """Memory of a kernel object, aligned to its size as the kernels do."""
        known = self._objects.get((kind, number))
        if known is None and kind == "utcb" and number in self.utcb_regions:
            known = self.utcb_regions[number]
        if known is None:
            size = OBJECT_BYTES.get(kind, LARGE_OBJECT)
            name = f"{kind} {number}"
            known = self._layout.region(name, size, va=self._address(kind, number, size), flags=ops.LARGE)
        self._objects[(kind, number)] = known
        return known

    def _address(self, kind: str, number: int, size: int) -> int:
        kinds = (*OBJECT_BYTES, "ready_queue", "domain_table", "cpd", "irq_table")
        base = 0xF000_0000 + (kinds.index(kind) if kind in kinds else len(kinds)) * (1 << 20)
        return base + number * size

    def path(self, name: str, **objects: Ref) -> None:
        """A kernel path ran."""
        template, text = self._template(name)
        bind = {}
        for role in template.roles:
            if role != "text":
                ref = objects.get(role)
                bind[role] = self.region(ref.kind, ref.number) if ref else self.region(role, 0)
        with self._recorder.place("ipc"):
            self._recorder.path(template, text=text, **bind)

    def _template(self, name: str) -> tuple[Template, Region]:
        known = self._templates.get(name)
        if known is None:
            shape = self._shapes[name]
            text = self._layout.region(f"l4 {name}", shape.code_lines * 32, flags=ops.LARGE)
            known = self._templates[name] = (draw(shape, "l4"), text)
        return known

    def trap(self, how: str, thread: Ref) -> None:
        """User mode was left."""
        with self._recorder.place("ipc"):
            kind = _TRAPS.get(how, "fault")
            self._recorder.emit(ops.TRAP, ops.TRAPS.index(kind))

    def trap_return(self, thread: Ref) -> None:
        """User mode was entered."""
        with self._recorder.place("ipc"):
            self._recorder.emit(ops.TRAP_RETURN)

    def copy(self, words: int, source: Ref, target: Ref) -> None:
        """Message words beyond the registers."""
        _, text = self._template("ipc_slow")
        with self._recorder.place("ipc"):
            self._recorder.loop(
                count=words,
                stride=4,
                text=text,
                instructions=2,
                source=self.region(source.kind, source.number),
                target=self.region(target.kind, target.number),
            )

    def switch(self, space: Ref, tagged: bool) -> None:
        """Another space."""
        with self._recorder.place("ipc"):
            how = ops.TAGGED if tagged else ops.FULL
            self._recorder.emit(ops.SWITCH, self._spaces[space.number], how)

    def recycle(self, domain: int, flush_caches: bool) -> None:
        """A domain changed hands."""
        with self._recorder.place("domain"):
            if flush_caches:
                self._recorder.emit(ops.FLUSH_ALL)
            self._recorder.emit(ops.TLB_INVALIDATE, -1)

    def section(self, space: Ref, section: int) -> None:
        """A level-1 entry was filled."""
        with self._recorder.place("domain"):
            self._recorder.emit(ops.TLB_INVALIDATE, -1)

    def map_page(self, space: Ref, page: int, replaced: bool) -> None:
        """A page-table entry was written."""
        with self._recorder.place("map"):
            self._pte(space, page)

    def unmap_page(self, space: Ref, page: int, live: bool) -> None:
        """An entry was cleared; its lines and its translation go."""
        with self._recorder.place("map"):
            region = self.pages.get((space.number, page))
            if live and region is not None:
                self._recorder.emit(ops.FLUSH_RANGE, region.base & ~(PAGE - 1), PAGE, 1)
                self._recorder.emit(ops.TLB_INVALIDATE, region.base)
            self._pte(space, page)

    def _pte(self, space: Ref, page: int) -> None:
        table = self.region("page_table", space.number)
        self._recorder.emit(ops.PTE_WRITE, table.base + 4 * (page % 1024) // 8 * 8)
