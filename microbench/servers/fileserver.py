"""The file server: files for clients, blocks from a driver, a cache of pages between.

Data travel in memory that client and server share, or as pages of the cache mapped into the
client. The driver reads and writes the cache itself. A driver that dies in the middle of a
transfer costs a question to the name server, and the transfer is asked for again. One file,
because its requests are methods of one state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from microbench.l4.calls import Ipc, Unmap, call, receive
from microbench.l4.model import (
    ALL_RIGHTS,
    ANY,
    NIL,
    PAGE_BITS,
    READ,
    WRITE,
    Fpage,
    MapItem,
    Message,
    Result,
)
from microbench.linux.disk import BLOCK
from microbench.servers import fileformat as form
from microbench.servers.blockdriver import SHARED
from microbench.servers.messages import Label, done, failed, packed, text_of
from microbench.servers.names import find
from microbench.servers.tasks import Load, Move, Note, Run, Store, Task

CACHE = 0x0100_0000
CLIENTS, CLIENT_BYTES = 0x0040_0000, 0x0004_0000
WINDOW = 0x0080_0000
"""Where cache pages appear in a client, for answers by mapping."""
MOST_ITEMS = 24
CLUSTER = 24
DRIVER = "disk"


@dataclass(frozen=True)
class Shape:
    """How large a file server is.

    Attributes
    ----------
    cache_bits : int
        Its cache and one page for the table, as a power of two [bytes].
    table_blocks : int
        Blocks of the table of files it looks at.
    """

    cache_bits: int = 19
    table_blocks: int = form.TABLE_BLOCKS

    @property
    def slots(self) -> int:
        """Pages of the cache; the one behind them holds a block of the table."""
        return (1 << self.cache_bits) // BLOCK - 1


USUAL = Shape()


class FsFailure(Exception):
    """An answer that is an error."""


class FileServer:
    """One file server.

    Parameters
    ----------
    names : callable
        The thread of the name server.
    write_through : bool
        Whether what is written is on the device before the answer.
    mapped : bool
        Whether reads are answered by mapping.
    """

    def __init__(
        self,
        names: Callable[[], int],
        write_through: bool = False,
        mapped: bool = False,
        shape: Shape = USUAL,
    ) -> None:
        self.shape = shape
        self._names, self.write_through, self.mapped = names, write_through, mapped
        self._driver = NIL
        self._entries: dict[str, int] = {}
        self._sizes: dict[int, int] = {}
        self._slots: dict[tuple[int, int], int] = {}
        self._owners: dict[int, tuple[int, int]] = {}
        self._dirty: set[int] = set()
        self._free = list(range(shape.slots - 1, -1, -1))
        self._open: dict[int, int] = {}
        self._next = 3
        self._last: dict[int, int] = {}
        self._shared: dict[int, int] = {}
        self._given: set[tuple[int, int]] = set()
        self._unshared: set[int] = set()
        self._pinned: set[int] = set()

    def task(self) -> Task:
        """Find the driver, read the table, serve."""
        for slot in range(self.shape.slots + 1):
            yield Store(CACHE + slot * BLOCK, b"\0")
        yield from self._bind()
        for block in range(self.shape.table_blocks):
            yield from self._read_table(block)
        yield Note("init")
        got: Result = yield receive()
        while True:
            reply = yield from self._serve(got)
            got = yield Ipc(got.sender, ANY, reply, send_waits=False)

    def _serve(self, got: Result) -> Any:
        label, words = got.message.label, got.message.words
        if label == Label.PING:
            return Message(Label.PONG)
        if label == Label.SESSION:
            self._shared[got.sender] = words[0]
            return done()
        yield Run("server_loop")
        self._pinned.clear()
        try:
            return (yield from _SERVE[label](self, got.sender, words))
        except FsFailure as failure:
            return failed(str(failure))

    # the driver

    def _bind(self) -> Any:
        """The next driver there is, with the cache shared."""
        while True:
            self._driver = yield from find(self._names(), DRIVER, self._driver)
            item = MapItem(Fpage(CACHE, self.shape.cache_bits), SHARED, READ | WRITE)
            answer: Result = yield call(self._driver, Message(Label.SESSION, (), (item,)))
            self._unshared.clear()
            if answer.error is None:
                return

    def _blocks(self, label: Label, first: int, slots: list[int]) -> Any:
        """A transfer, as often as it takes; pages the driver lost with a client's it gets again."""
        words = (first, len(slots), *packed(slots))
        while True:
            lost = [slot for slot in slots if slot in self._unshared]
            items = [MapItem(_page_of(s), SHARED + s * BLOCK, READ | WRITE) for s in lost]
            answer: Result = yield call(self._driver, Message(label, words, tuple(items)))
            self._unshared.difference_update(lost)
            if answer.error is None:
                break
            yield from self._bind()
            yield Note("rebind")
        if answer.message.label != Label.DONE:
            raise FsFailure("EIO")

    def _read_table(self, block: int) -> Any:
        yield from self._blocks(Label.READ_BLOCKS, block, [self.shape.slots])
        raw = yield Load(CACHE + self.shape.slots * BLOCK, BLOCK)
        for entry, (name, size) in form.read_table(block, raw).items():
            self._entries[name], self._sizes[entry] = entry, size

    def _write_table(self, entry: int) -> Any:
        block = entry // form.PER_BLOCK
        yield Store(
            CACHE + self.shape.slots * BLOCK, form.table_block(self._entries, self._sizes, block)
        )
        yield from self._blocks(Label.WRITE_BLOCKS, block, [self.shape.slots])

    # the cache

    def _slot(self) -> Any:
        """A free page of the cache; the first that this call does not need makes room."""
        if not self._free:
            victim = next(slot for slot in self._owners if slot not in self._pinned)
            if victim in self._dirty:
                yield from self._clean(victim)
            yield from self._evict(victim)
        return self._free.pop()

    def _evict(self, slot: int) -> Any:
        """A page goes, and whoever has it mapped loses it."""
        del self._slots[self._owners.pop(slot)]
        self._dirty.discard(slot)
        if any(s == slot for _, s in self._given):
            self._given = {g for g in self._given if g[1] != slot}
            yield Unmap(_page_of(slot), ALL_RIGHTS)
            self._unshared.add(slot)
        self._free.append(slot)

    def _clean(self, slot: int) -> Any:
        entry, page = self._owners[slot]
        block = form.data_block(entry, page)
        yield from self._blocks(Label.WRITE_BLOCKS, block, [slot])
        self._dirty.discard(slot)

    def _own(self, entry: int, page: int) -> Any:
        slot = yield from self._slot()
        self._slots[entry, page], self._owners[slot] = slot, (entry, page)
        return slot

    def _page(self, entry: int, page: int, fill: bool) -> Any:
        """The cache's page of a file; read from the device if it is to be filled."""
        yield Run("server_page")
        if (entry, page) not in self._slots:
            if fill and page * BLOCK < self._sizes[entry]:
                yield from self._read_ahead(entry, page)
            else:
                slot = yield from self._own(entry, page)
                yield Store(CACHE + slot * BLOCK, bytes(BLOCK))
        self._last[entry] = page
        return self._slots[entry, page]

    def _read_ahead(self, entry: int, page: int) -> Any:
        """Read a page; in a file read in order, those behind it too."""
        in_order = page in (0, self._last.get(entry, NIL) + 1)
        end = -(-self._sizes[entry] // BLOCK)
        room = min(CLUSTER, self.shape.slots - len(self._pinned))
        slots: list[int] = []
        for number in range(page, min(end, page + (room if in_order else 1))):
            if (entry, number) in self._slots:
                break
            slots.append((yield from self._own(entry, number)))
        yield from self._blocks(Label.READ_BLOCKS, form.data_block(entry, page), slots)

    def _fill_hole(self, entry: int, offset: int) -> Any:
        """Pages between the end of a file and where it is written next hold zeros."""
        for page in range(-(-self._sizes[entry] // BLOCK), offset // BLOCK):
            self._dirty.add((yield from self._page(entry, page, False)))

    # calls

    def _entry(self, handle: int) -> int:
        if handle not in self._open:
            raise FsFailure("EBADF")
        return self._open[handle]

    def _plain(self, path: str) -> str:
        """The one name a path holds: there is one directory."""
        names = [part for part in path.split("/") if part]
        if len(names) != 1:
            raise FsFailure("ENOTDIR" if names and names[0] in self._entries else "ENOENT")
        return names[0]

    def _find(self, words: tuple[int, ...]) -> int:
        name = self._plain(text_of(words))
        if name not in self._entries:
            raise FsFailure("ENOENT")
        return self._entries[name]

    def open(self, client: int, words: tuple[int, ...]) -> Any:
        """A handle; a new file where it is asked for."""
        create, name = words[0], self._plain(text_of(words[1:]))
        yield Run("server_lookup")
        if name not in self._entries:
            if not create:
                raise FsFailure("ENOENT")
            yield Run("server_create")
            if len(name.encode()) > form.NAME:
                raise FsFailure("ENAMETOOLONG")
            used = {*self._entries.values(), *self._open.values()}
            entry = next(
                (e for e in range(self.shape.table_blocks * form.PER_BLOCK) if e not in used), None
            )
            if entry is None:
                raise FsFailure("ENOSPC")
            self._entries[name], self._sizes[entry] = entry, 0
            if self.write_through:
                yield from self._write_table(entry)
        yield Run("server_open")
        self._next += 1
        self._open[self._next] = self._entries[name]
        return done(self._next)

    def close(self, client: int, words: tuple[int, ...]) -> Any:
        """A handle goes."""
        entry = self._entry(words[0])
        yield Run("server_open")
        del self._open[words[0]]
        if entry not in self._entries.values():
            yield from self._remove(entry)
        return done()

    def stat(self, client: int, words: tuple[int, ...]) -> Any:
        """The size, by name."""
        yield Run("server_lookup")
        return done(self._sizes[self._find(words)])

    def fstat(self, client: int, words: tuple[int, ...]) -> Any:
        """The size, by handle."""
        return done(self._sizes[self._entry(words[0])])
        yield

    def null(self, client: int, words: tuple[int, ...]) -> Any:
        """Nothing."""
        self._entry(words[0])
        return done()
        yield

    def unlink(self, client: int, words: tuple[int, ...]) -> Any:
        """A name goes, and its file unless it is open."""
        yield Run("server_unlink")
        entry = self._find(words)
        del self._entries[self._plain(text_of(words))]
        yield from self._remove(entry)
        if self.write_through:
            yield from self._write_table(entry)
        return done()

    def _remove(self, entry: int) -> Any:
        """A file without a name goes with its last handle."""
        if entry in self._open.values():
            return
        for key in [k for k in self._slots if k[0] == entry]:
            yield from self._evict(self._slots[key])
        self._sizes.pop(entry)
        self._last.pop(entry, None)

    def read(self, client: int, words: tuple[int, ...]) -> Any:
        """Bytes into the client's buffer, or pages into its window."""
        handle, offset, size = words
        entry = self._entry(handle)
        size = max(0, min(size, self._sizes[entry] - offset, CLIENT_BYTES // 2))
        if self.mapped:
            return (yield from self._map(client, entry, offset, size))
        copied = 0
        while copied < size:
            page, inside = divmod(offset + copied, BLOCK)
            part = min(BLOCK - inside, size - copied)
            slot = yield from self._page(entry, page, True)
            target = self._shared[client] + copied
            yield Move(CACHE + slot * BLOCK + inside, target, part)
            copied += part
        return done(size)

    def _map(self, client: int, entry: int, offset: int, size: int) -> Any:
        """Pages the client does not have yet, at most as many as fit a message."""
        first, end = offset // BLOCK, -(-(offset + size) // BLOCK)
        items, where = [], []
        for page in range(first, min(end, first + MOST_ITEMS, first + self.shape.slots)):
            slot = yield from self._page(entry, page, True)
            where.append(slot)
            self._pinned.add(slot)
            if (client, slot) not in self._given:
                self._given.add((client, slot))
                items.append(MapItem(_page_of(slot), WINDOW + slot * BLOCK, READ))
        held = min(size, len(where) * BLOCK - offset % BLOCK) if where else 0
        return Message(Label.DONE, (held, *packed(where)), tuple(items))

    def write(self, client: int, words: tuple[int, ...]) -> Any:
        """Bytes from the client's buffer."""
        handle, offset, size = words
        entry, taken, used = self._entry(handle), 0, []
        if offset + size > form.FILE_BLOCKS * BLOCK:
            raise FsFailure("EFBIG")
        size = min(size, CLIENT_BYTES // 2)
        yield from self._fill_hole(entry, offset)
        while taken < size:
            page, inside = divmod(offset + taken, BLOCK)
            part = min(BLOCK - inside, size - taken)
            whole = not inside and (part == BLOCK or offset + taken + part >= self._sizes[entry])
            slot = yield from self._page(entry, page, not whole)
            source = self._shared[client] + CLIENT_BYTES // 2 + taken
            yield Move(source, CACHE + slot * BLOCK + inside, part)
            self._dirty.add(slot)
            used.append(slot)
            taken += part
        grew = offset + size > self._sizes[entry]
        self._sizes[entry] = max(self._sizes[entry], offset + size)
        if self.write_through:
            for slot in used:
                yield from self._clean(slot)
            if grew:
                yield from self._write_table(entry)
        return done(size)

    def sync(self, client: int, words: tuple[int, ...]) -> Any:
        """What was written to a file is on the device."""
        entry = self._entry(words[0])
        for slot in sorted(self._dirty):
            if self._owners[slot][0] == entry:
                yield from self._clean(slot)
        yield from self._write_table(entry)
        return done()

    def drop(self, client: int, words: tuple[int, ...]) -> Any:
        """Clean pages go."""
        for slot in sorted(set(self._owners) - self._dirty):
            yield from self._evict(slot)
        return done()


def _page_of(slot: int) -> Fpage:
    """A page of the cache as something to map."""
    return Fpage(CACHE + slot * BLOCK, PAGE_BITS)


_SERVE: dict[int, Callable[[FileServer, int, tuple[int, ...]], Any]] = {
    Label.OPEN: FileServer.open,
    Label.CLOSE: FileServer.close,
    Label.READ: FileServer.read,
    Label.WRITE: FileServer.write,
    Label.STAT: FileServer.stat,
    Label.FSTAT: FileServer.fstat,
    Label.UNLINK: FileServer.unlink,
    Label.NULL: FileServer.null,
    Label.SYNC: FileServer.sync,
    Label.DROP: FileServer.drop,
}
