"""Ranges kept between runs of the command, beside the traces they were priced from.

The ranges of a machine are one entry, named by every number and word of the machine, their
ranges among them, the factors on paths, the calibrated numbers, the draws and which engine
runs; code and data stand for the rest (`microbench.store.kept`).
"""

from __future__ import annotations

import json
from pathlib import Path

from microbench.machine import engine
from microbench.run.setup import Setup
from microbench.store import kept

KIND = "ranges"
Ranges = dict[str, dict[str, tuple[float, float]]]
"""Row to metric to (low, high)."""


def key_of(setup: Setup, draws: int) -> str:
    """The name of an entry: all that decides it."""
    numbers = sorted(
        (key, q.value, q.unit, q.low, q.high, q.certainty) for key, q in setup.spec.numbers.items()
    )
    told = (
        draws,
        setup.spec.name,
        numbers,
        sorted(setup.spec.words.items()),
        sorted(setup.scales.items()),
        sorted(setup.workload.items()),
        engine.CHOICE.kind,
    )
    return repr(told)


def load(setup: Setup, draws: int) -> Ranges:
    """What is kept for a machine; nothing where there is no entry or it is damaged."""
    return kept.load(KIND, key_of(setup, draws), _unpacked) or {}


def _unpacked(body: bytes, path: Path) -> Ranges:
    found: Ranges = {}
    read = json.loads(body)
    if not isinstance(read, dict) or not all(isinstance(x, dict) for x in read.values()):
        raise TypeError("not rows of metrics")
    for row, metrics in read.items():
        found[row] = {name: (float(low), float(high)) for name, (low, high) in metrics.items()}
    return found


def keep(setup: Setup, draws: int, ranges: Ranges) -> None:
    """Keep the ranges of a machine, with those another run has added."""
    body = json.dumps({**load(setup, draws), **ranges})
    kept.keep(KIND, key_of(setup, draws), body.encode())
