"""How full caches and translation buffers are in a warm loop: rows on a capacity cliff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microbench.machine.spec import MachineSpec
from microbench.trace import Trace, ops

CLIFF = (0.8, 1.5)


@dataclass(frozen=True)
class Occupancy:
    """Shares of capacity that one iteration touches; above 1 it cannot all stay."""

    l1i: float
    l1d: float
    itlb: float
    dtlb: float

    @property
    def on_cliff(self) -> list[str]:
        """Structures between 80 and 150 per cent: a small change moves the row a lot."""
        return [
            n for n in ("l1i", "l1d", "itlb", "dtlb") if CLIFF[0] <= getattr(self, n) <= CLIFF[1]
        ]


def occupancy(trace: Trace, spec: MachineSpec) -> Occupancy:
    """Of the last marked iteration of a trace."""
    ends = trace.marks
    first = ends[-2] if len(ends) > 1 else 0
    code, data = _addresses(trace, first, ends[-1])
    return Occupancy(
        _lines(code, spec, "l1i"),
        _lines(data, spec, "l1d"),
        _entries(trace, code) / spec.value("itlb.entries"),
        _entries(trace, data) / spec.value("dtlb.entries"),
    )


def _addresses(trace: Trace, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Slot addresses fetched and loaded, each path once per frame; a store alone allocates
    nothing here."""
    code, data = [], []
    table = trace.operations[first:last]
    paths = table[table[:, 0] == ops.PATH]
    for number in np.unique(paths[:, 1] * len(trace.frames) + paths[:, 2]).tolist():
        template, frame = divmod(number, len(trace.frames))
        refs = trace.refs[trace.templates[template, 0] : trace.templates[template, 1]]
        where = trace.frames[frame][refs[:, 1]] + refs[:, 2]
        code.append(where[refs[:, 0] == ops.FETCH])
        data.append(where[refs[:, 0] == ops.LOAD])
    for number in np.unique(table[table[:, 0] == ops.LOOP, 1]).tolist():
        row = trace.loops[number]
        if row[0] >= 0:
            data.append(row[0] + row[3] * np.arange(row[2]))
    return _joined(code), _joined(data)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _lines(addresses: np.ndarray, spec: MachineSpec, cache: str) -> float:
    line = int(spec.value(f"{cache}.line_bytes"))
    return len(np.unique(addresses // line)) * line / spec.value(f"{cache}.size_bytes")


def _entries(trace: Trace, addresses: np.ndarray) -> int:
    return len(np.unique(trace.pages[np.unique(addresses >> 12), 5]))
