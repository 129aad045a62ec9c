"""Pages of files in memory: found, read ahead, filled, written through or left dirty."""

from __future__ import annotations

from collections import Counter

from microbench.linux.filesystem import FileSystem
from microbench.linux.host import Host
from microbench.linux.inode import Inode
from microbench.linux.process import Process, Program
from microbench.trace import Region

PAGE = 4096


class PageCache:
    """The pages of one mounted file system.

    Attributes
    ----------
    tally : Counter
        "copied" is told the bytes each copy moved.
    """

    def __init__(self, host: Host, filesystem: FileSystem, tally: Counter[str]) -> None:
        self._host, self.filesystem, self.tally = host, filesystem, tally
        self._free: list[Region] = []
        self._object = host.kernel_memory("mapping", 512)

    def path(self, name: str, process: Process, page: Region) -> None:
        """One of the page cache's paths, on one page."""
        with self._host.recorder.place("file"):
            self._host.path(name, process, object=self._object, buffer=page)

    def _memory(self, inode: Inode, page: int) -> Region:
        """Where a page lies, or shall."""
        known = inode.memory.get(page)
        if known is None:
            fresh = self._free.pop() if self._free else None
            known = fresh or self._host.kernel_memory("page cache", PAGE, align=PAGE)
            inode.memory[page] = known
        return known

    def forget(self, inode: Inode, clean_only: bool = True) -> None:
        """Drop the pages of a file; those that are dirty only if asked to.

        The last one first, so that the same file read again lies where it lay: else a cold read
        begins in what the data cache still holds of the last one, and costs less than a warm one.
        """
        for page in reversed(list(inode.memory)):
            if not (clean_only and page in inode.dirty):
                inode.pages.pop(page, None)
                inode.dirty.discard(page)
                self._free.append(inode.memory.pop(page))

    def read(self, process: Process, inode: Inode, offset: int, size: int, user: Region) -> Program:
        """Bytes of a file, page by page, copied out."""
        got = bytearray()
        size = max(0, min(size, inode.size - offset))
        self.path("file_read_begin", process, self._object)
        if not size and self.filesystem.habits.reads_at_end:
            yield from self._present(process, inode, offset // PAGE)
        while len(got) < size:
            at = offset + len(got)
            page, inside = divmod(at, PAGE)
            yield from self._present(process, inode, page)
            part = min(PAGE - inside, size - len(got))
            memory = self._memory(inode, page)
            self.path("file_read_page", process, memory)
            self._host.copy_out(process, memory.at(inside, part), user.at(len(got), part), part)
            self.tally["copied"] += part
            self.path("file_read_copied", process, memory)
            got += inode.pages[page][inside : inside + part]
        self.path("file_read_end", process, self._object)
        return bytes(got)

    def _present(self, process: Process, inode: Inode, page: int) -> Program:
        """Fill a page that is missing; in a file read in order, those behind it too."""
        if page in inode.pages:
            inode.last_page = page
            return
        last = max(page, (inode.size - 1) // PAGE)
        in_order = page in (0, inode.last_page + 1)
        wanted = self.filesystem.habits.read_pages if in_order else 1
        count = 1
        while count < wanted and page + count <= last and page + count not in inode.pages:
            count += 1
        memory = [self._memory(inode, page + i) for i in range(count)]
        for region in memory:
            self.path("page_add", process, region)
        start = page * PAGE
        data = yield from self.filesystem.read(process, inode, start, count * PAGE, memory)
        for i in range(count):
            filled = data[i * PAGE : (i + 1) * PAGE]
            inode.pages[page + i] = bytearray(filled.ljust(PAGE, b"\0"))
        inode.last_page = page

    def write(
        self, process: Process, inode: Inode, offset: int, data: bytes, user: Region
    ) -> Program:
        """Copy in and mark dirty, or pass on in pieces before the call returns."""
        habits = self.filesystem.habits
        done, piece = 0, PAGE * habits.write_pages
        while done < len(data):
            at = offset + done
            part = data[done : done + piece - at % PAGE]
            yield from self._pages_for(process, inode, at, len(part))
            memory = self._fill(process, inode, at, part, user.at(done, len(part)))
            if not habits.write_back:
                yield from self.filesystem.write(process, inode, at, part, memory)
            done += len(part)
            inode.size = max(inode.size, at + len(part))
        return done

    def _pages_for(self, process: Process, inode: Inode, offset: int, size: int) -> Program:
        """Have the pages of a range; those not written whole hold what was there."""
        for page in range(offset // PAGE, -(-(offset + size) // PAGE)):
            if page in inode.pages:
                continue
            whole = offset <= page * PAGE and offset + size >= min((page + 1) * PAGE, inode.size)
            if whole or page * PAGE >= inode.size:
                self.path("page_add", process, self._memory(inode, page))
                inode.pages[page] = bytearray(PAGE)
            else:
                yield from self._present(process, inode, page)

    def _fill(
        self, process: Process, inode: Inode, offset: int, data: bytes, user: Region
    ) -> list[Region]:
        done, used = 0, []
        while done < len(data):
            page, inside = divmod(offset + done, PAGE)
            part = min(PAGE - inside, len(data) - done)
            memory = self._memory(inode, page).at(inside, part)
            self.path("file_write_page", process, memory)
            self._host.copy_in(process, user.at(done, part), memory, part)
            self.tally["copied"] += part
            inode.pages[page][inside : inside + part] = data[done : done + part]
            if self.filesystem.habits.write_back:
                inode.dirty.add(page)
            used.append(memory)
            done += part
        return used

    def write_back(self, process: Process, inode: Inode) -> Program:
        """Send the dirty pages where they belong, neighbours together."""
        for first, count in runs(sorted(inode.dirty)):
            data = b"".join(bytes(inode.pages[first + i]) for i in range(count))
            data = data[: max(0, inode.size - first * PAGE)]
            memory = [self._memory(inode, first + i) for i in range(count)]
            inode.dirty -= set(range(first, first + count))
            yield from self.filesystem.write(process, inode, first * PAGE, data, memory)


def runs(pages: list[int]) -> list[tuple[int, int]]:
    """Consecutive numbers as pairs of first and count."""
    found: list[tuple[int, int]] = []
    for page in pages:
        if found and page == sum(found[-1]):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((page, 1))
    return found
