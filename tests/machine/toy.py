"""A machine of 2 sets x 2 ways whose costs can be done in the head, and ways to drive it.

Lines are 32 bytes, so a cache holds 128 bytes and addresses 64 bytes apart share a set. Core
and memory run at 100 MHz, one cycle is 10 ns. A line fill takes 20 cycles, a word read 16, a
write 4, a table walk 30; an instruction takes 1, and everything else is free until a test
says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from microbench.machine import schema
from microbench.machine.pricing import Ledger, Pricer
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity
from microbench.trace import Recorder, Region, Template, ops

FILL, READ, WRITE, WALK = 20, 16, 4, 30
NUMBERS = {
    "core.clock_hz": 100e6,
    "core.instruction_cycles": 1,
    "sdram.clock_hz": 100e6,
    "sdram.overhead_clocks": 10,
    "sdram.cas_clocks": 5,
    "sdram.line_beats_clocks": 5,
    "sdram.write_clocks": WRITE,
    "sdram.row_miss_clocks": 0,
    "sdram.row_bytes": 4096,
    "sdram.banks": 1,
    "l1d.dirty_bytes": 16,
    "write_queue.entries": 2,
    "itlb.entries": 4,
    "dtlb.entries": 4,
    "tlb.walk_cycles": WALK,
    **{f"{c}.size_bytes": 128 for c in ("l1i", "l1d")},
    **{f"{c}.ways": 2 for c in ("l1i", "l1d")},
    **{f"{c}.line_bytes": 32 for c in ("l1i", "l1d")},
}
WORDS = {
    "space_switch": "full",
    "l1i.index": "vivt",
    "l1d.index": "vivt",
    "l1i.replacement": "round_robin",
    "l1d.replacement": "round_robin",
    "l1d.write_allocate": "no",
    "l1d.write_policy": "write_back",
    "tlb.tag": "none",
    "tlb.global_pages": "no",
    "tlb.walk": "cached",
    "write_queue.coalesces": "yes",
}


def toy(**changes: float | str) -> MachineSpec:
    """The toy machine; `l1d__ways=4` changes the key `l1d.ways`."""
    numbers, words = dict.fromkeys(schema.NUMBERS, 0.0) | NUMBERS, dict(WORDS)
    for name, value in changes.items():
        (words if isinstance(value, str) else numbers)[name.replace("__", ".")] = value  # type: ignore[index]
    found = {k: Quantity(v, "", "TOY", "choice", v, v) for k, v in numbers.items()}
    return MachineSpec("toy", "a toy", "toy", found, words)


class Toy:
    """A recorder with some memory, and short ways to say what happens.

    Attributes
    ----------
    text, data, kernel : Region
        Code, data of space 1, data of the kernel (space 0); 16 KB each, page aligned.
    """

    def __init__(self) -> None:
        self.recorder = Recorder()
        layout = self.recorder.layout
        self.text = layout.region("text", 1 << 14, va=0x10000, frame=0x100)
        self.data = layout.region("data", 1 << 14, va=0x20000, frame=0x200, space=1)
        self.kernel = layout.region("kernel", 1 << 14, va=0x40000, frame=0x300)
        self.emit = self.recorder.emit

    def page(self, flags: int, space: int = 1, frame: int | None = None) -> Region:
        """One more page."""
        return self.recorder.layout.region("page", 4096, space=space, flags=flags, frame=frame)

    def refs(self, rows: Sequence[tuple[int, ...]], region: Region, scale: str = "") -> None:
        """A path of these references, all into one region."""
        table = np.array([(kind, 0, *rest) for kind, *rest in rows], np.int32)
        self.recorder.path(Template("t", ("r",), table, scale, "shape", "", ""), r=region)

    def load(self, *offsets: int, region: Region | None = None) -> None:
        """Load one word at each offset."""
        self.refs([(ops.LOAD, o, 1, 0) for o in offsets], region or self.data)

    def store(self, *offsets: int, region: Region | None = None) -> None:
        """Store one word at each offset."""
        self.refs([(ops.STORE, o, 1, 0) for o in offsets], region or self.data)

    def fetch(self, *offsets: int, n: int = 1, how: int = ops.FALL_THROUGH) -> None:
        """Execute n instructions at each offset."""
        self.refs([(ops.FETCH, o, n, how) for o in offsets], self.text)


def price(
    spec: MachineSpec, *steps: Callable[[Toy], None], scales: dict[str, float] | None = None
) -> list[Ledger]:
    """One ledger per step, on a machine that starts empty."""
    toy_run = Toy()
    for step in steps:
        step(toy_run)
        toy_run.recorder.mark()
    return Pricer(spec, toy_run.recorder.finish(), scales).iterations()


def last(spec: MachineSpec, *steps: Callable[[Toy], None]) -> Ledger:
    """The ledger of the last step."""
    return price(spec, *steps)[-1]


def causes(ledger: Ledger) -> dict[str, float]:
    """Cycles by cause, those that are not zero."""
    return {name: cycles for name, cycles in ledger.by_cause().items() if cycles}
