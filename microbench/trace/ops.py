"""The codes of trace operations, path references and places: words, no behaviour."""

from __future__ import annotations

# Operations: columns kind, a, b, c, place.
PATH = 0  # a template, b frame
LOOP = 1  # a row of the loop table
TRAP = 2  # a one of TRAPS
TRAP_RETURN = 3
SWITCH = 4  # a space, b one of FULL, TAGGED, COUNTED
FLUSH_ALL = 5  # whole caches, where a virtually tagged machine must
FLUSH_RANGE = 6  # a address, b bytes, c 1 if executable
CLEAN_RANGE = 7  # a address, b bytes: page tables, for a walker that reads memory
PTE_WRITE = 8  # a address of the entry
TLB_INVALIDATE = 9  # a address, or -1 for all
DRAIN = 10
SPECIAL = 11  # a one of SPECIALS, b how often
IDLE = 12  # a nanoseconds
MARK = 13  # a number: end of an iteration
COMPUTE = 14  # a instructions of user code that stays in the caches, b scale class
DEVICE_START = 15  # a device below DEVICES, b nanoseconds it will take
DEVICE_WAIT = 16  # a device: idle until it is done
COALESCING = 17  # a 0: stores no longer merge in the write queue; 1: as the machine can

DEVICES = 64

FULL, TAGGED = 0, 1
COUNTED = 2  # tagged, and the path that ran has counted the register writes itself
TRAPS = ("syscall", "fault", "interrupt")

# References of a path template: columns kind, role, offset, n, aux.
FETCH = 0  # n instructions from offset on; aux one of FALL_THROUGH ...
LOAD = 1  # n words; aux 1: a further part of the same instruction
STORE = 2
COPROCESSOR = 3  # n one of SPECIALS; aux how often
FALL_THROUGH, BRANCH, RETURN_LOAD, RETURN_REGISTER, EXCEPTION = 0, 1, 2, 3, 4

SPECIALS = (
    "move_to_coprocessor",  # CP15 write, CR3-free control register write
    "move_from_coprocessor",
    "status_register",  # PSR move, flags
    "space_register",  # page-table root, PID or context ID write
    "serialise",  # barrier, CPWAIT, ISB, fence
    "segment_register",
    "fast_entry",  # a kernel entry that is not a trap (EPC)
    "system_register",  # dear named-register moves
)

# Columns of the loop table.
LOOP_COLUMNS = (
    "source",  # address of the first load, or -1
    "target",  # address of the first store, or -1
    "count",  # elements
    "stride",  # bytes between elements
    "load_words",
    "store_words",
    "instructions",  # per element
    "dependent",  # loads per element whose result the next instruction uses
    "text",  # address of the body
    "body_bytes",  # its length; 0 = one line
    "element_bytes",  # text per element
)

# Page flags.
WRITE_THROUGH, WRITE_ALLOCATE, UNCACHED, LARGE = 1, 2, 4, 8
