"""What must be said beside a value: whose kernel paths they are, how many numbers are guesses."""

from __future__ import annotations

from microbench.machine.bounds import doubts_text
from microbench.reference.load import packaged
from microbench.run.setup import Setup

RECORDED_ON = ("armv4", "armv5")
FOREIGN = (
    "the paths of Linux and of its server are those of ARM kernels of 2004 to 2007, replayed "
    "instruction by instruction; another instruction set has other counts"
)


def caveats(setup: Setup, kind: str = "linux") -> list[str]:
    """Sentences about values of a kind of part on a machine; none for the talk's own.

    They go to stderr and, as notes, into everything that is exported.
    """
    found = []
    published = {p.machine for p in packaged()}
    if setup.machine != setup.spec.name and setup.spec.name in published:
        found.append(f"nothing was published about {setup.machine}, so nothing stands beside it")
    if setup.spec.name != "pxa255":
        found += filter(None, [doubts_text(setup.spec)])
    if kind == "linux" and setup.spec.words.get("architecture") not in RECORDED_ON:
        found.append(FOREIGN)
    return found
