"""The loops that are timed: each makes `count` operations and returns the time it took [ns].

A loop returns -1 where a call failed. What it reads it sums and stores, so that nothing is
dropped by the compiler.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from microbench.measured.probes.libc import (
    getppid,
    load_byte,
    mmap,
    munmap,
    now,
    read,
    sched_yield,
    store_byte,
    syscall2,
    write,
)

PAGE = 4096
READ, READ_WRITE, SHARED, PRIVATE_ANONYMOUS = 1, 3, 1, 0x22
ADDEND = np.uint64(1442695040888963407)
"""Any odd number: the chain must not fall to zero."""
FAILED = -1


@njit(cache=True, nogil=True)
def null(count, stamp):
    """getppid."""
    start = now(stamp)
    for _ in range(count):
        getppid()
    return now(stamp) - start


@njit(cache=True, nogil=True)
def yield_alone(count, stamp):
    """sched_yield with nobody else to run."""
    start = now(stamp)
    for _ in range(count):
        if sched_yield() != 0:
            return FAILED
    return now(stamp) - start


@njit(cache=True, nogil=True)
def read_byte(count, stamp, fd, buffer):
    """read of one byte."""
    start = now(stamp)
    for _ in range(count):
        if read(fd, buffer.ctypes.data, 1) != 1:
            return FAILED
    return now(stamp) - start


@njit(cache=True, nogil=True)
def write_byte(count, stamp, fd, buffer):
    """write of one byte."""
    start = now(stamp)
    for _ in range(count):
        if write(fd, buffer.ctypes.data, 1) != 1:
            return FAILED
    return now(stamp) - start


@njit(cache=True, nogil=True)
def stat_fd(count, stamp, number, fd, buffer):
    """fstat by its number: libc's own may be a call of another name."""
    start = now(stamp)
    for _ in range(count):
        if syscall2(number, fd, buffer.ctypes.data) != 0:
            return FAILED
    return now(stamp) - start


@njit(cache=True, nogil=True)
def map_page(count, stamp):
    """mmap and munmap of one page that is not touched."""
    start = now(stamp)
    for _ in range(count):
        at = mmap(0, PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0)
        if munmap(at, PAGE) != 0:
            return FAILED
    return now(stamp) - start


@njit(cache=True, nogil=True)
def fault_file(count, stamp, fd, order, sums):
    """First read of `count` pages of a cached file, in a given order; mapping is not timed."""
    at = mmap(0, count * PAGE, READ, SHARED, fd, 0)
    total = 0
    start = now(stamp)
    for i in range(order.size):
        if order[i] < count:
            total += load_byte(at + order[i] * PAGE)
    spent = now(stamp) - start
    sums[0] = total
    return spent if munmap(at, count * PAGE) == 0 else FAILED


@njit(cache=True, nogil=True)
def fault_fresh(count, stamp):
    """First write to `count` pages of fresh memory; mapping is not timed."""
    at = mmap(0, count * PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0)
    start = now(stamp)
    for i in range(count):
        store_byte(at + i * PAGE, np.uint8(1))
    spent = now(stamp) - start
    return spent if munmap(at, count * PAGE) == 0 else FAILED


@njit(cache=True, nogil=True)
def pass_token(count, stamp, from_fd, to_fd, buffer):
    """Take a byte from one pipe and put it into the next, `count` times, as one of a ring."""
    start = now(stamp)
    for _ in range(count):
        if write(to_fd, buffer.ctypes.data, 1) != 1:
            return FAILED
        if read(from_fd, buffer.ctypes.data, 1) != 1:
            return FAILED
    return now(stamp) - start


@njit(cache=True, nogil=True)
def token_and_work(count, stamp, from_fd, to_fd, buffer, work, sums):
    """`pass_token`, with the member's array summed at each turn."""
    total = 0
    start = now(stamp)
    for _ in range(count):
        if write(to_fd, buffer.ctypes.data, 1) != 1:
            return FAILED
        if read(from_fd, buffer.ctypes.data, 1) != 1:
            return FAILED
        for i in range(work.size):
            total += work[i]
    spent = now(stamp) - start
    sums[0] = total
    return spent


@njit(cache=True, nogil=True)
def serve_token(from_fd, to_fd, buffer, work, sums):
    """Pass on every byte until the pipe is closed; what the other members of a ring do."""
    total = 0
    while read(from_fd, buffer.ctypes.data, 1) == 1:
        for i in range(work.size):
            total += work[i]
        if write(to_fd, buffer.ctypes.data, 1) != 1:
            break
    sums[0] = total
    return 0


@njit(cache=True, nogil=True)
def chase(count, stamp, following, position):
    """Dependent loads along a permutation, on from where the last block ended."""
    i = position[0]
    start = now(stamp)
    for _ in range(count):
        i = following[i]
    spent = now(stamp) - start
    position[0] = i
    return spent


@njit(cache=True, nogil=True)
def read_fourth(count, stamp, words, sums):
    """Sum every fourth word of a buffer `count` times, in steps of 512 bytes written out."""
    total = 0
    start = now(stamp)
    for _ in range(count):
        for p in range(0, words.size, 128):
            total += (
                words[p]
                + words[p + 4]
                + words[p + 8]
                + words[p + 12]
                + words[p + 16]
                + words[p + 20]
                + words[p + 24]
                + words[p + 28]
                + words[p + 32]
                + words[p + 36]
                + words[p + 40]
                + words[p + 44]
                + words[p + 48]
                + words[p + 52]
                + words[p + 56]
                + words[p + 60]
                + words[p + 64]
                + words[p + 68]
                + words[p + 72]
                + words[p + 76]
                + words[p + 80]
                + words[p + 84]
                + words[p + 88]
                + words[p + 92]
                + words[p + 96]
                + words[p + 100]
                + words[p + 104]
                + words[p + 108]
                + words[p + 112]
                + words[p + 116]
                + words[p + 120]
                + words[p + 124]
            )
    spent = now(stamp) - start
    sums[0] = total
    return spent


@njit(cache=True, nogil=True)
def write_fourth(count, stamp, words):
    """Write every fourth word of a buffer `count` times."""
    start = now(stamp)
    for turn in range(count):
        for p in range(0, words.size, 4):
            words[p] = turn
    return now(stamp) - start


@njit(cache=True, nogil=True)
def square_chain(count, stamp, sums):
    """A chain of squares and sums, each waiting for the one before."""
    x = np.uint64(1)
    start = now(stamp)
    for _ in range(count):
        x = x * x + ADDEND
    spent = now(stamp) - start
    sums[0] = x >> np.uint64(1)
    return spent
