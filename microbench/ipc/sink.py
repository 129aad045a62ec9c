"""From what the microkernel says about an IPC to operations of a trace, on any architecture.

Knows a kernel's shapes and where its objects lie. It decides nothing: whether a path was
fast, which space came next and who runs is said by the functional microkernel.
"""

from __future__ import annotations

from collections.abc import Iterable

from microbench.errors import InputError
from microbench.ipc.kernels import IpcKernel, drawn, without_space_write
from microbench.ipc.memory import UTCB_BYTES, IpcMemory
from microbench.l4.events import Event, Ref
from microbench.trace import Recorder, Region, Template, ops
from microbench.trace.shapes import Shape

LINE = 32
APART = 128
"""Distance of the two threads' code within a page, so that neither takes the other's place in a
branch target buffer [bytes]."""
FAST = "ipc_fast"
USER_PATHS = ("user_loop", "user_stub", "user_kip")


class IpcSink:
    """Those methods of `microbench.l4.events.Sink` that an IPC can need; others are an error.

    Parameters
    ----------
    isolated : bool
        User mode has page tables of its own: the register is written at entry and exit, so
        a path does not write it again.
    level : str
        Which end of the shapes' ranges is drawn: "low", "value" or "high".

    Attributes
    ----------
    spaces : dict of int to int
        Thread to its space in the trace.
    direction : str
        Prefix of the place everything is attributed to.
    """

    def __init__(
        self, recorder: Recorder, kernel: IpcKernel, isolated: bool = False, level: str = "value"
    ) -> None:
        self.kernel, self.isolated, self.level = kernel, isolated, level
        self.recorder = recorder
        self.memory = IpcMemory(recorder.layout, kernel.words["large_pages"] == "yes")
        self.spaces: dict[int, int] = {}
        self.direction = "set-up"
        self.paths: list[str] = []
        self._drawn: dict[tuple[str, tuple[str, ...]], Template] = {}
        self._last_text: Region | None = None

    def hear(self, events: Iterable[Event]) -> None:
        """Translate what the microkernel said, in order."""
        for kind, detail in events:
            if kind == "path":
                objects = detail["objects"]
                assert isinstance(objects, dict)
                self.path(str(detail["name"]), **objects)
            else:
                getattr(self, kind)(**detail)

    def user_code(self, thread: int) -> None:
        """The user code between two IPCs of a thread, page by page."""
        space = self.spaces[thread]
        with self.recorder.place(f"{self.direction}: user"):
            for name in USER_PATHS:
                shape = self.kernel.find(name)
                if shape is not None:
                    page = self.memory.user(name, thread, space)
                    at = APART * (thread % 2)
                    text = page.at(at, LINE * shape.code_lines)
                    bind = {role: self.memory.user(role, thread, space) for role in shape.objects}
                    self.recorder.path(self._template(shape), text=text, **bind)

    def _template(self, shape: Shape) -> Template:
        key = (shape.name, shape.coprocessor)
        if key not in self._drawn:
            self._drawn[key] = drawn(shape, self.level)
        return self._drawn[key]

    def _shape(self, name: str, one_space: bool) -> Shape:
        found = self.kernel.find(name)
        if name.startswith(FAST) and self.isolated:
            found = self.kernel.shapes.get("ipc_fast_isolated", found)
        if found is None:
            raise InputError(self.kernel.file, f"path.{name}", None, "missing")
        if self.isolated or (one_space and not self.kernel.always_writes):
            return without_space_write(found)
        return found

    def _region(self, role: str, ref: Ref | None) -> Region:
        if ref is not None and ref.kind == "utcb":
            return self.memory.user("user_utcb", ref.number, self.spaces[ref.number])
        if ref is not None:
            return self.memory.kernel(ref.kind, ref.number)
        return self.memory.kernel(role)

    def path(self, name: str, **objects: Ref) -> None:
        """A kernel path ran."""
        ends = [objects[r].number for r in ("from_tcb", "to_tcb") if r in objects]
        one_space = len({self.spaces.get(n) for n in ends}) < 2 or "_intra" in name
        shape = self._shape(name, one_space)
        self._emit(shape, {role: objects.get(role) for role in shape.objects})
        self.paths.append(name)
        if self.kernel.words["flush"] == "always" and name.startswith((FAST, "thread_switch")):
            with self.recorder.place(f"{self.direction}: kernel"):
                self.recorder.emit(ops.TLB_INVALIDATE, -1)

    def _emit(self, shape: Shape, objects: dict[str, Ref | None]) -> None:
        text = self._text(shape)
        self._last_text = text
        bind = {role: self._region(role, ref) for role, ref in objects.items()}
        with self.recorder.place(f"{self.direction}: kernel"):
            self.recorder.path(self._template(shape), text=text, **bind)

    def _text(self, shape: Shape) -> Region:
        """Where a path's code lies; the variants of the fast path are one piece of code."""
        if not shape.name.startswith(FAST):
            return self.memory.text(shape.name, LINE * shape.code_lines)
        lines = (s.code_lines for name, s in self.kernel.shapes.items() if name.startswith(FAST))
        return self.memory.text(FAST, LINE * max(lines))

    def trap(self, how: str, thread: Ref) -> None:
        """User mode was left, the way this kernel is entered."""
        entry = self.kernel.words["entry"]
        with self.recorder.place(f"{self.direction}: kernel"):
            if entry == "fast_entry":
                self.recorder.emit(ops.SPECIAL, ops.SPECIALS.index(entry), 1)
            else:
                self.recorder.emit(ops.TRAP, ops.TRAPS.index(entry))

    def trap_return(self, thread: Ref) -> None:
        """User mode was entered; before it what the path still does on the other side."""
        last = self.kernel.find("ipc_exit")
        if last is not None and self.paths and self.paths[-1].startswith(FAST):
            self._emit(last, {role: Ref("utcb", thread.number) for role in last.objects})
        if self.kernel.words["exit"] == "return":
            with self.recorder.place(f"{self.direction}: kernel"):
                self.recorder.emit(ops.TRAP_RETURN)

    def _before_copy(self, shape: Shape) -> None:
        """What the path does only if there are words to copy."""
        bind = {role: self.memory.kernel(role) for role in shape.objects}
        text = self.memory.text(shape.name, LINE * shape.code_lines)
        with self.recorder.place(f"{self.direction}: copy"):
            self.recorder.path(self._template(shape), text=text, **bind)

    def copy(self, words: int, source: Ref, target: Ref) -> None:
        """Words beyond the registers; the receiver's are reached through the kernel."""
        if words <= 0:
            return
        ahead = self.kernel.find("ipc_copy")
        if ahead is not None:
            self._before_copy(ahead)
        assert self._last_text is not None
        step = self.kernel.word_bytes
        alias = self.memory.kernel("utcb_alias", target.number, UTCB_BYTES)
        with self.recorder.place(f"{self.direction}: copy"):
            self.recorder.loop(
                count=words,
                stride=step,
                text=self._last_text,
                instructions=self.kernel.number("copy_instructions", self.level),
                source=self._region("", source),
                target=alias,
                load_words=step // 4,
                store_words=step // 4,
            )

    def switch(self, space: Ref, tagged: bool) -> None:
        """Another space; the path has counted its register writes."""
        with self.recorder.place(f"{self.direction}: kernel"):
            self.recorder.emit(ops.SWITCH, space.number, ops.COUNTED)
