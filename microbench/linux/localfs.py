"""A file system inside the kernel, on a block device: directories, inodes, extents of blocks.

It keeps nothing in memory that the seam keeps already. Data of a file lie together; where its
inode and its directory lie is a policy, because that decides how far a disk's arm travels.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from microbench.linux.devices import Devices
from microbench.linux.disk import BLOCK, Disk
from microbench.linux.filesystem import Habits
from microbench.linux.host import Host
from microbench.linux.inode import ROOT, Attributes, Entry, Inode
from microbench.linux.pagecache import runs
from microbench.linux.process import Process, Program
from microbench.trace import Region

AHEAD = 32
"""Pages of the window that is read ahead."""


@dataclass
class _Node:
    """A file on the device."""

    size: int = 0
    names: dict[str, int] | None = None
    blocks: dict[int, int] = field(default_factory=dict)


class LocalFs:
    """The kernel's own file system.

    Parameters
    ----------
    host : Host
    devices : Devices
    disk : Disk
        Where the blocks are.
    """

    def __init__(self, host: Host, devices: Devices, disk: Disk, tally: Counter[str]) -> None:
        self.habits = Habits()
        self._host, self._devices, self.disk, self.tally = host, devices, disk, tally
        self._nodes: dict[int, _Node] = {ROOT: _Node(names={})}
        self._next, self._next_block = ROOT + 1, 0
        self._ahead: tuple[int, int, tuple[int, int]] | None = None
        self._object = host.kernel_memory("local fs", 512)

    def _path(self, name: str, process: Process) -> None:
        with self._host.recorder.place("file system"):
            self._host.path(name, process, object=self._object, buffer=self._object)

    def _names(self, ino: int) -> dict[str, int]:
        names = self._nodes[ino].names
        assert names is not None
        return names

    def _entry(self, ino: int) -> Entry:
        node = self._nodes[ino]
        return Entry(Attributes(ino, node.size, node.names is not None))

    def make_directory(self, parent: int, name: str) -> int:
        """A directory set up outside the measurement."""
        self._names(parent)[name] = self._next
        self._nodes[self._next] = _Node(names={})
        self._next += 1
        return self._next - 1

    def lookup(self, process: Process, parent: int, name: str) -> Program:
        """Search a directory."""
        self._path("fs_lookup", process)
        ino = self._names(parent).get(name)
        return None if ino is None else self._entry(ino)
        yield

    def getattr(self, process: Process, ino: int) -> Program:
        """The attributes on the device."""
        return self._entry(ino)
        yield

    def access(self, process: Process, ino: int) -> Program:
        """The seam has checked."""
        return 0
        yield

    def create(self, process: Process, parent: int, name: str) -> Program:
        """A new inode and a name for it."""
        self._path("fs_create", process)
        ino, self._next = self._next, self._next + 1
        self._nodes[ino] = _Node()
        self._names(parent)[name] = ino
        return self._entry(ino)
        yield

    def open(self, process: Process, ino: int) -> Program:
        """Nothing to do."""
        return 0
        yield

    def flush(self, process: Process, ino: int) -> Program:
        """Nothing to do."""
        return 0
        yield

    def release(self, process: Process, ino: int) -> Program:
        """Nothing to do."""
        return 0
        yield

    def forget(self, process: Process, ino: int) -> Program:
        """A file without a name goes when nobody has it open."""
        del self._nodes[ino]
        return 0
        yield

    def sync(self, process: Process, ino: int) -> Program:
        """Nothing is kept back here."""
        return 0
        yield

    def unlink(self, process: Process, parent: int, name: str) -> Program:
        """A name goes; the file does when it is forgotten."""
        self._path("fs_unlink", process)
        del self._names(parent)[name]
        return 0
        yield

    def _block(self, node: _Node, page: int) -> int:
        """Where a page of a file lies, or shall."""
        if page not in node.blocks:
            node.blocks[page] = self._next_block
            self._next_block += 1
        return node.blocks[page]

    def read(
        self, process: Process, inode: Inode, offset: int, size: int, target: list[Region]
    ) -> Program:
        """Blocks of a file, those that lie together in one transfer."""
        node = self._nodes[inode.ino]
        pages = range(offset // BLOCK, -(-(offset + size) // BLOCK))
        there = [page for page in pages if page in node.blocks]
        for first, count in runs([node.blocks[page] for page in there]):
            yield from self._transfer(process, first, count)
        if len(there) > 1:
            self._read_ahead(process, node, pages.stop)
        data = b"".join(
            self.disk.load(node.blocks[p]) if p in node.blocks else bytes(BLOCK) for p in pages
        )
        start = offset - pages.start * BLOCK
        return data[start : start + max(0, min(size, node.size - offset))]

    def write(
        self, process: Process, inode: Inode, offset: int, data: bytes, source: list[Region]
    ) -> Program:
        """Whole pages to their blocks, and the new size."""
        node = self._nodes[inode.ino]
        pages = range(offset // BLOCK, -(-(offset + len(data)) // BLOCK))
        blocks = [self._block(node, page) for page in pages]
        for page, block in zip(pages, blocks, strict=True):
            old = self.disk.load(block)
            at = page * BLOCK - offset
            inside = max(0, -at)
            part = data[max(0, at) : at + BLOCK]
            self.disk.store(block, old[:inside] + part + old[inside + len(part) :])
        for first, count in runs(blocks):
            yield from self._transfer(process, first, count)
        node.size = max(node.size, offset + len(data))
        return len(data)

    def _read_ahead(self, process: Process, node: _Node, page: int) -> None:
        """Start the device on what is read next of a file that is read in order."""
        wanted = [node.blocks[p] for p in range(page, page + AHEAD) if p in node.blocks]
        if self._ahead is not None or not wanted:
            return
        first, count = runs(wanted)[0]
        nanoseconds = self.disk.time_ns(first, count)
        if nanoseconds:
            self._path("block_request", process)
            self.tally["transfers"] += 1
            self.tally["device_ns"] += nanoseconds
            self._ahead = (first, count, self._devices.begin(nanoseconds))

    def _transfer(self, process: Process, first: int, count: int) -> Program:
        """One request to the device, and the sleep until it is done; perhaps it was begun."""
        if self._ahead is not None:
            begun, blocks, device = self._ahead
            self._ahead = None
            yield from self._devices.finish(process, device)
            self._path("block_done", process)
            if begun <= first and first + count <= begun + blocks:
                return
        nanoseconds = self.disk.time_ns(first, count)
        self._path("block_request", process)
        self.tally["transfers"] += 1
        self.tally["device_ns"] += nanoseconds
        if nanoseconds:
            yield from self._devices.wait(process, nanoseconds)
        self._path("block_done", process)
