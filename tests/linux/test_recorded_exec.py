"""The recorded static program, exec'd by the recorded small process, costs what was recorded.

`fork_exec_exit_wait_hello` of LNX-PATHS (2.6.12): the child execs a static program that runs
12 pages of text, reads and then writes 6 of data and writes 4 of zero-filled memory.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from recorded import BSS, TEXT, counted, instructions, space

from microbench.linux.exec import STACK_TOP, execve
from microbench.linux.exit import exit_process, wait
from microbench.linux.faults import touch
from microbench.linux.fork import fork
from microbench.linux.image import Image
from microbench.linux.kernel import Linux
from microbench.linux.process import Process, Program
from microbench.systems.native import Native
from microbench.trace import Trace, ops

STACK = STACK_TOP - 21
HELLO = Image("hello", 13, 6, 4)
ITERATIONS, OPEN_FILES, OTHER_CHILDREN = 5, 11, 8

RECORDED_INSTRUCTIONS = 112_378
RECORDED_ROUTINES = 29_704 + 4_701 + 1_920 + 6_718 + 2 * (1_155 + 484) + 4 * 393 + 409 + 16
"""Flushes, switches, entries, pages cleared and copied, directories, tables, an argument page."""
RECORDED_USER = 200
RECORDED_FAULTS = 33
SIMULATED = {"i_misses": 2_829.0, "d_misses": 2_416.9, "flushes": 5.0}


def _child(linux: Linux, child: Process) -> Program:
    memory = linux.memory
    child.open_files = OPEN_FILES
    touch(memory, child, TEXT)
    for page in (TEXT + 1, BSS, STACK + 20):
        touch(memory, child, page, kernel=True)
    at, loader = yield from execve(linux, child, HELLO, None)
    assert loader is None
    for page in range(at.text, at.text + 12):
        touch(memory, child, page)
    for page in range(at.data, at.data + 6):
        touch(memory, child, page)
        touch(memory, child, page, write=True)
    for page in range(at.bss, at.bss + 4):
        touch(memory, child, page, write=True)
    yield from exit_process(linux, child, 0)


def _program(linux: Linux, process: Process) -> Program:
    space(linux, process, STACK)
    process.children += [
        Process(100 + i, "other", kernel_regions={}) for i in range(OTHER_CHILDREN)
    ]
    for turn in range(ITERATIONS):
        touch(linux.memory, process, STACK + 20, write=True)
        yield from fork(linux, process, "child", _child)
        process.output.append((yield from wait(linux, process)))
        linux.host.recorder.mark(turn)


@pytest.fixture(scope="module")
def trace() -> Trace:
    host = Native()
    linux = Linux(host)
    linux.spawn("parent", _program)
    linux.run()
    return host.recorder.finish()


def _last(trace: Trace) -> np.ndarray:
    first, last = trace.marks[-2:]
    return trace.operations[first:last]


def test_faults_are_those_recorded(trace: Trace) -> None:
    rows = _last(trace)
    counts = Counter(trace.names[row[1]] for row in rows if row[0] == ops.PATH)
    assert counts["fault_enter"] == RECORDED_FAULTS
    assert counts["fault_anonymous"] == 4
    assert counts["fault_copy"] == 6
    assert counts["fault_reuse"] == 1
    assert counts["fault_file"] == 18


def test_instructions_are_those_recorded(trace: Trace) -> None:
    first, last = trace.marks[-2:]
    expected = RECORDED_INSTRUCTIONS - RECORDED_ROUTINES - RECORDED_USER
    assert instructions(trace, first, last) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(
    ("counter", "tolerance"), [("i_misses", 0.10), ("d_misses", 0.10), ("flushes", 0.0)]
)
def test_misses_are_those_simulated(trace: Trace, counter: str, tolerance: float) -> None:
    assert counted(trace, counter) == pytest.approx(SIMULATED[counter], rel=tolerance, abs=0.0)
