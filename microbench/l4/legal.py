"""What a caller may hand to the kernel: flexpages, map items, messages.

Knows: the limits of the interface. One check serves map control, unmap and IPC, so that no
way in is wider than another. Refuses to know: whether the caller owns what it names.

References
----------
`l4-x2` section 5.1 (64 message registers, of which the tag is one), 4.1 (flexpages).
"""

from __future__ import annotations

from microbench.l4.model import ALL_RIGHTS, PAGE_BITS, Fpage, MapItem, Message, Refused

PRIORITIES = 256
ADDRESS_BITS = 32
ITEM_REGISTERS = 2
"""Registers that one typed item takes."""
WORD_BITS = 32


def check_fpage(fpage: Fpage, base: int) -> None:
    """Refuse flexpages that are too small, not aligned or outside 32 bits."""
    size = 1 << fpage.size_bits if PAGE_BITS <= fpage.size_bits <= ADDRESS_BITS else 0
    if not size:
        raise Refused(f"flexpage of 2**{fpage.size_bits} bytes")
    for start in (fpage.base, base):
        if start % size or not 0 <= start <= (1 << ADDRESS_BITS) - size:
            raise Refused(f"flexpage at {start:#x} of {size:#x} bytes")


def check_item(item: MapItem) -> None:
    """Refuse a map item with a bad flexpage or no rights."""
    check_fpage(item.fpage, item.base)
    if not 0 < item.rights <= ALL_RIGHTS:
        raise Refused(f"rights {item.rights}")


def check_message(message: Message, most: int) -> None:
    """Refuse a message that does not fit `most` registers, or carries a bad item."""
    taken = len(message.words) + ITEM_REGISTERS * len(message.items)
    if taken > most:
        raise Refused(f"a message of {taken} registers; there are {most}")
    for word in message.words:
        if not 0 <= word < 1 << WORD_BITS:
            raise Refused(f"a word of {word.bit_length()} bits")
    for item in message.items:
        check_item(item)
