"""What all of memory management shares: frames, table pages, entries and how they are said."""

from __future__ import annotations

from microbench.linux.frame import Frame
from microbench.linux.frames import CachedFile, Frames
from microbench.linux.host import Host
from microbench.linux.pagetable import TABLE_PAGES, AddressSpace, Entry
from microbench.linux.process import Process
from microbench.linux.vma import VMA_BYTES, Vma
from microbench.trace import Region

TABLE_CLEAN_BYTES = 2048  # the machine's half of a table
DIRECTORY_BYTES, USER_DIRECTORY_BYTES = 16384, 12288
VECTOR_PAGES = 14  # fresh pages that wait before they join the lists


class Memory:
    """The memory of one running system.

    Attributes
    ----------
    frames : Frames
    files : dict of str to CachedFile
        Files that programs map, by name.
    leaving : list of AddressSpace
        Spaces whose last user exited; their directories go at the next switch.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.frames = Frames(host)
        self.files: dict[str, CachedFile] = {}
        self.leaving: list[AddressSpace] = []
        self._vmas: list[Region] = []
        self._directories: list[Region] = []
        self._kernel_part: Region | None = None
        self._zeros: Frame | None = None
        self._waiting = 0

    @property
    def zeros(self) -> Frame:
        """The page of zeros; it is made when first needed and stays."""
        if self._zeros is None:
            self._zeros = self.frames.take()
        return self._zeros

    def fresh(self, process: Process) -> Frame:
        """A page for a process; every so many of them join the lists together."""
        self._waiting += 1
        if self._waiting == VECTOR_PAGES:
            self.drain(process)
        return self.frames.take()

    def drain(self, process: Process) -> None:
        """Let the pages that wait join the lists."""
        if self._waiting:
            self.path("lru_drain", process)
        self._waiting = 0

    def is_zeros(self, frame: Frame) -> bool:
        """Whether a frame is the page of zeros."""
        return frame is self._zeros

    def path(self, name: str, process: Process, **roles: Region) -> None:
        """One of the recorded parts."""
        self.host.path(name, process, **roles)

    def file(self, name: str, pages: int) -> CachedFile:
        """A file by name, in the page cache."""
        known = self.files.get(name)
        if known is None or known.pages < pages:
            known = self.files[name] = CachedFile(self.frames, name, pages)
        return known

    def vma_region(self) -> Region:
        """Memory for the record of a mapping; the last one freed first."""
        return self._vmas.pop() if self._vmas else self.host.kernel_memory("vma", VMA_BYTES)

    def new_directory(self, process: Process) -> Region:
        """A page directory: cleared for the user's part, copied for the kernel's."""
        directory, host = self._take_directory(), self.host
        kernel = directory.at(USER_DIRECTORY_BYTES)
        if self._kernel_part is None:
            self._kernel_part = host.kernel_memory("kernel directory", kernel.size)
        host.zero(process, directory.at(0, USER_DIRECTORY_BYTES))
        host.copy(process, self._kernel_part, kernel)
        host.clean(directory, DIRECTORY_BYTES)
        return directory

    def _take_directory(self) -> Region:
        if self._directories:
            return self._directories.pop()
        return self.host.kernel_memory("page directory", DIRECTORY_BYTES, align=DIRECTORY_BYTES)

    def close(self, process: Process, mm: AddressSpace) -> None:
        """A space is gone; its directory is the next to be given out."""
        if mm.directory is not None:
            self._directories.append(mm.directory)
        self.host.close_space(process, mm.space)

    def drop_vma(self, process: Process, mm: AddressSpace, vma: Vma) -> None:
        """Take a mapping out and give its record back; its file may go with it."""
        if mm.remove(vma):
            self.path("file_gone", process)
        self._vmas.append(vma.region)

    def table(self, process: Process, mm: AddressSpace, page: int) -> None:
        """Make sure the table page of an entry is there, new ones being said in full."""
        number = page // TABLE_PAGES
        if number in mm.tables:
            return
        frame = self.frames.take()
        self.path("table_new", process, page=frame.descriptor)
        self.host.zero(process, frame.memory)
        self.host.clean(frame.memory, TABLE_CLEAN_BYTES)
        mm.tables[number] = frame

    def set_entry(self, process: Process, mm: AddressSpace, page: int, entry: Entry) -> None:
        """Write an entry: what the kernel remembers and what the machine sees."""
        mm.entries[page] = entry
        frame = entry.frame if entry.valid else None
        self.host.set_entry(process, mm.space, mm.word(page), page, frame, entry.machine_writable)

    def clear_entry(self, process: Process, mm: AddressSpace, page: int) -> Entry:
        """Take an entry out; the caller still has its frame."""
        entry = mm.entries.pop(page)
        self.host.set_entry(process, mm.space, mm.word(page), page, None, False)
        return entry

    def view(self, mm: AddressSpace, page: int) -> Region:
        """A user page as the process sees it."""
        entry = mm.entries[page]
        return self.host.user_page(mm.space, page, entry.frame.number, entry.machine_writable)
