"""How far rows that replay ARM paths are off on machines of another architecture.

Knows what was measured on boards of the same core, beside native rows as they were modelled.
Refuses to correct anything: the factor is said, not applied.
"""

from __future__ import annotations

from collections.abc import Iterable

from microbench.reference.today import measured_boards
from microbench.row import Row
from microbench.run.setup import Setup


def factors(rows: Iterable[Row], setup: Setup) -> list[float]:
    """Time measured over time modelled, for each measured value of a native row.

    A board's clock stands in the place of the machine's.
    """
    modelled = {
        (row.benchmark, row.args): row
        for row in rows
        if row.system == "native" and row.metric in ("latency", "bandwidth")
    }
    clock = setup.spec.value("core.clock_hz")
    found = []
    for value in measured_boards():
        row = modelled.get((value.benchmark, value.args))
        if row is None or value.board.machine != setup.spec.name or value.unit != row.unit:
            continue
        slower = value.value / row.value if row.better == "smaller" else row.value / value.value
        found.append(slower * value.board.clock_hz / clock)
    return found


def said(rows: Iterable[Row], setup: Setup) -> str:
    """One line about the measured factor; that there is none where no board was measured."""
    found = factors(rows, setup)
    name = setup.spec.name
    if not found:
        return f"{name}: no board measured for these rows, so nobody knows by how much they are off"
    low, high = min(found), max(found)
    return (
        f"{name}: boards measured took {low:.1f} to {high:.1f} times as long as modelled here "
        f"({len(found)} values); `mkbench table today` replays a kernel of this architecture"
    )
