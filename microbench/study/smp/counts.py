"""CPU counts of a study: those asked for, else the usual ones as far as the machine goes.

Knows: how many CPUs a machine has. Refuses to know: which study asks.
"""

from __future__ import annotations

from collections.abc import Sequence

Counts = Sequence[int] | None


def fitting(counts: Counts, usual: Sequence[int], machine: str | None) -> Sequence[int]:
    """The counts that were asked for, else the usual ones as far as a chosen machine goes."""
    from microbench.smp.machine import load_machine

    if counts or machine is None:
        return sorted(set(counts or usual))
    most = load_machine(machine).count("topology.cpus")
    return usual if usual[-1] <= most else [*(n for n in usual if n < most), most]
