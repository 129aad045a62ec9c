"""What a file server keeps of its files: pages in a cache, a table of entries, a driver below.

The driver reads and writes the cache itself. A driver that dies in the middle of a transfer
costs a question to the name server, and the transfer is asked for again. Refuses to know
clients' calls and handles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from microbench.l4.calls import Unmap, call
from microbench.l4.model import (
    ALL_RIGHTS,
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
from microbench.servers.messages import Label, packed
from microbench.servers.names import find
from microbench.servers.tasks import Load, Note, Run, Store

CACHE = 0x0100_0000
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
    """An answer that is an error; its text is the name of the error number."""


class ServerPages:
    """The pages and the table of one file server.

    Parameters
    ----------
    names : callable
        The thread of the name server.

    Attributes
    ----------
    entries : dict of str to int
        Name to entry of the table.
    sizes : dict of int to int
        Entry to size [bytes]; an entry without a name is still open somewhere.
    dirty : set of int
        Slots newer than the device.
    owners : dict of int to (int, int)
        Slot to entry and page, the longest there first.
    given : set of (int, int)
        Client and slot it has mapped.
    pinned : set of int
        Slots the call at hand needs.
    """

    def __init__(self, names: Callable[[], int], shape: Shape) -> None:
        self.shape = shape
        self._names = names
        self._driver = NIL
        self.entries: dict[str, int] = {}
        self.sizes: dict[int, int] = {}
        self.owners: dict[int, tuple[int, int]] = {}
        self.dirty: set[int] = set()
        self.given: set[tuple[int, int]] = set()
        self.pinned: set[int] = set()
        self._slots: dict[tuple[int, int], int] = {}
        self._free = list(range(shape.slots - 1, -1, -1))
        self._last: dict[int, int] = {}
        self._unshared: set[int] = set()

    def start(self) -> Any:
        """Touch the cache, find the driver, read the table."""
        for slot in range(self.shape.slots + 1):
            yield Store(CACHE + slot * BLOCK, b"\0")
        yield from self._bind()
        for block in range(self.shape.table_blocks):
            yield from self._read_table(block)

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
            items = [MapItem(page_of(s), SHARED + s * BLOCK, READ | WRITE) for s in lost]
            answer: Result = yield call(self._driver, Message(label, words, tuple(items)))
            self._unshared.difference_update(lost)
            if answer.error is None:
                break
            yield from self._bind()
            yield Note("rebind")
        if answer.message.label != Label.DONE:
            raise FsFailure("EIO")

    # the table

    def _read_table(self, block: int) -> Any:
        yield from self._blocks(Label.READ_BLOCKS, block, [self.shape.slots])
        raw = yield Load(CACHE + self.shape.slots * BLOCK, BLOCK)
        for entry, (name, size) in form.read_table(block, raw).items():
            self.entries[name], self.sizes[entry] = entry, size

    def write_table(self, entry: int) -> Any:
        """Bring the block with an entry to the device."""
        block = entry // form.PER_BLOCK
        yield Store(
            CACHE + self.shape.slots * BLOCK, form.table_block(self.entries, self.sizes, block)
        )
        yield from self._blocks(Label.WRITE_BLOCKS, block, [self.shape.slots])

    def free_entry(self, used: set[int]) -> int:
        """The first entry nobody uses.

        Raises
        ------
        FsFailure
            ENOSPC if there is none.
        """
        for entry in range(self.shape.table_blocks * form.PER_BLOCK):
            if entry not in used:
                return entry
        raise FsFailure("ENOSPC")

    def remove(self, entry: int) -> Any:
        """A file goes, with its pages and its size."""
        for key in [k for k in self._slots if k[0] == entry]:
            yield from self.evict(self._slots[key])
        self.sizes.pop(entry)
        self._last.pop(entry, None)

    # the pages

    def page(self, entry: int, page: int, fill: bool) -> Any:
        """The slot of a page of a file; read from the device if it is to be filled."""
        yield Run("server_page")
        if (entry, page) not in self._slots:
            if fill and page * BLOCK < self.sizes[entry]:
                yield from self._read_ahead(entry, page)
            else:
                slot = yield from self._own(entry, page)
                yield Store(CACHE + slot * BLOCK, bytes(BLOCK))
        self._last[entry] = page
        return self._slots[entry, page]

    def fill_hole(self, entry: int, offset: int) -> Any:
        """Pages between the end of a file and where it is written next hold zeros; their slots.

        They go to the device as what is written does: an earlier file may have left its bytes.
        """
        used = []
        for page in range(-(-self.sizes[entry] // BLOCK), offset // BLOCK):
            used.append((yield from self.page(entry, page, False)))
            self.dirty.add(used[-1])
        return used

    def clean(self, slot: int) -> Any:
        """Bring a page to the device."""
        entry, page = self.owners[slot]
        block = form.data_block(entry, page)
        yield from self._blocks(Label.WRITE_BLOCKS, block, [slot])
        self.dirty.discard(slot)

    def evict(self, slot: int) -> Any:
        """A page goes, and whoever has it mapped loses it."""
        del self._slots[self.owners.pop(slot)]
        self.dirty.discard(slot)
        if any(s == slot for _, s in self.given):
            self.given = {g for g in self.given if g[1] != slot}
            yield Unmap(page_of(slot), ALL_RIGHTS)
            self._unshared.add(slot)
        self._free.append(slot)

    def _slot(self) -> Any:
        """A free page of the cache; the first that this call does not need makes room."""
        if not self._free:
            victim = next(slot for slot in self.owners if slot not in self.pinned)
            if victim in self.dirty:
                yield from self.clean(victim)
            yield from self.evict(victim)
        return self._free.pop()

    def _own(self, entry: int, page: int) -> Any:
        slot = yield from self._slot()
        self._slots[entry, page], self.owners[slot] = slot, (entry, page)
        return slot

    def _read_ahead(self, entry: int, page: int) -> Any:
        """Read a page; in a file read in order, those behind it too."""
        in_order = page in (0, self._last.get(entry, NIL) + 1)
        end = -(-self.sizes[entry] // BLOCK)
        room = min(CLUSTER, self.shape.slots - len(self.pinned))
        slots: list[int] = []
        for number in range(page, min(end, page + (room if in_order else 1))):
            if (entry, number) in self._slots:
                break
            slots.append((yield from self._own(entry, number)))
        yield from self._blocks(Label.READ_BLOCKS, form.data_block(entry, page), slots)


def page_of(slot: int) -> Fpage:
    """A page of the cache as something to map."""
    return Fpage(CACHE + slot * BLOCK, PAGE_BITS)
