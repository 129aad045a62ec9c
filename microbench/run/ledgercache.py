"""What traces cost on machines, kept between runs of the command: a warm run prices nothing.

The ledgers of a trace hang on the trace and on the machine it is priced on. The name of an
entry holds everything that was handed to the player of the trace, every number and word of the
machine, the factors on paths and which engine runs; code and data stand for the rest
(`microbench.store.kept`).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from microbench.machine import conserve, engine
from microbench.machine.pricing import Ledger
from microbench.run.setup import Setup
from microbench.store import kept

KIND = "ledgers"
LITTLE = "<i8"


@dataclass(frozen=True, eq=False)
class PricedTrace:
    """A trace on a machine.

    Attributes
    ----------
    ledgers : list of Ledger
        One for each of `Trace.slices`.
    marks : int
        How many of them, from the first on, are iterations.
    """

    ledgers: list[Ledger]
    marks: int


def key_of(trace: str, setup: Setup) -> str:
    """The name of an entry: all that decides it.

    Parameters
    ----------
    trace : str
        Name of the trace, see `microbench.run.identity`.
    """
    numbers = sorted((key, n.value, n.unit) for key, n in setup.spec.numbers.items())
    words, scales = sorted(setup.spec.words.items()), sorted(setup.scales.items())
    return repr((trace, numbers, words, scales, engine.CHOICE.kind))


def load(trace: str, setup: Setup) -> PricedTrace | None:
    """The kept ledgers of a trace on a machine; none where every slice is to be checked."""
    return None if conserve.DEBUG else kept.load(KIND, key_of(trace, setup), unpacked)


def keep(trace: str, setup: Setup, priced: PricedTrace) -> None:
    """Keep the ledgers of a trace on a machine."""
    kept.keep(KIND, key_of(trace, setup), packed(priced))


def packed(priced: PricedTrace) -> bytes:
    """A line of JSON with the sizes; then ticks and counters of each slice, 64 bits each."""
    first = priced.ledgers[0]
    head = {"places": first.places, "slices": len(priced.ledgers), "marks": priced.marks}
    arrays = [array for x in priced.ledgers for array in (x.ticks, x.counters)]
    body = b"".join(array.astype(LITTLE).tobytes() for array in arrays)
    return json.dumps(head).encode() + b"\n" + body


def unpacked(content: bytes, path: Path) -> PricedTrace:
    """The ledgers of `packed`.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is damaged.
    """
    line, _, body = content.partition(b"\n")
    head = json.loads(line)
    places, slices, marks = tuple(head["places"]), int(head["slices"]), int(head["marks"])
    shape = (len(places), engine.N_CAUSES)
    table = np.frombuffer(body, LITTLE).astype(np.int64)
    if not 0 < marks <= slices or not all(isinstance(place, str) for place in places):
        raise ValueError("no iterations, or places without names")
    rows = table.reshape(slices, math.prod(shape) + len(engine.COUNTERS))
    cut = math.prod(shape)
    ledgers = [Ledger(row[:cut].reshape(shape), row[cut:], places) for row in rows]
    return PricedTrace(ledgers, marks)
