"""What must be said beside a value: whose kernel paths they are, how many numbers are guesses."""

from __future__ import annotations

from collections.abc import Iterable

from microbench.machine.bounds import doubts_text, of_one_cpu
from microbench.machine.clocks import clock_doubts
from microbench.reference.load import packaged
from microbench.run.setup import Setup
from microbench.systems.registry import find

RECORDED_ON = ("armv4", "armv5")
FOREIGN = (
    "the paths of Linux and of its server are those of ARM kernels of 2004 to 2007, replayed "
    "instruction by instruction; another instruction set has other counts"
)


def caveats(setup: Setup, kind: str = "linux", replayed: Iterable[str] = ()) -> list[str]:
    """Sentences about values of a kind of part on a machine; none for the talk's own.

    They go to stderr and, as notes, into everything that is exported.

    Parameters
    ----------
    kind : str
        "recorded" where nothing else is run.
    replayed : iterable of str
        Systems whose operations are replayed as they were recorded.
    """
    found = [_replayed(setup, system) for system in replayed]
    published = {p.machine for p in packaged()}
    if setup.machine != setup.spec.name and setup.spec.name in published:
        found.append(f"nothing was published about {setup.machine}, so nothing stands beside it")
    found += clock_doubts(setup.spec)
    if setup.spec.name != "pxa255":
        found += filter(None, [doubts_text(of_one_cpu(setup.spec))])
    if kind == "linux" and setup.spec.words.get("architecture") not in RECORDED_ON:
        found.append(FOREIGN)
    return found


def _replayed(setup: Setup, system: str) -> str:
    """Whose operations are replayed, and what the machine's recording is like."""
    about = find(system)
    own = dict(setting.split("=", 1) for setting in about.settings)
    variant = own.get("kernel_variant", setup.spec.words.get("kernel_variant", "plain"))
    apart = setup.spec.words.get("placement") == "spread"
    beside = "each process on a CPU of its own" if apart else "all on one CPU"
    return (
        f"the operations are replayed as they were recorded on {system} ({about.summary}): "
        f"variant {variant.replace('_', ' ')}, {beside}"
    )
