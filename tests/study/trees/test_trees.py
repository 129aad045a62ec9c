"""A kernel's sources on NTFS-3G of 2007: the cache of a block device, the layout, the outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microbench.errors import InputError
from microbench.run.files import outcome
from microbench.run.setup import prepare
from microbench.study.trees.blockcache import NS, BlockCache
from microbench.study.trees.files import File, as_listed, tree
from microbench.study.trees.ntfs import Ntfs
from microbench.study.trees.numbers import Numbers, numbers
from microbench.study.trees.phases import PHASES, SYSTEMS, outcome_of
from microbench.study.trees.rows import tree_rows, tree_summary
from microbench.workloads.fs_tree import parse

SEEK_NS = 4e6
"""Less than half a turn of the disk takes."""


def changed(**keys: float) -> Numbers:
    given = numbers()
    return replace(given, by_key={**given.by_key, **keys})


def volume(cache: BlockCache, through: bool = False, **keys: float) -> Ntfs:
    return Ntfs(cache, changed(**keys), 0, through, (1.0, 0.0))


def test_a_number_that_is_missing_is_named() -> None:
    given = numbers()
    with pytest.raises(InputError, match=r"ntfs2007\.toml: number\.speed"):
        given["speed"]


def test_a_block_is_read_once() -> None:
    cache = BlockCache(numbers())
    cache.read(1000)
    first = cache.now_ns
    cache.read(1000)
    assert first > SEEK_NS
    assert cache.now_ns == first
    assert cache.waits == 1


def test_a_block_written_whole_is_not_read_and_a_part_is() -> None:
    cache = BlockCache(numbers())
    cache.write(5000, whole=True)
    assert cache.waits == 0
    cache.write(9000, whole=False)
    assert cache.waits == 1
    cache.write(9000, whole=False)
    assert cache.waits == 1


def test_what_is_written_through_waits_each_time() -> None:
    cache = BlockCache(numbers())
    for _ in range(3):
        cache.write(5000, whole=True, through=True)
    assert cache.waits == 3


def test_old_pages_are_written_beside_a_busy_processor() -> None:
    """Nobody waits for them, but a read waits for the transfer that has begun."""
    quiet, busy = BlockCache(numbers()), BlockCache(numbers())
    for block in range(0, 4_000_000, 1000):
        busy.write(block, whole=True)
    for cache in (quiet, busy):
        cache.work((numbers()["old"] + 2 * numbers()["look"]) * 1e6)
    assert busy.now_ns == quiet.now_ns
    for cache in (quiet, busy):
        cache.read(7_000_000)
    assert busy.now_ns > quiet.now_ns


def test_a_writer_waits_when_too_much_is_dirty() -> None:
    given = changed(memory=8)
    cache = BlockCache(given)
    for block in range(0, given.blocks("memory") * 1000, 1000):
        cache.write(block, whole=True)
    assert cache.now_ns > 1 * NS


def test_the_tree_is_as_stated() -> None:
    given, files = numbers(), tree("value")
    assert len(files) == given["files"]
    assert len({file.directory for file in files}) == int(given["directories"])
    assert sum(file.size for file in files) == pytest.approx(given["megabytes"] * 1e6, rel=1e-3)
    assert sorted(f.number for f in as_listed(files, 1.0)) == [f.number for f in files]
    assert as_listed(files, 0.0) == files != as_listed(files, 1.0)


def test_small_contents_lie_in_the_record() -> None:
    ntfs = volume(BlockCache(numbers()))
    small, large = ntfs.lay(File(0, 0, 600)), ntfs.lay(File(1, 0, 5000))
    assert small.cluster == 0 < large.cluster
    assert large.record == small.record + 1


def test_each_description_waits_only_where_it_is_written_through() -> None:
    waits = []
    for through in (False, True):
        cache = BlockCache(numbers())
        ntfs = volume(cache, through)
        ntfs.create(File(0, 0, 4096))
        before = cache.waits
        ntfs.create(File(1, 0, 4096))
        waits.append(cache.waits - before)
    assert waits[0] <= 1
    assert waits[1] >= 6


@pytest.mark.parametrize(("size", "bytes_"), [("4k", 4096), ("12k", 12288), ("100k", 102_400)])
def test_requests_are_those_of_the_functional_kernel(size: str, bytes_: int) -> None:
    counted = {}
    for bench in parse("fs_tree", ["4", size, "--cache", "cold"]):
        phase = bench.args.split()[2]
        counted[phase] = outcome(bench, "native-fuse", prepare("pxa255")).counts["requests"] / 4
    cache = BlockCache(numbers())
    ntfs = volume(cache)
    ntfs.create(File(0, 0, bytes_))
    made = ntfs.requests
    ntfs.read(File(0, 0, bytes_))
    assert (made, ntfs.requests - made) == (counted["create"], counted["read"])


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_dear_end_takes_longer(phase: str, system: str) -> None:
    low, value, high = (outcome_of(phase, system, x).seconds for x in ("low", "value", "high"))
    assert low < value < high


@pytest.mark.parametrize("phase", PHASES)
def test_published_lies_between_cached_and_written_through(phase: str) -> None:
    """The two extremes hold what was measured, and the queue is no part of either."""
    cached, through = (outcome_of(phase, system) for system in SYSTEMS[:2])
    known = next(r.published for r in tree_rows()[PHASES.index(phase) :])
    assert known is not None
    assert cached.seconds < known < through.seconds
    assert cached.queue_seconds < 0.02 * known


def test_the_kernel_s_own_is_within_a_factor() -> None:
    """The disk and the cache are not what is wrong: ext3 by the same rules is near."""
    for row in tree_rows():
        if row.system == "kernel":
            assert 0.5 < row.value / (row.published or 1) < 2.2, row.args


def test_the_summary_says_how_far_off() -> None:
    said = tree_summary(tree_rows())
    assert "published 7.3 19 8 18" in said
    assert "ReiserFS 184" in said
    assert max(len(text) for text in said.split("\n")) <= 80
    assert all(system.removeprefix("ntfs-3g-") in said for system in SYSTEMS)
