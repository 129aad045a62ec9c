"""Where the threads, spaces and kernel objects of an IPC benchmark lie in memory.

Knows pages: which are the kernel's (seen by all spaces), which a space's own. Objects are
staggered within their pages, so that warm caches of two ways hold all of them: the counted
paths are short, and a clash of cache sets would be an artefact of where we put things.
"""

from __future__ import annotations

from microbench.trace import Layout, Region, ops
from microbench.trace.layout import PAGE_BYTES

OBJECT_BYTES = 256
UTCB_BYTES = 1024
TEXT_BYTES = 1 << 16
SPACE_BYTES = 32 << 20
"""Distance of the spaces' addresses: domains need it, no other machine minds."""
LONG = ("user_utcb", "user_message")
USER_PAGES = {
    "user_loop": 0x0040_0000,
    "user_stub": 0x0050_0000,
    "user_kip": 0x0060_0000,
    "user_stack": 0x0070_0000,
    "user_data": 0x0080_0000,
    "user_utcb": 0x0090_0000,
    "user_message": 0x00A0_0000,
}
CODE_AT = {"user_loop": 0xC00, "user_stub": 0xD00, "user_kip": 0xE00}
"""User pages that are one physical page in all spaces, and where their code lies [bytes]."""
PER_THREAD = ("user_stack", "user_utcb", "user_message")


class IpcMemory:
    """Lays objects out on first use.

    Parameters
    ----------
    large_pages : bool
        Whether the kernel maps its memory by large pages, or page by page.
    """

    def __init__(self, layout: Layout, large_pages: bool) -> None:
        self._layout = layout
        self._flags = ops.LARGE if large_pages else 0
        self._regions: dict[tuple[str, int, int], Region] = {}
        self._frames: dict[str, int] = {}
        self._colour = 0
        self._text: Region | None = None
        self._text_used = 0

    def _offset(self, size: int) -> int:
        """A place within a page behind the one handed out before [bytes]."""
        start = self._colour if self._colour + size <= PAGE_BYTES else 0
        self._colour = start + size
        return start

    def kernel(self, kind: str, number: int = 0, size: int = OBJECT_BYTES) -> Region:
        """A kernel object in a page of its own."""
        key = (kind, number, 0)
        if key not in self._regions:
            offset = self._offset(size)
            page = self._layout.region(f"{kind} {number}", offset + size, flags=self._flags)
            self._regions[key] = page.at(offset, size)
        return self._regions[key]

    def text(self, name: str, size: int) -> Region:
        """Kernel code, path behind path, by large pages as kernels have it."""
        key = (f"text {name}", 0, 0)
        if self._text is None:
            self._text = self._layout.region("text", TEXT_BYTES, flags=ops.LARGE)
        if key not in self._regions:
            self._regions[key] = self._text.at(self._text_used, size)
            self._text_used += size
        return self._regions[key]

    def user(self, role: str, thread: int, space: int) -> Region:
        """A user page of a space; stack and UTCB are the thread's own."""
        owner = thread if role in PER_THREAD else 0
        key = (role, owner, space)
        if key not in self._regions:
            if role in CODE_AT and role not in self._frames:
                self._frames[role] = self._layout.allocate_frames(1)
            va = USER_PAGES[role] + owner * PAGE_BYTES + space * SPACE_BYTES
            frame = self._frames.get(role)
            page = self._layout.region(role, PAGE_BYTES, va=va, frame=frame, space=space)
            size = UTCB_BYTES if role in LONG else OBJECT_BYTES
            at = CODE_AT[role] if role in CODE_AT else self._offset(size)
            self._regions[key] = page.at(at, size)
        return self._regions[key]
