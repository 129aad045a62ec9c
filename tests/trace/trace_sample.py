"""A small trace with every operation, for tests of traces and their files."""

from __future__ import annotations

import numpy as np

from microbench.trace import Recorder, Template, Trace, ops

REFS = [
    (ops.FETCH, 0, 0, 8, ops.BRANCH),
    (ops.LOAD, 1, 4, 1, 0),
    (ops.STORE, 1, 36, 2, 0),
    (ops.COPROCESSOR, 0, 0, 3, 1),
    (ops.FETCH, 0, 32, 4, ops.RETURN_LOAD),
]


def template(rows: list[tuple[int, int, int, int, int]] = REFS, name: str = "path") -> Template:
    roles = ("text", "object")
    return Template(name, roles, np.array(rows, np.int32), "linux", "shape", "TEST", "estimate")


def sample(iterations: int = 2) -> Trace:
    """A trace that uses each operation once per iteration."""
    recorder = Recorder()
    text = recorder.layout.region("text", 4096)
    data = recorder.layout.region("data", 8192, va=0x10000, space=1)
    path = template()
    for turn in range(iterations):
        with recorder.place("kernel"):
            recorder.path(path, text=text, object=data)
            for kind, a, b, c in (
                (ops.TRAP, 0, 0, 0),
                (ops.TRAP_RETURN, 0, 0, 0),
                (ops.SWITCH, turn, ops.FULL, 0),
                (ops.FLUSH_ALL, 0, 0, 0),
                (ops.FLUSH_RANGE, data.base, 64, 0),
                (ops.CLEAN_RANGE, data.base, 64, 0),
                (ops.PTE_WRITE, data.base, 0, 0),
                (ops.TLB_INVALIDATE, data.base, 0, 0),
                (ops.TLB_INVALIDATE, -1, 0, 0),
                (ops.DRAIN, 0, 0, 0),
                (ops.SPECIAL, 2, 1, 0),
                (ops.IDLE, 100, 0, 0),
                (ops.COMPUTE, 10, 0, 0),
                (ops.DEVICE_START, 1, 100, 0),
                (ops.DEVICE_WAIT, 1, 0, 0),
                (ops.COALESCING, 1, 0, 0),
            ):
                recorder.emit(kind, a, b, c)
        recorder.loop(16, 4, text.at(1024), 3, source=data, target=data.at(4096))
        recorder.mark(turn)
    return recorder.finish()
