"""Misses of one small trace as another cache simulator counts them.

`PYCACHESIM` is what pycachesim 0.3.1 counted for these loads; where valgrind is installed,
`tests/performance/test_callgrind.py` asks callgrind about the same ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from toy import toy

from microbench.machine.pricing import Pricer

sys.path.insert(0, str(Path(__file__).parents[1] / "performance"))

from traces import path_of, walked

LOADS = 100_000
PYCACHESIM = {
    (8, 1, "lru"): 86_834,
    (8, 1, "round_robin"): 86_834,
    (8, 4, "lru"): 87_405,
    (8, 4, "round_robin"): 88_020,
    (8, 32, "lru"): 87_535,
    (8, 32, "round_robin"): 88_220,
    (32, 1, "lru"): 64_741,
    (32, 1, "round_robin"): 64_741,
    (32, 4, "lru"): 61_423,
    (32, 4, "round_robin"): 66_757,
    (32, 32, "lru"): 61_848,
    (32, 32, "round_robin"): 68_357,
}
"""Kilobytes, ways and replacement, lines of 32 bytes, to misses of `LOADS` loads."""


@pytest.mark.parametrize(("size", "ways", "replacement"), PYCACHESIM)
def test_misses_are_those_of_pycachesim(size: int, ways: int, replacement: str) -> None:
    spec = toy(
        l1d__size_bytes=size * 1024.0, l1d__ways=float(ways), l1d__line_bytes=32.0,
        l1d__replacement=replacement,
    )  # fmt: skip
    (ledger,) = Pricer(spec, path_of(walked(LOADS))).iterations()
    assert ledger.count("d_misses") == PYCACHESIM[size, ways, replacement]
    assert ledger.count("d_hits") == LOADS - ledger.count("d_misses")
