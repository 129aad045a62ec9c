"""Which blocks a kernel file system of the time touches: inodes, directories, data, a journal.

A block group at a time: a table of inodes, then directories and data as they come. What changed
goes to the journal in one piece every few seconds, the data before it; nobody waits.
"""

from __future__ import annotations

from microbench.study.trees.blockcache import NS, BlockCache
from microbench.study.trees.files import File, directory_of
from microbench.study.trees.ntfs import BLOCK, Placed, pages_of
from microbench.study.trees.numbers import Numbers

TABLE_BLOCKS = 512
"""Inodes of a group: one for each 8 KB of 128 MB, 32 in a block."""
JOURNAL_BLOCKS = 8192


class KernelFs:
    """A partition of a kernel file system.

    Parameters
    ----------
    costs : (float, float)
        Of making and of reading a file of the tree's mean size [us].
    """

    def __init__(
        self, cache: BlockCache, given: Numbers, start: int, costs: tuple[float, float]
    ) -> None:
        self._cache, self._given, self._start = cache, given, start
        self._create_us, self._read_us = costs
        self._per = int(BLOCK / given["inode"])
        self._group = given.blocks("group")
        self._inodes, self._blocks = 0, TABLE_BLOCKS
        self._directories: dict[tuple[int, int], int] = {}
        self.files: dict[File, Placed] = {}
        self.requests = 0
        self._changed: set[int] = set()
        self._journal, self._committed = start + self._group * 64, 0.0
        self._journal_at = 0

    def lay(self, file: File, name: int = 0) -> Placed:
        """Give a file its place; `name` tells copies of a tree apart."""
        key = directory_of(file, name)
        if key not in self._directories:
            self._directories[key] = self._take(1)
        self._inodes += 1
        placed = Placed(self._inodes - 1, self._take(pages_of(file.size)), 0)
        self.files[file] = placed
        return placed

    def create(self, file: File, name: int = 0) -> None:
        """An inode, an entry, bitmaps, and the data."""
        placed = self.lay(file, name)
        self._cache.work(self._create_us)
        group = placed.cluster - (placed.cluster - self._start) % self._group
        for block in (self._inode(placed), self._directories[directory_of(file, name)], group):
            self._cache.write(block, whole=False)
            self._changed.add(block)
        for page in range(pages_of(file.size)):
            self._cache.write(placed.cluster + page, whole=True)
        self._commit()

    def read(self, file: File, name: int = 0) -> None:
        """The directory, the inode, the data as one run; then a new time in the inode."""
        placed = self.files[file]
        self._cache.read(self._directories[directory_of(file, name)])
        self._cache.read(self._inode(placed))
        self._cache.read(placed.cluster, pages_of(file.size))
        self._cache.work(self._read_us)
        self._cache.write(self._inode(placed), whole=False)
        self._changed.add(self._inode(placed))
        self._commit()

    def _take(self, count: int) -> int:
        """Blocks for data, behind the table of the group they begin in."""
        if self._blocks % self._group < TABLE_BLOCKS:
            self._blocks += TABLE_BLOCKS - self._blocks % self._group
        self._blocks += count
        return self._start + self._blocks - count

    def _inode(self, placed: Placed) -> int:
        group, block = divmod(placed.record // self._per, TABLE_BLOCKS)
        return self._start + group * self._group + block

    def _commit(self) -> None:
        """A transaction ends: the data first, then a piece of the journal."""
        if self._cache.now_ns - self._committed < self._given["journal"] * NS:
            return
        self._committed = self._cache.now_ns
        self._cache.send()
        first = self._journal + self._journal_at
        self._cache.send(range(first, first + len(self._changed)))
        self._journal_at = (self._journal_at + len(self._changed)) % JOURNAL_BLOCKS
        self._changed.clear()
