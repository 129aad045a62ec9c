"""Random traces for hypothesis: every operation, few pages, so that things meet."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from microbench.trace import Recorder, Template, Trace, ops

REGIONS = 8
small = st.integers(0, 99)
reference = st.tuples(
    st.integers(0, 3), st.integers(0, 1), st.integers(0, 900), st.integers(1, 9), st.integers(0, 4)
)
templates = st.lists(st.lists(reference, min_size=1, max_size=30), min_size=1, max_size=3)
operation = st.tuples(st.integers(0, ops.COALESCING), small, small, small, st.integers(0, 2))
traces = st.tuples(templates, st.lists(operation, min_size=1, max_size=40))


def _regions(recorder: Recorder) -> list:
    make = recorder.layout.region
    return [
        make("kernel", 12288),
        make("large", 1 << 15, flags=ops.LARGE),
        make("user 1", 1 << 14, va=0x10000, space=1),
        make("user 2", 1 << 14, va=0x10000, space=2),
        make("read only", 8192, va=0x40000, space=1, flags=ops.WRITE_THROUGH),
        make("allocating", 8192, va=0x50000, space=1, flags=ops.WRITE_ALLOCATE),
        make("device", 8192, va=0x60000, space=2, flags=ops.UNCACHED),
        make("alias", 8192, va=0x90000, space=2, frame=0x10003),
    ]


def _template(number: int, rows: list[tuple[int, ...]]) -> Template:
    table = np.array(rows, np.int32)
    table[:, 2] *= 4
    special = table[:, 0] == ops.COPROCESSOR
    table[special, 3] %= len(ops.SPECIALS)
    scale = ("", "linux", "l4/x")[number % 3]
    return Template(f"t{number}", ("a", "b"), table, scale, "shape", "", "")


def build(drawn: tuple, iterations: int = 3) -> Trace:
    """The trace a draw stands for, repeated so that caches are warm."""
    rows, steps = drawn
    recorder = Recorder()
    regions = _regions(recorder)
    paths = [_template(i, r) for i, r in enumerate(rows)]
    for turn in range(iterations):
        for kind, a, b, c, place in steps:
            with recorder.place(f"place {place}"):
                _emit(recorder, regions, paths, kind, a, b, c)
        recorder.mark(turn)
    return recorder.finish()


def _emit(
    recorder: Recorder, regions: list, paths: list, kind: int, a: int, b: int, c: int
) -> None:
    one, two = regions[a % REGIONS], regions[b % REGIONS]
    if kind in (ops.PATH, ops.MARK):
        recorder.path(paths[c % len(paths)], a=one, b=two)
    elif kind == ops.LOOP:
        recorder.loop(
            1 + a, (4, 8, 16, 20, 32)[b % 5], one, 1 + c % 4,
            source=None if c % 3 == 1 else one, target=None if c % 3 == 0 else two,
            load_words=(1, 4)[c % 2], store_words=(1, 4)[b % 2], dependent=a % 2,
            element_bytes=(0, 12)[a % 2], body_bytes=(0, 96, 400)[b % 3],
        )  # fmt: skip
    else:
        recorder.emit(kind, *_arguments(kind, one.base, a, b, c))


def _arguments(kind: int, address: int, a: int, b: int, c: int) -> tuple[int, ...]:
    if kind in (ops.FLUSH_RANGE, ops.CLEAN_RANGE):
        return (address + b, 1 + 20 * c, a % 2)
    if kind == ops.PTE_WRITE:
        return (address + 8 * b,)
    if kind == ops.TLB_INVALIDATE:
        return (address if b % 4 else -1,)
    if kind == ops.IDLE:
        return (20 * a,)
    bounds = {ops.TRAP: 3, ops.SWITCH: 3, ops.SPECIAL: 8, ops.COALESCING: 2}
    second = {ops.SWITCH: b % 3, ops.COMPUTE: 0, ops.DEVICE_START: 100 * b}
    return (a % bounds.get(kind, 64), second.get(kind, b))
