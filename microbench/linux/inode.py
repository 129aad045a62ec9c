"""What the kernel remembers of a file system: names, attributes and pages, and until when.

Knows: that a thing remembered has a time at which it stops being believed. Refuses to know:
who would be asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from microbench.trace import Region

FOREVER = 1 << 62
"""A validity that ends with the kernel [ns]."""
ROOT = 1


class Attributes(NamedTuple):
    """What stat tells of a file; `size` in bytes."""

    ino: int
    size: int
    directory: bool = False


class Entry(NamedTuple):
    """Answer of a look-up: attributes, and how long name and attributes hold [ns]."""

    attributes: Attributes
    name_ns: int = FOREVER
    attributes_ns: int = FOREVER


@dataclass
class Dentry:
    """A name in a directory; `ino` 0 says that there is nothing of that name."""

    ino: int
    expires_ns: int


@dataclass(eq=False)
class Inode:
    """A file as the kernel knows it.

    Attributes
    ----------
    pages : dict of int to bytearray
        Page number to its bytes; `memory` is where each lies, `dirty` which are newer here.
    last_page : int
        Where the last read ended, for read-ahead.
    unlinked : bool
        Whether it goes with its last descriptor.
    """

    ino: int
    size: int
    directory: bool
    expires_ns: int = 0
    opens: int = 0
    pages: dict[int, bytearray] = field(default_factory=dict)
    memory: dict[int, Region] = field(default_factory=dict)
    dirty: set[int] = field(default_factory=set)
    last_page: int = -1
    unlinked: bool = False


@dataclass
class SuperBlock:
    """One mounted file system: its caches of names and of inodes."""

    dentries: dict[tuple[int, str], Dentry] = field(default_factory=dict)
    inodes: dict[int, Inode] = field(default_factory=dict)

    def root(self) -> Inode:
        """The inode of the topmost directory, always there."""
        return self.inodes.setdefault(ROOT, Inode(ROOT, 0, True, FOREVER))

    def name(self, parent: int, name: str, now_ns: int) -> Dentry | None:
        """A name that is still believed."""
        found = self.dentries.get((parent, name))
        return found if found is not None and found.expires_ns > now_ns else None

    def drop(self) -> list[int]:
        """Forget names, attributes and clean pages of what is not open; the inodes that went."""
        self.dentries.clear()
        gone = []
        for ino, inode in list(self.inodes.items()):
            inode.expires_ns = FOREVER if ino == ROOT else 0
            for page in set(inode.pages) - inode.dirty:
                del inode.pages[page]
            inode.last_page = -1
            if ino != ROOT and not inode.opens and not inode.dirty:
                del self.inodes[ino]
                gone.append(ino)
        return gone
