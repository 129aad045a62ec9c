"""Traces kept between runs of the command, so that a warm run only prices.

A trace that was kept passes the check of a foreign file before it is priced.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from microbench.store import kept
from microbench.trace import Trace
from microbench.trace.check import WIDTHS, check
from microbench.trace.npz import read_arrays

TEXTS = ("places", "scales", "names")
KIND = "trace"
WORTH = 100
"""Operations from which on reading a trace is quicker than making it again."""


def load(name: str) -> Trace | None:
    """The kept trace of a name (`microbench.run.identity`), if there is one that is whole."""
    return kept.load(KIND, name, unpacked)


def keep(name: str, trace: Trace) -> None:
    """Keep a trace that is worth it."""
    if len(trace.operations) >= WORTH:
        kept.keep(KIND, name, packed(trace))


def packed(trace: Trace) -> bytes:
    """A trace as the bytes of an archive."""
    arrays = {name: getattr(trace, name) for name in WIDTHS}
    texts = {name: np.array(getattr(trace, name)) for name in TEXTS}
    out = io.BytesIO()
    np.savez(out, **arrays, **texts)  # type: ignore[arg-type]
    return out.getvalue()


def unpacked(body: bytes, path: Path) -> Trace:
    """The trace of `packed`, checked.

    Raises
    ------
    InputError, MalformedError, KeyError
        If it is damaged.
    """
    arrays = read_arrays(body, path)
    texts = {name: tuple(str(x) for x in arrays[name]) for name in TEXTS}
    trace = Trace(**{name: arrays[name] for name in WIDTHS}, **texts)  # type: ignore[arg-type]
    check(trace)
    return trace
