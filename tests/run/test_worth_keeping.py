"""Only a trace that takes longer to make than to read is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from microbench.run import tracecache
from microbench.run.tracecache import WORTH
from microbench.trace import Trace
from tests.machine.toy import Toy


def trace(operations: int) -> Trace:
    t = Toy()
    for _ in range(operations - 1):
        t.recorder.compute(1)
    t.recorder.mark(0)
    return t.recorder.finish()


@pytest.mark.parametrize(("operations", "there"), [(WORTH - 1, False), (WORTH, True)])
def test_what_is_quicker_made_than_read_is_not_kept(
    store: Path, operations: int, there: bool
) -> None:
    tracecache.keep("name", trace(operations))
    assert (tracecache.load("name") is not None) is there
