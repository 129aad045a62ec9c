"""select: one part for each descriptor, within the size of a set."""

from __future__ import annotations

import pytest

from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.linux.select import MOST, select
from tests.linux.heard import Step, heard


def of(count: int) -> Step:
    def step(linux: Linux, process: Process) -> Program:
        assert (yield from select(linux, process, count)) == count

    return step


def test_every_descriptor_is_asked_once_between_begin_and_end() -> None:
    for count in (1, 3):
        (log,) = heard(of(count))
        parts = [name for name in log if name.startswith("select")]
        assert parts == ["select_begin", *["select_descriptor"] * count, "select_end"]


@pytest.mark.parametrize("count", [0, -1, MOST + 1])
def test_no_descriptors_and_more_than_a_set_holds_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="descriptors, not 1 to 1024"):
        heard(of(count))


def test_a_whole_set_is_allowed() -> None:
    assert heard(of(MOST))[0].count("select_descriptor") == MOST
