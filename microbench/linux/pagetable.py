"""An address space: its mappings, its entries and the pages that hold them.

The machine has neither a referenced nor a written bit: an entry that was never used is not
valid for it, and one that was never written is read-only for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from microbench.linux.frame import Frame
from microbench.linux.frames import CachedFile
from microbench.linux.vma import Mappings, Vma
from microbench.trace import Region

TABLE_PAGES = 512
LINUX_HALF = 2048  # the kernel's own words follow those of the machine


@dataclass(eq=False)
class Entry:
    """One entry that is present.

    Attributes
    ----------
    frame : Frame
    writable, young, dirty : bool
        What the kernel allows; whether it was used, and written, since somebody looked.
    anonymous : bool
        Whether the page belongs to no file.
    """

    frame: Frame
    writable: bool
    young: bool = True
    dirty: bool = False
    anonymous: bool = False

    @property
    def valid(self) -> bool:
        """Whether the machine may use it."""
        return self.young

    @property
    def machine_writable(self) -> bool:
        """Whether the machine may write."""
        return self.young and self.writable and self.dirty

    def allows(self, write: bool) -> bool:
        """Whether an access goes through without a fault."""
        return self.machine_writable if write else self.valid


@dataclass(eq=False)
class Opened:
    """An open file, as far as mappings hold it.

    Attributes
    ----------
    users : int
        Mappings, in all spaces that inherited it.
    """

    users: int = 0


class AddressSpace:
    """One mm.

    Parameters
    ----------
    space : int
        Its number in the trace.
    directory : Region, optional
        The page directory.

    Attributes
    ----------
    mappings : Mappings
    entries : dict of int to Entry
        By page number.
    tables : dict of int to Frame
        Pages that hold entries, by the number of their 2 MB.
    heap_end : int
        One past the last page of the heap.
    """

    def __init__(self, space: int, directory: Region | None = None) -> None:
        self.space, self.directory = space, directory
        self.mappings = Mappings()
        self.entries: dict[int, Entry] = {}
        self.tables: dict[int, Frame] = {}
        self.heap_end = 0
        self._opened: dict[CachedFile, Opened] = {}

    def add(self, vma: Vma) -> None:
        """Enter a mapping; mappings of one file made in one space share its open file."""
        self.mappings.add(vma)
        if vma.file is not None:
            self._opened.setdefault(vma.file, Opened()).users += 1

    def add_copy(self, vma: Vma, of: AddressSpace) -> None:
        """Enter a copy of another space's mapping: it holds the same open file."""
        if vma.file is not None:
            self._opened.setdefault(vma.file, of._opened[vma.file])
        self.add(vma)

    def remove(self, vma: Vma) -> bool:
        """Take a mapping out; whether its open file is gone with it."""
        self.mappings.remove(vma)
        if vma.file is None:
            return False
        opened = self._opened[vma.file]
        opened.users -= 1
        return opened.users == 0

    def word(self, page: int) -> Region:
        """The kernel's word of a page's entry; its table must be there."""
        memory = self.tables[page // TABLE_PAGES].memory
        return Region("pte", memory.base + LINUX_HALF + 4 * (page % TABLE_PAGES), 4)

    @property
    def present(self) -> int:
        """Entries that are present."""
        return len(self.entries)
