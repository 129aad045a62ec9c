"""Native Linux with the domain patches: spaces kept apart by relocation, switched by a tag."""

from __future__ import annotations

from microbench.linux.process import Process
from microbench.systems.native import Native
from microbench.trace import ops

SLOT_BYTES = 32 << 20


class NativeFass(Native):
    """Each process in its own 32 MB slot of one page table; a switch writes two registers."""

    name = "native-fass"
    how = ops.TAGGED
    slot_bytes = SLOT_BYTES

    def user_address(self, process: Process, va: int) -> int:
        """The address relocated to the process's slot."""
        return va + process.space * SLOT_BYTES
