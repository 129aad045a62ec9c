"""What "cold" means: bytes come from the device, and that never costs less than having them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from microbench.run.files import BASE, _played, timed
from microbench.run.files import outcome as priced
from microbench.run.setup import prepare
from microbench.trace import ops
from microbench.workloads.files import FileBench
from microbench.workloads.registry import file_benches

READS = [
    ("fs_op", "read 4k", 0), ("bw_fs_rd", "64k", 0), ("fs_tree", "3 4k", 2), ("fs_mix", "web", 0),
]  # fmt: skip


def bench(name: str, words: str, cache: str, disk: str, which: int) -> FileBench:
    found: Sequence[FileBench] = file_benches(
        name, [*words.split(), "--cache", cache, "--disk", disk]
    )
    return found[which]


def transfers(one: FileBench, system: str) -> list[int]:
    """Starts of the device in each counted stretch."""
    trace = _played(one, system, "value").trace
    starts = trace.operations[:, 0] == ops.DEVICE_START
    ends = [0, *trace.marks]
    kept = timed(trace)[-one.counted :]
    return [int(starts[ends[i] : ends[i + 1]].sum()) for i in kept]


@pytest.mark.parametrize("system", ["native", "native-fuse", "l4-server"])
@pytest.mark.parametrize(("name", "words", "which"), READS)
def test_a_cold_read_starts_the_device_and_a_warm_one_does_not(
    name: str, words: str, which: int, system: str
) -> None:
    cold = transfers(bench(name, words, "cold", "ata", which), system)
    assert min(cold) > 0, cold
    assert set(transfers(bench(name, words, "warm", "ata", which), system)) == {0}


@pytest.mark.parametrize("words", ["read 4k", "read 64k", "write 64k"])
def test_a_cold_file_costs_no_less_than_a_warm_one(words: str) -> None:
    """Also where the file is larger than the data cache, and its pages lie where they lay."""
    setup = prepare("pxa255")
    cold, warm = (
        priced(bench("fs_op", words, cache, "ram", 0), BASE, setup).us(setup)
        for cache in ("cold", "warm")
    )
    assert warm < cold < 2 * warm
