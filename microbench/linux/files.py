"""Files in the page cache and the two devices that have no data: what read and write do."""

from __future__ import annotations

from microbench.linux.host import Host
from microbench.linux.process import Process, Program
from microbench.trace import Region

PAGE = 4096


class File:
    """An open file whose pages are all in the page cache.

    Parameters
    ----------
    content : bytes
        What it holds.
    """

    def __init__(self, host: Host, content: bytes) -> None:
        self._host = host
        self.content = content
        self.position = 0
        self.pages = host.kernel_memory("page cache", max(PAGE, len(content)), align=PAGE)
        self._object = host.kernel_memory("file", 512)

    def path(self, name: str, process: Process, at: int = 0) -> None:
        """One of the file's paths, on the page cache page at an offset."""
        buffer = self.pages.at(min(at, self.pages.size - 1) // PAGE * PAGE)
        with self._host.recorder.place("file"):
            self._host.path(name, process, object=self._object, buffer=buffer)

    def seek(self, process: Process, position: int) -> Program:
        """Set the position; the new one."""
        self.path("lseek", process)
        self.position = position
        return position
        yield

    def read(self, process: Process, user: Region, size: int) -> Program:
        """Read from the position on, page by page; no bytes at the end of the file."""
        self.path("file_read_begin", process)
        got = bytearray()
        while len(got) < size and self.position < len(self.content):
            part = min(
                size - len(got), PAGE - self.position % PAGE, len(self.content) - self.position
            )
            self.path("file_read_page", process, self.position)
            source = self.pages.at(self.position, part)
            self._host.copy_out(process, source, user.at(len(got), part), part)
            self.path("file_read_copied", process, self.position)
            got += self.content[self.position : self.position + part]
            self.position += part
        self.path("file_read_end", process)
        return bytes(got)
        yield
