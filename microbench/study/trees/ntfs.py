"""Which blocks NTFS-3G touches: records of $MFT, bitmaps, entries of directories, clusters.

Knows the format as far as it is publicly known, and that each request opens and closes what it
touches. Refuses to know what is cached.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from microbench.study.trees.blockcache import BlockCache
from microbench.study.trees.files import File, directory_of
from microbench.study.trees.numbers import Numbers

BLOCK = 4096
READ_BLOCKS = 32
"""Blocks of one READ at most: 128 KB."""
FIRST_RECORD = 64
BITS = BLOCK * 8
"""Clusters a block of $Bitmap tells of."""


@dataclass
class Directory:
    """One directory: its record, its entries, and the blocks that do not fit the record."""

    record: int
    entries: int = 0
    blocks: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Placed:
    """Where a file is: record, first cluster (0: in the record), entry in the directory."""

    record: int
    cluster: int
    entry: int


def pages_of(size: int) -> int:
    """Blocks of 4 KB that hold a file."""
    return -(-size // BLOCK)


class Ntfs:
    """A volume, as a daemon uses it.

    Parameters
    ----------
    cache : BlockCache
    start : int
        First block of the partition.
    through : bool
        Whether what describes files is waited for.
    costs : (float, float)
        Of a request, and of an access of the daemon to its device [us].
    """

    def __init__(
        self,
        cache: BlockCache,
        given: Numbers,
        start: int,
        through: bool,
        costs: tuple[float, float],
    ) -> None:
        self._cache, self._given, self._through = cache, given, through
        self._request_us = costs[0] + given["accesses"] * costs[1]
        self._mft = start + given.blocks("mft_start")
        self._data = self._mft + int(given.blocks("partition") * given["mft_zone"])
        self._start, self._per = start, int(BLOCK / given["record"])
        self._records, self._clusters = FIRST_RECORD, 0
        self._directories: dict[tuple[int, int], Directory] = {}
        self.files: dict[File, Placed] = {}
        self.requests = 0
        self._owed = 0.0

    def lay(self, file: File, name: int = 0) -> Placed:
        """Give a file its place; `name` tells copies of a tree apart."""
        key = directory_of(file, name)
        if key not in self._directories:
            self._directories[key] = Directory(self._record())
        directory = self._directories[key]
        entry = directory.entries
        directory.entries += 1
        over = directory.entries - self._given["root_entries"]
        if over > 0 and len(directory.blocks) * self._given["block_entries"] < directory.entries:
            directory.blocks.append(self._cluster(1))
        record = self._record()
        fits = file.size <= self._given["resident"]
        placed = Placed(record, 0 if fits else self._cluster(pages_of(file.size)), entry)
        self.files[file] = placed
        return placed

    def create(self, file: File, name: int = 0) -> None:
        """LOOKUP, CREATE, WRITE for each page, FLUSH, RELEASE."""
        placed = self.lay(file, name)
        directory = self._directories[directory_of(file, name)]
        self._ask(2)
        self._describe(self._mft - 1)
        self._touch(directory, placed)
        for page in range(pages_of(file.size)):
            self._ask(1)
            if placed.cluster:
                self._describe(self._mft - 2 - (placed.cluster + page - self._start) // BITS)
                self._cache.write(placed.cluster + page, whole=True)
            self._owed += self._given["syncs"]
            if self._owed >= 1 or not placed.cluster:
                self._owed = max(0.0, self._owed - 1)
                self._touch(directory, placed)
        self._ask(2)
        self._touch(directory, placed)

    def read(self, file: File, name: int = 0) -> None:
        """LOOKUP, OPEN, READ up to the end and behind it, FLUSH, RELEASE."""
        placed = self.files[file]
        directory = self._directories[directory_of(file, name)]
        self._cache.read(self._at(directory.record))
        self._cache.read(self._entry_block(directory, placed))
        self._cache.read(self._at(placed.record), int(self._given["read_ahead"]))
        pages = pages_of(file.size)
        self._ask(2)
        for page in range(0, pages, READ_BLOCKS):
            self._ask(1)
            if placed.cluster:
                self._cache.read(placed.cluster + page, min(READ_BLOCKS, pages - page))
        self._ask(2)
        self._owed += self._given["atime"]
        if self._owed >= 1:
            self._owed -= 1
            self._touch(directory, placed)

    def _ask(self, requests: int) -> None:
        self.requests += requests
        self._cache.work(requests * self._request_us)

    def _record(self) -> int:
        self._records += 1
        return self._records - 1

    def _cluster(self, count: int) -> int:
        self._clusters += count
        return self._data + self._clusters - count

    def _at(self, record: int) -> int:
        return self._mft + record // self._per

    def _entry_block(self, directory: Directory, placed: Placed) -> int:
        """The block with a file's entry: one of the directory's, or its record's."""
        if not directory.blocks:
            return self._at(directory.record)
        at = int(placed.entry / self._given["block_entries"])
        return directory.blocks[min(at, len(directory.blocks) - 1)]

    def _touch(self, directory: Directory, placed: Placed) -> None:
        """A file's record and its entry are written."""
        self._describe(self._at(placed.record))
        self._describe(self._entry_block(directory, placed))

    def _describe(self, block: int) -> None:
        self._cache.write(block, whole=False, through=self._through)
