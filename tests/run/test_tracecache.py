"""Kept traces are the traces that were made, and damage to the store harms nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from microbench import said
from microbench.run import tracecache
from microbench.run.runner import record
from microbench.store import kept
from microbench.trace import Trace, ops
from microbench.trace.check import MalformedError
from microbench.workloads.registry import workloads

NAME = "the ring on native"


def trace() -> Trace:
    workload = workloads("lat_ctx", ["-s", "0", "3"])[0]
    return record(workload, workload.parts()[0], "native")


def test_a_kept_trace_comes_back_the_same(store: Path) -> None:
    made = trace()
    tracecache.keep(NAME, made)
    found = tracecache.load(NAME)
    assert found is not None
    for name in tracecache.WIDTHS:
        assert np.array_equal(getattr(found, name), getattr(made, name))
    for name in tracecache.TEXTS:
        assert getattr(found, name) == getattr(made, name)


def test_another_name_finds_nothing(store: Path) -> None:
    tracecache.keep(NAME, trace())
    assert tracecache.load(NAME + " l4") is None


def cut(content: bytes) -> bytes:
    return content[:100]


def flip(content: bytes) -> bytes:
    return content[:-3000] + bytes([content[-3000] ^ 1]) + content[-2999:]


def sealed_nonsense(content: bytes) -> bytes:
    """A right digest over what is no trace."""
    body = b"PK nonsense"
    return kept.sealed(body)


@pytest.mark.parametrize("damage", [cut, flip, lambda content: b"", sealed_nonsense])
def test_a_damaged_entry_is_none_said_once_and_healed(store: Path, damage: Any) -> None:
    heard: list[str] = []
    said.listen(heard.append)
    tracecache.keep(NAME, trace())
    path = next(store.rglob("trace-*"))
    path.write_bytes(damage(path.read_bytes()))
    assert tracecache.load(NAME) is None
    assert tracecache.load(NAME) is None
    assert len(heard) == 1
    assert str(path) in heard[0]
    assert not path.exists()
    tracecache.keep(NAME, trace())
    assert tracecache.load(NAME) is not None


def test_a_wrong_index_behind_a_right_digest_is_no_trace(store: Path) -> None:
    made = trace()
    table = made.operations.copy()
    table[table[:, 0] == ops.PATH, 1] = 10**9
    content = tracecache.packed(replace(made, operations=table))
    with pytest.raises(MalformedError):
        tracecache.unpacked(content, Path("x"))
