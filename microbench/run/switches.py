"""How often the scheduler of Linux switches processes in one operation: functional, no machine.

Counted in the trace where the scheduler leaves one process's stack for another's.
"""

from __future__ import annotations

import numpy as np

from microbench.run.runner import Outcome, record
from microbench.run.setup import Setup
from microbench.run.shares import main_shares
from microbench.trace import Trace, ops
from microbench.workloads.base import kind_of

ACROSS = "schedule_across"
"""The path between two processes."""


def switches(outcome: Outcome, setup: Setup) -> float:
    """Switches of one operation of a row; 0 where no Linux runs."""
    workload, found = outcome.workload, 0.0
    if kind_of(workload) != "linux":
        return found
    for name, share in main_shares(workload).items():
        part = next(p for p in workload.parts() if p.name == name)
        trace = record(workload, part, outcome.system, setup)
        found += float(share) * switches_in(trace, part.counted)
    return found


def switches_in(trace: Trace, counted: int) -> float:
    """Switches of one iteration of a trace, mean over the last `counted`."""
    ends = [0, *trace.marks]
    table = trace.operations[ends[-counted - 1] : ends[-1]]
    paths = table[table[:, 0] == ops.PATH, 1]
    across = [number for number, name in enumerate(trace.names) if name == ACROSS]
    return float(np.isin(paths, across).sum()) / counted
