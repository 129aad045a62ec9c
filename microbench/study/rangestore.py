"""Ranges kept between runs of the command, beside the traces they were priced from.

A range hangs on the traces (code and data of this package) and on the machine with all its
numbers; the file is named by a hash over both. Where it cannot be written, ranges are worked
out each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from microbench.run import tracecache
from microbench.run.setup import Setup

Ranges = dict[str, dict[str, tuple[float, float]]]
"""Row to metric to (low, high)."""


def _file(setup: Setup, draws: int) -> Path | None:
    place = tracecache.folder()
    if place is None:
        return None
    numbers = sorted(
        (key, q.value, q.low, q.high, q.certainty) for key, q in setup.spec.numbers.items()
    )
    told = (
        draws,
        setup.spec.name,
        numbers,
        sorted(setup.spec.words.items()),
        sorted(setup.scales.items()),
        sorted(setup.workload.items()),
    )
    return place / f"ranges-{hashlib.sha256(repr(told).encode()).hexdigest()[:24]}.json"


def load(setup: Setup, draws: int) -> Ranges:
    """What is kept for a machine; nothing where there is no file or it cannot be read."""
    path = _file(setup, draws)
    if path is None or not path.exists():
        return {}
    try:
        head, _, body = path.read_text(encoding="utf-8").partition("\n")
        read = json.loads(body) if head == _digest(body) else {}
        return {
            row: {metric: (float(low), float(high)) for metric, (low, high) in metrics.items()}
            for row, metrics in read.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _digest(body: str) -> str:
    """What a damaged file would not match."""
    return hashlib.sha256(body.encode()).hexdigest()


def keep(setup: Setup, draws: int, ranges: Ranges) -> None:
    """Keep the ranges of a machine, whole or not at all, with those another run has added."""
    path = _file(setup, draws)
    if path is None:
        return
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        body = json.dumps({**load(setup, draws), **ranges})
        partial.write_text(f"{_digest(body)}\n{body}", encoding="utf-8")
        partial.replace(path)
