"""The six panels: three operations, threads above processes, slowdown against CPUs.

Knows: matplotlib, through the figures' common module, imported only when drawing. Draws the
model; the paper's own curves are not available and are not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from microbench.row import Row
from microbench.smp.machine import load_machine
from microbench.smp.runs import run

CPUS = (1, 2, 4, 6, 8, 12, 16)
OPERATIONS = {"fault": "in-core page fault", "fstat": "fstat", "thread": "thread creation"}
SHARINGS = {"process": "threads of one process", "none": "separate processes"}
SYSTEMS = {
    "tornado": "Tornado",
    "unix-1999": "Unix of 1999 (class)",
    "linux-2.2": "Linux 2.2 (1999)",
    "linux-2.6.10": "Linux 2.6.10",
    "linux-6.4": "Linux 6.4",
    "big-lock": "big-lock microkernel",
}
STYLES = {
    "tornado": ("#000000", "-", "o", 2.4),
    "unix-1999": ("#e69f00", "--", "s", 1.2),
    "linux-2.2": ("#d55e00", "-", "^", 1.2),
    "linux-2.6.10": ("#0072b2", "-.", "v", 1.2),
    "linux-6.4": ("#56b4e9", ":", "D", 1.4),
    "big-lock": ("#777777", "--", "X", 1.2),
}


def figure(
    path: str,
    machine: str = "numachine",
    cpus: Sequence[int] = CPUS,
    tick: Callable[[str], None] = lambda label: None,
) -> None:
    """Draw the six panels to a .svg, .pdf or .png file.

    Raises
    ------
    UsageError
        If matplotlib is missing or the suffix is none of a figure.
    """
    from microbench.report.plot import check_name, new_figure, save

    check_name(path)
    where = load_machine(machine)
    drawing = new_figure(10.0, 6.4)
    axes = drawing.subplots(2, 3, sharex=True, sharey=True)
    for i, shared in enumerate(SHARINGS):
        for j, operation in enumerate(OPERATIONS):
            rows = run(operation, list(SYSTEMS), cpus, machine, shared, tick=tick)
            _panel(axes[i][j], rows, cpus)
            if i == 0:
                axes[i][j].set_title(OPERATIONS[operation], fontsize=10)
            if i == 1:
                axes[i][j].set_xlabel("CPUs, all at once")
            if j == 0:
                axes[i][j].set_ylabel(f"{SHARINGS[shared]}\nslowdown against one CPU")
    handles, labels = axes[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    ran = ", where only Tornado ever ran" if machine == "numachine" else ""
    drawing.suptitle(
        f"Modelled: every system on {where.title}{ran}.\nThe paper's own curves are not available.",
        fontsize=10,
    )
    save(drawing, path)


def _panel(axes: Any, rows: Sequence[Row], cpus: Sequence[int]) -> None:
    for system, label in SYSTEMS.items():
        colour, dash, marker, width = STYLES[system]
        values = [r.value for r in rows if r.system == system and r.metric == "slowdown"]
        axes.plot(cpus, values, color=colour, linestyle=dash, marker=marker, linewidth=width,
                  markersize=4.5, markerfacecolor="white", label=label)  # fmt: skip
    loss = [r for r in rows if r.metric == "slowdown with K42's loss"]
    counts = [1, *(int(r.args.split()[1]) for r in loss)]
    axes.plot(counts, [1.0, *(r.value for r in loss)], color="#000000", linestyle=":",
              linewidth=1.0, label="Tornado with K42's measured loss")  # fmt: skip
    axes.set_yscale("log", base=2)
    axes.set_ylim(0.8, 256)
    axes.set_yticks([1, 2, 4, 8, 16, 32, 64, 128, 256])
    axes.yaxis.set_major_formatter(lambda value, position: f"{value:g}")
    axes.set_xticks(list(cpus))
    axes.grid(visible=True, linewidth=0.4, color="#cccccc")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
