"""The recorded small process, put together from its parts, costs what was recorded.

The recording (LNX-PATHS, 2.6.12) is of a static process with one text, one data, one bss and
one stack mapping and 21 present pages, which forks, exits and waits in a loop. Its counts are
those of `fork_exit_wait`; what its cache simulation found is compared with this engine's.
"""

from __future__ import annotations

import pytest
from recorded import TEXT, counted, instructions, space

from microbench.linux.exit import exit_process, wait
from microbench.linux.faults import touch
from microbench.linux.fork import fork
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.systems.native import Native
from microbench.trace import Trace, ops

STACK = 0x1EE0
ITERATIONS, OPEN_FILES, OTHER_CHILDREN = 6, 11, 8

RECORDED_INSTRUCTIONS = 30_986
"""All of fork_exit_wait, with the routines of another core."""
RECORDED_ROUTINES = 7_247 + 3_134 + 1_040 + 1_155 + 484 + 2 * 393 + 16
"""Flushes, switches, entries, clearing and copying of tables, and the switch of stacks."""
RECORDED_USER = 22
SIMULATED = {"i_misses": 1_224.0, "d_misses": 894.9, "flushed_dirty": 300.9, "flushes": 4.0}


def _child(linux: Linux, child: Process) -> Program:
    child.open_files = OPEN_FILES
    touch(linux.memory, child, TEXT)
    yield from exit_process(linux, child, 0)


def _program(linux: Linux, process: Process) -> Program:
    space(linux, process, STACK)
    others = [Process(100 + i, "other", kernel_regions={}) for i in range(OTHER_CHILDREN)]
    process.children += others
    for turn in range(ITERATIONS):
        touch(linux.memory, process, STACK + 20, write=True)
        yield from fork(linux, process, "child", _child)
        process.output.append((yield from wait(linux, process)))
        linux.host.recorder.mark(turn)


@pytest.fixture(scope="module")
def trace() -> Trace:
    host = Native()
    linux = Linux(host)
    process = linux.spawn("parent", _program)
    linux.run()
    assert process.mm.present == 21
    assert [code for _, code in process.output] == [0] * ITERATIONS
    return host.recorder.finish()


def test_instructions_are_those_recorded(trace: Trace) -> None:
    first, last = trace.marks[-2:]
    expected = RECORDED_INSTRUCTIONS - RECORDED_ROUTINES - RECORDED_USER
    assert instructions(trace, first, last) == pytest.approx(expected, rel=0.04)


def test_every_further_page_costs_its_slope(trace: Trace) -> None:
    """269 instructions a page, of which 3 x 16 write entries (LNX-PATHS 5)."""
    names = {name: i for i, name in enumerate(trace.names)}
    sizes = {
        name: _instructions_of(trace, names[name]) for name in ("fork_entry", "exit_entry_shared")
    }
    assert sum(sizes.values()) == pytest.approx(269 - 3 * 16, rel=0.15)


def _instructions_of(trace: Trace, number: int) -> int:
    a, b = trace.templates[number, :2]
    return int(trace.refs[a:b][trace.refs[a:b, 0] == ops.FETCH, 3].sum())


@pytest.mark.parametrize(
    ("counter", "tolerance"),
    [("i_misses", 0.03), ("d_misses", 0.08), ("flushed_dirty", 0.10), ("flushes", 0.0)],
)
def test_misses_are_those_simulated(trace: Trace, counter: str, tolerance: float) -> None:
    assert counted(trace, counter) == pytest.approx(SIMULATED[counter], rel=tolerance, abs=0.0)
