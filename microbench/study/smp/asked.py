"""Synchronisation the caller asks for, and what isolation makes of sharing.

Knows: `data/smp/operations/asked.toml` and `servers.toml`: what costs more with more CPUs
because the caller named other CPUs, and two servers that share a structure or send messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import system_names
from microbench.smp.simulate import Measured
from microbench.study.smp.grid import filled
from microbench.study.smp.points import curve, curve_rows
from microbench.study.smp.principles import FLAT

COUNTS = (1, 4, 16, 64)
SHARED = {"asked": "process", "servers": "none"}
Points = dict[int, Measured]
Curves = dict[tuple[str, str], Points]


def asked_rows(
    machine: str = "icelake128",
    counts: Sequence[int] = COUNTS,
    tick: Callable[[str], None] = lambda label: None,
) -> tuple[list[Row], str]:
    """Rows of both operations for each system, and what they say in words."""
    where = load_machine(machine)
    rows: list[Row] = []
    curves: Curves = {}
    for operation, shared in SHARED.items():
        setup = Setup(shared=shared, order="spread")
        for system in system_names(operation):
            tick(f"{operation} {system}")
            op = worked(operation, system, where)
            curves[operation, system] = points = curve(op, where, counts, setup)
            rows += curve_rows(op, where, points, setup)
    head = f"On {where.name}, CPUs from each socket in turn"
    return rows, f"{filled(head)}\n\n{_text(curves, counts, where.clock_hz)}"


def _text(curves: Curves, counts: Sequence[int], clock: float) -> str:
    lines = [f"us per operation{'':14}" + "".join(f"{n:>9}" for n in counts) + "  CPUs"]
    for (operation, system), points in curves.items():
        cells = "".join(f"{1e6 * points[n].cycles / clock:9.2f}" for n in counts)
        lines.append(f"{operation + ' ' + system:30}{cells}")
    last = max(counts)
    said = [filled(" ".join(part(curves, last))) for part in (_asked, _isolated)]
    return "\n".join([*lines, "", said[0], "", said[1]])


def _asked(curves: Curves, n: int) -> list[str]:
    here, there = curves["asked", "here"], curves["asked", "create-there"]
    few, everyone = curves["asked", "unmap-1"], curves["asked", "unmap-all"]
    return [
        f"With {n} CPUs at once a thread on the own CPU costs {_times(here, n)} what it does on",
        f"one; one on another CPU costs {there[n].cycles / here[n].cycles:.1f} times as much.",
        f"Unmapping what 1 CPU touched costs {_times(few, n)}, what anybody may have touched",
        f"{_times(everyone, n)} what it does on one{_who(here, few, everyone, n)}.",
    ]


def _who(here: Points, few: Points, everyone: Points, n: int) -> str:
    """What that says, where it does."""
    slow = [p[n].cycles / p[1].cycles for p in (here, few, everyone)]
    if slow[0] > FLAT or not FLAT < slow[1] < slow[2]:
        return ""
    return ": who asks for more pays more, who asks for nothing pays nothing"


def _isolated(curves: Curves, n: int) -> list[str]:
    slow = {s: p[n].cycles / p[1].cycles for (o, s), p in curves.items() if o == "servers"}
    kernel, apart = curves["servers", "one-kernel"], curves["servers", "isolated-shared"]
    return [
        f"Two isolated servers that share a structure of the file take "
        f"{apart[n].cycles / kernel[n].cycles:.2f}",
        f"times one kernel's time with {n} CPUs:",
        f"isolation adds {apart[1].cycles - kernel[1].cycles:.0f} cycles of switches, no sharing.",
        f"With one structure for all one kernel slows {slow['one-kernel-global']:.1f} times,",
        f"isolated servers {slow['isolated-shared-global']:.1f} times;",
        f"with messages to one owner {slow['isolated-messages']:.1f} times, to an owner per four "
        f"clients {slow['isolated-messages-4']:.2f} times.",
        *_decides(slow),
    ]


def _decides(slow: dict[str, float]) -> list[str]:
    """Whether sharing decides, or an address space between."""
    apart, kernel = slow["isolated-shared"], slow["one-kernel"]
    shared = min(slow["one-kernel-global"], slow["isolated-shared-global"])
    if shared <= FLAT:
        return ["With so few CPUs not even that is felt."]
    if max(apart, kernel) > FLAT:
        return []
    return ["What is shared decides, not whether an address space lies between."]


def _times(points: Points, n: int) -> str:
    return f"{points[n].cycles / points[1].cycles:.1f} times"
