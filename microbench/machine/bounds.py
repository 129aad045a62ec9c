"""A machine at one end of its doubts, and what these doubts are.

Knows the stated ranges of a machine's numbers. Refuses to know which of them matter.
"""

from __future__ import annotations

from dataclasses import replace

from microbench.machine.naming import asked_as
from microbench.machine.schema import SMP
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity

COSTS = ("cycles", "ns", "bus_clocks", "sdram_clocks")
DOUBTFUL = ("estimate", "recall")


def at_level(spec: MachineSpec, level: str) -> MachineSpec:
    """The machine with every cost at the low or high end of its range.

    Parameters
    ----------
    level : str
        "low", "value" or "high". Sizes and clocks stay: more of them is not dearer.
    """
    if level == "value":
        return spec
    return replace(spec, numbers={k: _moved(q, level) for k, q in spec.numbers.items()})


def _moved(number: Quantity, level: str) -> Quantity:
    if number.unit not in COSTS:
        return number
    return replace(number, value=number.low if level == "low" else number.high)


def doubts(spec: MachineSpec) -> dict[str, list[str]]:
    """Certainty to the keys that are no better than that: estimates, and what is recalled."""
    return {
        certainty: [key for key, q in spec.numbers.items() if q.certainty == certainty]
        for certainty in DOUBTFUL
    }


def of_one_cpu(spec: MachineSpec) -> MachineSpec:
    """The machine without what it says of many CPUs, which no run on one hangs on."""
    numbers = {key: q for key, q in spec.numbers.items() if not key.startswith(SMP)}
    return replace(spec, numbers=numbers)


def doubts_text(spec: MachineSpec) -> str:
    """One line for a user; empty where every number was read somewhere."""
    found = doubts(spec)
    if not any(found.values()):
        return ""
    estimates, recalled = (len(found[c]) for c in DOUBTFUL)
    keys = ", ".join(found["estimate"]) or "none"
    return (
        f"{spec.name}: of {len(spec.numbers)} numbers {estimates} are estimates ({keys}), "
        f"{recalled} recalled; `mkbench show machine {asked_as(spec)}` has their ranges"
    )
