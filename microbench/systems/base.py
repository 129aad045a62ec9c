"""What all hosts share: memory of the kernel and the user, and how paths are bound."""

from __future__ import annotations

from microbench.linux.process import Process
from microbench.trace import Layout, Recorder, Region, ops
from microbench.trace.catalogue import Catalogue, described, kernel
from microbench.trace.layout import KERNEL_SPACE, PAGE_BYTES
from microbench.trace.shapes import LINE, load_shapes

ARENA_BYTES = 1 << 20
TEXT_BYTES = 1 << 16
BURST_BYTES, BURST_INSTRUCTIONS = 16, 3  # LNX-PATHS 5: 801 instructions for a page of bursts
LOOP_BYTES, STUB_BYTES, STUBS_AT, FUNCTION_AT = 64, 160, 0xA000, 0x1800
DAEMON_AT, DAEMON_BYTES = 0x4000, 0x400
TIMER_BYTES = 4096
USER_STACK, USER_DATA = 0xBEDC_0000 & 0x01FF_F000, 0x0002_0000


class BaseHost:
    """Memory, path binding and user code; subclasses add how the kernel is reached.

    Attributes
    ----------
    kernel_space : int
        Space in which Linux's own memory lies: 0 (everywhere) on the bare machine.
    level : str
        Which end of the ranges of paths that were not recorded is drawn: "low", "value", "high".
    """

    name = "base"
    kernel_space = KERNEL_SPACE
    level = "value"

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.paths = kernel("linux-2.6.12", "linux")
        self._kernel = self.layout.scattered(
            "kernel", list(self.paths.kernel_pages), self.kernel_space
        )
        self._arena: Region | None = None
        self._arena_used = 0
        self._timer: Region | None = None
        self._texts: dict[tuple[str, str], Region] = {}
        self._spaces = self.kernel_space
        self._user = described("user", "servers", scale="")
        self._stubs: dict[str, int] = {}

    @property
    def layout(self) -> Layout:
        """The memory of the trace."""
        return self.recorder.layout

    def kernel_memory(self, name: str, size: int, align: int = 32) -> Region:
        """Fresh memory of the Linux kernel, mapped by large pages."""
        start = -(-self._arena_used // align) * align
        if self._arena is None or start + size > self._arena.size:
            room = max(ARENA_BYTES, size)
            self._arena = self.layout.region(
                "kernel heap", room, space=self.kernel_space, flags=ops.LARGE
            )
            start = 0
        self._arena_used = start + size
        part = self._arena.at(start, size)
        return Region(name, part.base, size)

    def text(self, paths: Catalogue, name: str, space: int) -> Region:
        """The code that a counted path runs in, laid out once."""
        known = self._texts.get((paths.scale, name))
        if known is None:
            size = paths.shapes[name].code_lines * LINE
            known = self.layout.region(f"text {name}", size, space=space, flags=ops.LARGE)
            self._texts[paths.scale, name] = known
        return known

    def new_space(self, process: Process) -> None:
        """Give a process an address space and its user regions."""
        self._spaces += 1
        process.space = self._spaces
        read_only = ops.WRITE_THROUGH
        self.user_memory(process, "user_text", 0, TEXT_BYTES, read_only)
        self.user_memory(process, "user_data", USER_DATA, 2 * PAGE_BYTES)
        self.user_memory(process, "user_stack", USER_STACK, 2 * PAGE_BYTES)

    def user_address(self, process: Process, va: int) -> int:
        """Where a user address of a process lies as the machine sees it."""
        return va

    def user_memory(
        self, process: Process, name: str, va: int, size: int, flags: int = 0
    ) -> Region:
        """Map user memory of a process and remember it under a name."""
        region = self.layout.region(
            name, size, va=self.user_address(process, va), space=process.space, flags=flags
        )
        process.user_regions[name] = region
        return region

    def path(self, name: str, process: Process, **roles: Region) -> None:
        """Run a kernel path, recorded or counted, on behalf of a process."""
        template = self.paths.path(name, self.level)
        given = {"kernel": self._kernel, **process.kernel_regions, **process.user_regions, **roles}
        if name in self.paths.shapes:
            given["text"] = self.text(self.paths, name, self.kernel_space)
        self.recorder.run(template, given)

    def tick_path(self, process: Process) -> None:
        """What Linux does at a timer interrupt; its data are laid out at the first."""
        if self._timer is None:
            self._timer = self.kernel_memory("timer", TIMER_BYTES)
        self.path("timer_tick", process, timer=self._timer)

    def user_call(self, process: Process, call: str) -> None:
        """The caller's loop and the library's wrapper of a system call."""
        number = self._stubs.setdefault(call, len(self._stubs))
        self.user_path(process, "loop", number * LOOP_BYTES)
        self.user_path(process, "stub", STUBS_AT + number * STUB_BYTES)

    def user_function(self, process: Process) -> None:
        """A function of the program itself."""
        self.user_path(process, "function", FUNCTION_AT)

    def user_code(self, process: Process, name: str) -> None:
        """Code of the program itself, by the name of its shape."""
        at = DAEMON_AT + DAEMON_BYTES * list(load_shapes("servers")).index(name)
        self.user_path(process, name, at)

    def user_path(self, process: Process, name: str, at: int = 0) -> None:
        """Run user code of a counted shape, placed `at` bytes into the process's text."""
        template = self._user.path(name, self.level)
        bind = {role: process.user(role) for role in template.roles if role != "text"}
        self.recorder.path(template, text=process.user("user_text").at(at), **bind)

    def copy_in(self, process: Process, user: Region, kernel: Region, size: int) -> None:
        """Copy with multiple loads and stores."""
        self._copy("copy_in", process, user, kernel, user, kernel, size)

    def copy_out(self, process: Process, kernel: Region, user: Region, size: int) -> None:
        """Copy with multiple loads and stores."""
        self._copy("copy_out", process, kernel, user, user, kernel, size)

    def _copy(
        self, name: str, process: Process, source: Region, target: Region,
        user: Region, kernel: Region, size: int,
    ) -> None:  # fmt: skip
        with self.recorder.place("copy"):
            self.path(name, process, user_data=user, buffer=kernel)
            if size >= BURST_BYTES:
                self.recorder.loop(
                    count=size // BURST_BYTES,
                    stride=BURST_BYTES,
                    text=self._kernel,
                    instructions=BURST_INSTRUCTIONS,
                    source=source,
                    target=target,
                    load_words=4,
                    store_words=4,
                )
