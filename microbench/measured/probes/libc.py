"""libc called from jitted code, and the clock: no compiler and no root are needed.

A function is looked up in the process by name; libc is always there. Times are of the monotonic
clock [ns], which is read without entering the kernel.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

getppid = types.ExternalFunction("getppid", types.int32())
read = types.ExternalFunction("read", types.int64(types.int32, types.uintp, types.uintp))
write = types.ExternalFunction("write", types.int64(types.int32, types.uintp, types.uintp))
syscall2 = types.ExternalFunction("syscall", types.int64(types.int64, types.int64, types.uintp))
sched_yield = types.ExternalFunction("sched_yield", types.int32())
mmap = types.ExternalFunction(
    "mmap",
    types.uintp(types.uintp, types.uintp, types.int32, types.int32, types.int32, types.int64),
)
munmap = types.ExternalFunction("munmap", types.int32(types.uintp, types.uintp))
clock_gettime = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.uintp))

MONOTONIC = 1


@njit(cache=True, nogil=True)
def now(stamp):
    """The monotonic clock [ns]; `stamp` is two words of int64 to write it into."""
    clock_gettime(MONOTONIC, stamp.ctypes.data)
    return stamp[0] * 1_000_000_000 + stamp[1]


def stamp() -> np.ndarray:
    """Room for one reading of the clock."""
    return np.zeros(2, np.int64)


@intrinsic
def load_byte(typing, address):
    """The byte at an address, which faults if its page is not there."""

    def code(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())
        return builder.load(pointer)

    return types.uint8(types.uintp), code


@intrinsic
def store_byte(typing, address, value):
    """Write a byte at an address."""

    def code(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())
        builder.store(arguments[1], pointer)
        return arguments[1]

    return types.uint8(types.uintp, types.uint8), code
