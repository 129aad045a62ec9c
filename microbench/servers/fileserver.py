"""The file server: clients' calls on names and handles, answered from its pages.

Data travel in memory that client and server share, or as pages of the cache mapped into the
client. Refuses to know the device below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from microbench.l4.calls import Ipc, receive
from microbench.l4.model import ANY, READ, MapItem, Message, Result
from microbench.linux.disk import BLOCK
from microbench.servers import fileformat as form
from microbench.servers.messages import Label, done, failed, packed, text_of
from microbench.servers.serverpages import CACHE, USUAL, FsFailure, ServerPages, Shape, page_of
from microbench.servers.tasks import Move, Note, Run, Task

CLIENTS, CLIENT_BYTES = 0x0040_0000, 0x0004_0000
WINDOW = 0x0080_0000
"""Where cache pages appear in a client, for answers by mapping."""
MOST_ITEMS = 24

Words = tuple[int, ...]


class FileServer:
    """One file server.

    Each call takes the thread of the client and the words of its message, and is a program that
    comes to the answer; it raises `FsFailure` with the name of an error.

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
        self.pages = ServerPages(names, shape)
        self.write_through, self.mapped = write_through, mapped
        self._open: dict[int, int] = {}
        self._next = 3
        self._shared: dict[int, int] = {}

    def task(self) -> Task:
        """Find the driver, read the table, serve."""
        yield from self.pages.start()
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
        self.pages.pinned.clear()
        try:
            return (yield from _SERVE[label](self, got.sender, words))
        except FsFailure as failure:
            return failed(str(failure))

    # names and handles

    def _entry(self, handle: int) -> int:
        if handle not in self._open:
            raise FsFailure("EBADF")
        return self._open[handle]

    def _plain(self, path: str) -> str:
        """The one name a path holds: there is one directory."""
        names = [part for part in path.split("/") if part]
        if len(names) != 1:
            raise FsFailure("ENOTDIR" if names and names[0] in self.pages.entries else "ENOENT")
        return names[0]

    def _find(self, words: Words) -> int:
        name = self._plain(text_of(words))
        if name not in self.pages.entries:
            raise FsFailure("ENOENT")
        return self.pages.entries[name]

    def open(self, client: int, words: Words) -> Any:
        """A handle; a new file where it is asked for."""
        create, name = words[0], self._plain(text_of(words[1:]))
        yield Run("server_lookup")
        if name not in self.pages.entries:
            if not create:
                raise FsFailure("ENOENT")
            yield from self._create(name)
        yield Run("server_open")
        self._next += 1
        self._open[self._next] = self.pages.entries[name]
        return done(self._next)

    def _create(self, name: str) -> Any:
        """A new, empty file."""
        pages = self.pages
        yield Run("server_create")
        if len(name.encode()) > form.NAME:
            raise FsFailure("ENAMETOOLONG")
        entry = pages.free_entry({*pages.entries.values(), *self._open.values()})
        pages.entries[name], pages.sizes[entry] = entry, 0
        if self.write_through:
            yield from pages.write_table(entry)

    def close(self, client: int, words: Words) -> Any:
        """A handle goes, and a file without a name with its last."""
        entry = self._entry(words[0])
        yield Run("server_open")
        del self._open[words[0]]
        if entry not in self.pages.entries.values():
            yield from self._remove(entry)
        return done()

    def stat(self, client: int, words: Words) -> Any:
        """The size [bytes], by name."""
        yield Run("server_lookup")
        return done(self.pages.sizes[self._find(words)])

    def fstat(self, client: int, words: Words) -> Any:
        """The size [bytes], by handle."""
        return done(self.pages.sizes[self._entry(words[0])])
        yield

    def null(self, client: int, words: Words) -> Any:
        """Nothing, for a handle that is good."""
        self._entry(words[0])
        return done()
        yield

    def unlink(self, client: int, words: Words) -> Any:
        """A name goes, and its file unless it is open."""
        yield Run("server_unlink")
        entry = self._find(words)
        del self.pages.entries[self._plain(text_of(words))]
        yield from self._remove(entry)
        if self.write_through:
            yield from self.pages.write_table(entry)
        return done()

    def _remove(self, entry: int) -> Any:
        """A file without a name goes with its last handle."""
        if entry not in self._open.values():
            yield from self.pages.remove(entry)

    # bytes

    def read(self, client: int, words: Words) -> Any:
        """Bytes into the client's buffer, or pages into its window; how many bytes."""
        handle, offset, size = words
        entry = self._entry(handle)
        size = max(0, min(size, self.pages.sizes[entry] - offset, CLIENT_BYTES // 2))
        if self.mapped:
            return (yield from self._map(client, entry, offset, size))
        copied = 0
        while copied < size:
            page, inside = divmod(offset + copied, BLOCK)
            part = min(BLOCK - inside, size - copied)
            slot = yield from self.pages.page(entry, page, True)
            target = self._shared[client] + copied
            yield Move(CACHE + slot * BLOCK + inside, target, part)
            copied += part
        return done(size)

    def _map(self, client: int, entry: int, offset: int, size: int) -> Any:
        """Pages the client does not have yet, at most as many as fit a message."""
        pages = self.pages
        first, end = offset // BLOCK, -(-(offset + size) // BLOCK)
        items, where = [], []
        for page in range(first, min(end, first + MOST_ITEMS, first + pages.shape.slots)):
            slot = yield from pages.page(entry, page, True)
            where.append(slot)
            pages.pinned.add(slot)
            if (client, slot) not in pages.given:
                pages.given.add((client, slot))
                items.append(MapItem(page_of(slot), WINDOW + slot * BLOCK, READ))
        held = min(size, len(where) * BLOCK - offset % BLOCK) if where else 0
        return Message(Label.DONE, (held, *packed(where)), tuple(items))

    def write(self, client: int, words: Words) -> Any:
        """Bytes from the client's buffer; how many were taken."""
        handle, offset, size = words
        entry = self._entry(handle)
        if offset + size > form.FILE_BLOCKS * BLOCK:
            raise FsFailure("EFBIG")
        if not size:  # nothing grows by nothing, wherever it is written
            return done(0)
        size = min(size, CLIENT_BYTES // 2)
        used = yield from self.pages.fill_hole(entry, offset)
        used += yield from self._take(client, entry, offset, size)
        grew = offset + size > self.pages.sizes[entry]
        self.pages.sizes[entry] = max(self.pages.sizes[entry], offset + size)
        if self.write_through:
            for slot in dict.fromkeys(used):
                yield from self.pages.clean(slot)
            if grew:
                yield from self.pages.write_table(entry)
        return done(size)

    def _take(self, client: int, entry: int, offset: int, size: int) -> Any:
        """Copy from the client's buffer into pages; their slots."""
        taken, used = 0, []
        while taken < size:
            page, inside = divmod(offset + taken, BLOCK)
            part = min(BLOCK - inside, size - taken)
            to_end = offset + taken + part >= self.pages.sizes[entry]
            whole = not inside and (part == BLOCK or to_end)
            slot = yield from self.pages.page(entry, page, not whole)
            source = self._shared[client] + CLIENT_BYTES // 2 + taken
            yield Move(source, CACHE + slot * BLOCK + inside, part)
            self.pages.dirty.add(slot)
            used.append(slot)
            taken += part
        return used

    def sync(self, client: int, words: Words) -> Any:
        """What was written to a file is on the device."""
        entry = self._entry(words[0])
        for slot in sorted(self.pages.dirty):
            if self.pages.owners[slot][0] == entry:
                yield from self.pages.clean(slot)
        yield from self.pages.write_table(entry)
        return done()

    def drop(self, client: int, words: Words) -> Any:
        """Clean pages go, so that those read next lie where these did."""
        for slot in sorted(set(self.pages.owners) - self.pages.dirty, reverse=True):
            yield from self.pages.evict(slot)
        return done()


_SERVE: dict[int, Callable[[FileServer, int, Words], Any]] = {
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
