"""Files on a device as the file server lays them out: a table of entries, then their blocks.

An entry holds a name and a size; the blocks of entry i follow each other. So what was
acknowledged can be read again by whoever comes after.
"""

from __future__ import annotations

from microbench.linux.disk import BLOCK

ENTRY = 64
NAME = 56
TABLE_BLOCKS = 64
FILE_BLOCKS = 2048
PER_BLOCK = BLOCK // ENTRY


def data_block(entry: int, page: int) -> int:
    """The block of a page of a file."""
    return TABLE_BLOCKS + entry * FILE_BLOCKS + page


def pack(name: str, size: int) -> bytes:
    """An entry; one without a name is free."""
    return name.encode().ljust(NAME, b"\0") + size.to_bytes(ENTRY - NAME, "little")


def unpack(raw: bytes) -> tuple[str, int]:
    """Name and size of an entry."""
    return raw[:NAME].rstrip(b"\0").decode(), int.from_bytes(raw[NAME:ENTRY], "little")


def table_block(names: dict[str, int], sizes: dict[int, int], block: int) -> bytes:
    """A block of the table, from what is known of it."""
    by_entry = {entry: name for name, entry in names.items() if entry // PER_BLOCK == block}
    first = block * PER_BLOCK
    entries = (
        pack(by_entry.get(e, ""), sizes.get(e, 0) if e in by_entry else 0)
        for e in range(first, first + PER_BLOCK)
    )
    return b"".join(entries)


def read_table(block: int, raw: bytes) -> dict[int, tuple[str, int]]:
    """The entries of a block that have names."""
    found = {}
    for i in range(PER_BLOCK):
        if not raw[i * ENTRY]:
            continue
        name, size = unpack(raw[i * ENTRY : (i + 1) * ENTRY])
        found[block * PER_BLOCK + i] = (name, size)
    return found
