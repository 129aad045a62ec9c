"""The cut paths say what the recording says: counts, and the same file when made again."""

from __future__ import annotations

import numpy as np
import pytest

from microbench.datafiles import data_dir
from microbench.recording.__main__ import build
from microbench.recording.owners import Owners
from microbench.recording.raw import Recording
from microbench.trace import ops
from microbench.trace.recorded import load_recorded

NAME = "linux-2.6.12"


def test_the_path_file_is_what_the_cuts_make() -> None:
    made = build(NAME)
    with np.load(data_dir() / "kernels" / f"{NAME}.npz") as stored:
        assert set(made) == set(stored.files)
        for key in stored.files:
            assert np.array_equal(made[key], stored[key]), key


def test_the_null_call_has_the_published_counts() -> None:
    paths = load_recorded(NAME).paths
    null = [paths[name] for name in ("enter", "getppid", "leave")]
    assert sum(p.instructions for p in null) == 50  # LNX-PATHS: 60 with 10 of the caller's loop
    assert sum(p.words(ops.LOAD) for p in null) == 30
    assert sum(p.words(ops.STORE) for p in null) == 23


def test_a_pipe_hop_has_the_counted_instructions() -> None:
    paths = load_recorded(NAME).paths
    hop = (
        *("pipe_write_begin", "pipe_write_filled", "pipe_wake_reader", "pipe_write_end"),
        *("pipe_read_begin", "pipe_wait", "schedule_out", "schedule_across", "schedule_in"),
        *("pipe_waited", "pipe_read_found", "pipe_read_emptied", "pipe_wake_writer_none"),
        *("pipe_read_end", "enter", "enter", "leave", "leave"),
    )
    total = sum(paths[name].instructions for name in hop)
    assert total == pytest.approx(1861 - 13 - 31, abs=25)  # without user code and user copy


def test_owners_tell_pipe_from_process_from_kernel() -> None:
    recording = Recording(data_dir() / "kernels" / "recordings" / f"{NAME}.npz")
    owners = Owners(recording, ["pipe_pingpong_1B_roundtrip"])
    operation = recording.operation("pipe_pingpong_1B_roundtrip")
    heap = recording.classes.index("kheap")
    kinds = {
        owners.place(int(a) >> 5)[0]
        for a, cls in zip(operation.column["addr"], operation.column["cls"], strict=True)
        if cls == heap
    }
    assert kinds == {"kernel", "object", "process"}
