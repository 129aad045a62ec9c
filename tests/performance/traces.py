"""The traces and the rivals of the performance tests.

A and B are 10 million loads over 1 MB. A is a third each sequential, strided and random; B is
A with 95 % of its 32-byte blocks folded into 16 KB. Both are given to the engine as one path
of 10 million references, so that everybody sees the same addresses one by one.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from microbench.trace import Recorder, Template, Trace, ops

REFERENCES = 10_000_000
SPAN = 1 << 20
STRIDE = 36
FOLDED = 16 << 10
SEED = 1
SOURCE = Path(__file__).with_name("reference.c")


@cache
def addresses(kind: str, count: int = REFERENCES) -> np.ndarray:
    """Byte addresses of trace "A" or "B", int64 (count,)."""
    draw = np.random.default_rng(SEED)
    third = count // 3
    found = np.concatenate(
        [
            np.arange(third) * 4 % SPAN,
            np.arange(third) * STRIDE % SPAN,
            draw.integers(0, SPAN // 4, count - 2 * third) * 4,
        ]
    )
    if kind == "B":
        block = found >> 5
        folded = draw.random(SPAN >> 5) < 0.95
        found = np.where(folded[block], block % (FOLDED >> 5) << 5 | found & 31, found)
    return found.astype(np.int64)


@cache
def walked(count: int) -> np.ndarray:
    """Byte addresses of the loads of `walk.c`, int64 (count,)."""
    found, x = np.zeros(count, np.int64), 1
    for i in range(count):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        found[i] = 4 * (x >> 14 & (4095 if i & 1 else -1))
    return found


def path_of(loads: np.ndarray) -> Trace:
    """One path that loads a word at each address."""
    recorder = Recorder()
    region = recorder.layout.region("data", SPAN, space=1)
    refs = np.zeros((len(loads), 5), np.int32)
    refs[:, 0], refs[:, 2], refs[:, 3] = ops.LOAD, loads, 1
    recorder.path(Template("loads", ("data",), refs, "", "shape", "", ""), data=region)
    recorder.mark()
    return recorder.finish()


def references(trace: Trace) -> int:
    """References of all paths and loops of a trace."""
    table = trace.operations
    paths = trace.templates[table[table[:, 0] == ops.PATH, 1]]
    loops = trace.loops[table[table[:, 0] == ops.LOOP, 1]]
    sides = (loops[:, 4] > 0).astype(np.int64) + (loops[:, 5] > 0)
    return int((paths[:, 1] - paths[:, 0]).sum() + (loops[:, 2] * sides).sum())


def compiler() -> str | None:
    """A C compiler, if there is one."""
    return shutil.which("gcc") or shutil.which("cc")


def c_reference(folder: Path) -> Callable[[np.ndarray], int]:
    """The C reference, compiled with -O3: hits of a list of addresses in a cache of its own."""
    library = folder / "reference.so"
    words = [str(compiler()), "-O3", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    subprocess.run(words, check=True)
    code = ctypes.CDLL(str(library))
    code.simulate.restype = ctypes.c_int64

    def simulate(loads: np.ndarray) -> int:
        code.reset()
        where = loads.ctypes.data_as(ctypes.c_void_p)
        return int(code.simulate(where, ctypes.c_int64(len(loads))))

    return simulate
