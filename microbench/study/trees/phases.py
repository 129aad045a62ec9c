"""The four phases: copied to another partition, copied within one, packed, unpacked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol

from microbench.run.files import outcome
from microbench.run.setup import prepare
from microbench.study.trees.blockcache import NS, BlockCache
from microbench.study.trees.files import File, as_listed, tree
from microbench.study.trees.kernelfs import KernelFs
from microbench.study.trees.ntfs import BLOCK, Ntfs, Placed
from microbench.study.trees.numbers import Numbers, numbers
from microbench.workloads.fs_op import parse as operations
from microbench.workloads.fs_tree import parse as trees

PHASES = ("across", "within", "pack", "unpack")
SYSTEMS = ("ntfs-3g", "ntfs-3g-through", "kernel")
PIECE = 32
"""Blocks of an archive that are read or written before the tree is looked at again."""
SAMPLE = ("8", "12k")
"""Files and size with which the kernel's own work per file is priced."""


class Volume(Protocol):
    """A file system on a partition; `requests` were sent to its daemon, if it has one."""

    requests: int

    def lay(self, file: File, name: int = 0) -> Placed:
        """Give a file its place, outside of what is timed."""

    def create(self, file: File, name: int = 0) -> None:
        """Make and write a file."""

    def read(self, file: File, name: int = 0) -> None:
        """Read a file."""


@cache
def kernel_costs(level: str) -> tuple[float, float]:
    """Making and reading a file in the kernel's own file system [us]."""
    setup = prepare(numbers().machine)
    benches = {b.args.split()[2]: b for b in trees("fs_tree", list(SAMPLE))}
    create, read = (
        outcome(benches[phase], "native", setup).us(setup, level) / int(SAMPLE[0])
        for phase in ("create", "read")
    )
    return create, read


@cache
def fuse_costs(level: str) -> tuple[float, float]:
    """A request through the queue, and a cached access of the daemon to its device [us]."""
    setup = prepare(numbers().machine)
    (null,), (read,) = operations(["null"]), operations(["read", "4k"])
    return (
        outcome(null, "native-fuse", setup).us(setup, level),
        outcome(read, "native", setup).us(setup, level),
    )


@dataclass(frozen=True)
class Outcome:
    """What a phase came to.

    Attributes
    ----------
    seconds : float
    requests, waits : int
        Sent to the daemon; transfers of the disk that were waited for.
    queue_seconds : float
        Of it in the queue and its switches, none of it the daemon's work [s].
    """

    seconds: float
    requests: int
    waits: int
    queue_seconds: float


@cache
def outcome_of(phase: str, system: str, level: str = "value") -> Outcome:
    """A phase on a system, at one end of the ranges."""
    given = numbers(level)
    blocks = BlockCache(given)
    here = _volume(system, level, blocks, 0)
    there = here
    if phase == "across":
        there = _volume(system, level, blocks, given.blocks("partition"))
    reorder = given["reorder_kernel" if system == "kernel" else "reorder"]
    if phase == "unpack":
        _unpack(given, tree(level), blocks, here)
    else:
        for file in tree(level):
            here.lay(file)
        _read_all(phase, given, as_listed(tree(level), reorder), blocks, here, there)
    asked = here.requests + (there.requests if there is not here else 0)
    times = given["sample"]
    queue = asked * fuse_costs(level)[0] / 1e6
    return Outcome(
        blocks.now_ns / NS * times, round(asked * times), round(blocks.waits * times), queue * times
    )


def _volume(system: str, level: str, blocks: BlockCache, start: int) -> Volume:
    """A partition of a system that begins at a block."""
    if system == "kernel":
        return KernelFs(blocks, numbers(level), start, kernel_costs(level))
    through = system.endswith("through")
    return Ntfs(blocks, numbers(level), start, through, fuse_costs(level))


def _read_all(
    phase: str, given: Numbers, files: list[File], blocks: BlockCache, here: Volume, there: Volume
) -> None:
    """Each file is read and packed, or read and written anew; an archive is written at the end."""
    for file in files:
        here.read(file)
        if phase == "pack":
            blocks.work(file.size / given["gzip_rate"])
        else:
            there.create(File(file.number + len(files), file.directory, file.size), 1)
    if phase == "pack":
        total = sum(file.size for file in files)
        there.create(File(-1, -1, round(total * given["packed_share"])))


def _unpack(given: Numbers, files: list[File], blocks: BlockCache, here: Volume) -> None:
    """The archive is read a piece at a time, from behind both partitions."""
    archive, read = 2 * given.blocks("partition"), 0.0
    for file in files:
        read += file.size * given["packed_share"] / BLOCK
        if read >= PIECE:
            blocks.read(archive, PIECE)
            archive, read = archive + PIECE, read - PIECE
        blocks.work(file.size / given["gunzip_rate"])
        here.create(file)
