"""Figures of `plot` as parts of the page, each with its words.

Knows which figures the page shows. Refuses to know how they are drawn.
"""

from __future__ import annotations

from typing import Any

from microbench.report.page.draw import inlined
from microbench.report.page.model import Figure

THEN_AND_NOW = ("pxa255", "pentium3", "skylake", "zen3", "cortex-a53")


def overhead() -> Figure:
    """What a server costs, then and now."""
    from microbench.report.plot_overhead import overhead_figure
    from microbench.study.overhead import overhead_lines

    lines = {name: overhead_lines(name) for name in THEN_AND_NOW}
    said = "; ".join(
        f"{name}: {found[0].native_us:.3g} us natively, a server adds {found[0].share:.0%}"
        for name, found in lines.items()
        if found
    )
    first = next(found[0].name for found in lines.values() if found)
    return figure(
        overhead_figure(lines, "A server instead of a system call, then and now"),
        "overhead-figure",
        f"{first}, {said}.",
        "A curve per machine: overhead of two IPCs against the length of the native call.",
    )


def panels() -> Figure:
    """The six panels of many CPUs."""
    from microbench.report.plot_panels import OPERATIONS, SYSTEMS, six_panels

    return figure(
        six_panels(seeds=(1,)),
        "smp-figure",
        f"Slowdown from 1 to 16 CPUs of {', '.join(OPERATIONS.values())}, for threads of one "
        f"process and for separate processes, on {', '.join(SYSTEMS.values())}. "
        "`mkbench table smp` prints the numbers.",
        "Slowdown against one CPU; 1 is as fast as alone. Modelled; no curve is published.",
    )


def figure(drawing: Any, name: str, alternative: str, caption: str) -> Figure:
    """A matplotlib figure as a part of the page."""
    from microbench.report.plot import drawn

    return Figure(inlined(drawn(drawing, "svg").decode(), name), alternative, caption)
