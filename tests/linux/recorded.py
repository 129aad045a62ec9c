"""The small static process of the recording (LNX-PATHS, 2.6.12), and what its trace is held to."""

from __future__ import annotations

import numpy as np

from microbench.linux.faults import touch
from microbench.linux.kernel import Linux
from microbench.linux.pagetable import AddressSpace
from microbench.linux.process import Process
from microbench.linux.vma import Vma
from microbench.machine import engine
from microbench.machine.pricing import Pricer
from microbench.run.setup import NONE, prepare
from microbench.trace import Trace, ops

TEXT, DATA, BSS = 8, 16, 17


def space(linux: Linux, process: Process, stack: int) -> None:
    """Give a process the recorded one's mappings, its stack from page `stack`, and pages."""
    memory = linux.memory
    mm = process.mm = AddressSpace(process.space)
    file = memory.file("init", 3)
    mm.add(Vma(TEXT, 2, memory.vma_region(), file, 0, False, True, name="text"))
    mm.add(Vma(DATA, 1, memory.vma_region(), file, 2, name="data"))
    mm.add(Vma(BSS, 17, memory.vma_region(), name="bss"))
    mm.add(Vma(stack, 21, memory.vma_region(), executable=True, name="stack"))
    for page in (TEXT, TEXT + 1):
        touch(memory, process, page)
    for page in (DATA, *range(BSS, BSS + 17), stack + 20):
        touch(memory, process, page, write=True)


def instructions(trace: Trace, first: int, last: int) -> int:
    """Of the kernel's paths among the operations from `first` to `last`."""
    user = trace.places.index("user")
    counts = np.array(
        [
            trace.refs[a:b][trace.refs[a:b, 0] == ops.FETCH, 3].sum()
            for a, b in trace.templates[:, :2]
        ]
    )
    rows = trace.operations[first:last]
    return int(counts[rows[(rows[:, 0] == ops.PATH) & (rows[:, 4] != user), 1]].sum())


def counted(trace: Trace, counter: str) -> float:
    """A counter of the last iteration, on the machine as it is stated."""
    ledger = Pricer(prepare("pxa255", (), NONE).spec, trace, {}).iterations()[-1]
    return float(ledger.counters[engine.COUNTERS.index(counter)])
