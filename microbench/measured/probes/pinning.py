"""Where this process runs: on the idlest processor it may use, chosen before numpy is loaded.

A library of numpy starts a thread for every processor it sees, and with a second thread every
call with a descriptor costs more; on one processor it starts none.
"""

from __future__ import annotations

import os
from time import sleep

from microbench.measured.probes.facts import System, idle_share

LOOK_SECONDS = 0.1


def pin() -> int:
    """Stay on one processor; its number."""
    allowed = sorted(os.sched_getaffinity(0))
    before = {cpu: System(cpu=cpu).cpu_times() for cpu in allowed}
    sleep(LOOK_SECONDS)
    idle = {cpu: idle_share(before[cpu], System(cpu=cpu).cpu_times()) or 0.0 for cpu in allowed}
    chosen = max(allowed, key=lambda cpu: (idle[cpu], -cpu))
    os.sched_setaffinity(0, {chosen})
    return chosen
