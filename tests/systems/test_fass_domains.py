"""Fifteen spaces own a domain; the sixteenth takes somebody's, and that costs a flush."""

from __future__ import annotations

from itertools import pairwise

import pytest

from microbench.linux.process import Process
from microbench.systems.fass import NativeFass
from microbench.trace import ops

OWNERS = 15


def _kinds(host: NativeFass, spaces: list[int]) -> list[int]:
    """Kinds of operation a walk over the spaces appends to the trace."""
    start = host.recorder.position
    processes = [Process(space, str(space), space=space) for space in spaces]
    for previous, following in pairwise(processes):
        host.switch(previous, following)
    return [int(kind) for kind in host.recorder.finish().operations[start:, 0]]


@pytest.mark.parametrize(("spaces", "flushes"), [(2, False), (OWNERS, False), (OWNERS + 1, True)])
def test_one_space_too_many_flushes(spaces: int, flushes: bool) -> None:
    host = NativeFass()
    ring = [*range(1, spaces + 1), 1]
    _kinds(host, ring)
    assert (ops.FLUSH_ALL in _kinds(host, ring)) is flushes


def test_a_closed_space_gives_its_domain_back() -> None:
    host = NativeFass()
    _kinds(host, [*range(1, OWNERS + 1), 1])
    gone = Process(2, "gone", space=2)
    host.flush_mm(gone)
    host.close_space(gone, 2)
    assert ops.FLUSH_ALL not in _kinds(host, [1, 99, 1])
