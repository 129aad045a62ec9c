"""The six panels: three operations, threads above processes, slowdown against CPUs.

Knows: matplotlib, through the figures' common module, imported only when drawing. Draws the
model; the paper's own curves are not available and are not drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microbench.errors import UsageError
from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.machine import load_machine
from microbench.smp.runs import WAITERS_MEASURED, beyond, run
from microbench.study.smp.seeds import SEEDS, over_seeds
from microbench.systems.registry import doing

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
OTHERS = (("#009e73", "-", "P", 1.2), ("#cc79a7", "--", "*", 1.2), ("#8c564b", "-.", "p", 1.2))
"""Styles of systems that were asked for and have none of their own, in turn."""


def style(system: str, number: int) -> tuple[str, str, str, float]:
    """Colour, dash, marker and width of a system's line, `number` in the figure."""
    return STYLES.get(system, OTHERS[number % len(OTHERS)])


@dataclass(frozen=True)
class Figure:
    """What a figure shows.

    Attributes
    ----------
    machines : dict of str to str
        System to the machine it runs on.
    title : str
    cpus : tuple of int
    steps : int
        Points to compute, about.
    """

    machines: Mapping[str, str]
    title: str
    cpus: tuple[int, ...]

    @property
    def steps(self) -> int:
        """Points to compute, about."""
        return 6 * len(SEEDS) * len(self.machines) * (len(self.cpus) + 1)


FIGURES = {
    "panels": Figure(dict.fromkeys(SYSTEMS, "numachine"), "", CPUS),
    "1999": Figure(
        {"tornado": "numachine", "unix-1999": "bus4-1999", "linux-2.2": "bus4-1999"},
        "Modelled, 1999: Tornado on NUMAchine, the others on a four-way bus server and no further",
        CPUS,
    ),
    "today": Figure(
        dict.fromkeys(("tornado", "linux-2.6.10", "linux-6.4", "big-lock"), "icelake128"),
        "Modelled, today: every system on 2 x 32 cores; from 64 CPUs on hyper-threads share cores",
        (1, 2, 4, 8, 16, 32, 64, 128),
    ),
}


def own_machines(path: str, which: str, tick: Callable[[str], None] = lambda label: None) -> None:
    """Draw the six panels of one of `FIGURES`, each system as far as its machine goes.

    Raises
    ------
    UsageError
        As `figure`.
    """
    from microbench.report.plot import check_name, new_figure, save

    check_name(path)
    chosen = FIGURES[which]
    drawing = new_figure(10.0, 6.4)
    axes = drawing.subplots(2, 3, sharex=True, sharey=True)
    for i, shared in enumerate(SHARINGS):
        for j, operation in enumerate(OPERATIONS):
            rows: list[Row] = []
            for system, machine in chosen.machines.items():
                most = load_machine(machine).count("topology.cpus")
                cpus = [n for n in chosen.cpus if n <= most]
                rows += _seeded(operation, [system], cpus, machine, shared, SEEDS, tick)
            _band(axes[i][j], rows)
            _panel(axes[i][j], rows, chosen.cpus)
            _label(axes[i][j], i, j, shared, operation)
    _finish(drawing, axes, chosen.title, max(chosen.cpus))
    save(drawing, path)


def _label(axes: Any, i: int, j: int, shared: str, operation: str) -> None:
    if i == 0:
        axes.set_title(OPERATIONS[operation], fontsize=10)
    if i == 1:
        axes.set_xlabel("CPUs, all at once")
    if j == 0:
        axes.set_ylabel(f"{SHARINGS[shared]}\nslowdown against one CPU")


def _finish(drawing: Any, axes: Any, title: str, most: int) -> None:
    drawn = [panel.get_legend_handles_labels() for panel in axes.flat]
    lines = {label: line for found in drawn for line, label in zip(*found, strict=True)}
    drawing.legend(
        lines.values(), lines, loc="outside lower center", ncols=4, fontsize=8, frameon=False
    )
    if most > WAITERS_MEASURED:
        title += (
            f".\nBeyond {WAITERS_MEASURED} CPUs a curve ends where all of them do less than one"
        )
    drawing.suptitle(f"{title}.\nThe paper's own curves are not available.", fontsize=10)


def figure(
    path: str,
    machine: str = "numachine",
    cpus: Sequence[int] = CPUS,
    tick: Callable[[str], None] = lambda label: None,
    systems: Sequence[str] = tuple(SYSTEMS),
) -> None:
    """Draw the six panels to a .svg, .pdf or .png file.

    Raises
    ------
    UsageError
        If matplotlib is missing or the suffix is none of a figure.
    """
    from microbench.report.plot import check_name, save

    check_name(path)
    save(six_panels(machine, cpus, tick, systems=systems), path)


def six_panels(
    machine: str = "numachine",
    cpus: Sequence[int] = CPUS,
    tick: Callable[[str], None] = lambda label: None,
    seeds: Sequence[int] = SEEDS,
    systems: Sequence[str] = tuple(SYSTEMS),
) -> Any:
    """The six panels; a band shows what several seeds make of each point.

    Raises
    ------
    UsageError
        If matplotlib is missing, or a system does none of the operations.
    """
    from microbench.report.plot import new_figure

    for name in systems:
        if not any(name in doing(operation) for operation in OPERATIONS):
            raise UsageError(f"--system {name}: it does none of {', '.join(OPERATIONS)}")
    where = load_machine(machine)
    cpus = [n for n in cpus if n <= where.count("topology.cpus")]
    drawing = new_figure(10.0, 6.4)
    axes = drawing.subplots(2, 3, sharex=True, sharey=True)
    for i, shared in enumerate(SHARINGS):
        for j, operation in enumerate(OPERATIONS):
            there = [name for name in systems if name in doing(operation)]
            rows = _seeded(operation, there, cpus, machine, shared, seeds, tick)
            _band(axes[i][j], rows)
            _panel(axes[i][j], rows, cpus)
            _label(axes[i][j], i, j, shared, operation)
    ran = ", where only Tornado ever ran" if machine == "numachine" else ""
    _finish(drawing, axes, f"Modelled: every system on {where.title}{ran}", max(cpus))
    return drawing


def _seeded(
    operation: str,
    systems: list[str],
    cpus: Sequence[int],
    machine: str,
    shared: str,
    seeds: Sequence[int],
    tick: Callable[[str], None],
) -> list[Row]:
    """Rows of the median seed that are values, with the spread over seeds as range."""
    rows = over_seeds(
        lambda seed: run(
            operation, systems, cpus, machine, shared, seed=seed, tick=tick, load=worked
        ),
        seeds,
    )
    return [r for r in rows if r.metric != "slowdown" or not beyond(_cpus(r), r.value)]


def _band(axes: Any, rows: Sequence[Row]) -> None:
    """From least to most of the seeds, behind each system's line."""
    for number, system in enumerate(_systems(rows)):
        colour, *_ = style(system, number)
        own = [r for r in rows if r.system == system and r.metric == "slowdown"]
        low, high = [r.low for r in own], [r.high for r in own]
        axes.fill_between([_cpus(r) for r in own], low, high, color=colour, alpha=0.25, linewidth=0)


def _panel(axes: Any, rows: Sequence[Row], cpus: Sequence[int]) -> None:
    """One panel: a line per system as far as it has points, CPUs and slowdown by doublings."""
    top = 1.0
    for number, system in enumerate(_systems(rows)):
        colour, dash, marker, width = style(system, number)
        own = [r for r in rows if r.system == system and r.metric == "slowdown"]
        axes.plot([_cpus(r) for r in own], [r.value for r in own], color=colour,
                  linestyle=dash, marker=marker, linewidth=width, markersize=4.5,
                  markerfacecolor="white", label=SYSTEMS.get(system, system))  # fmt: skip
        top = max([top, *(r.value for r in own)])
    loss = [r for r in rows if r.metric == "slowdown with K42's loss" and r.system == "tornado"]
    counts = [1, *(_cpus(r) for r in loss)]
    if loss:
        axes.plot(counts, [1.0, *(r.value for r in loss)], color="#000000", linestyle=":",
                  linewidth=1.0, label="Tornado with K42's measured loss")  # fmt: skip
    axes.set_yscale("log", base=2)
    if cpus[-1] > 16:
        axes.set_xscale("log", base=2)
    axes.set_ylim(0.8, max(axes.get_ylim()[1], 2 * top, 4))
    axes.yaxis.set_major_formatter(lambda value, position: f"{value:g}")
    axes.set_xticks(list(cpus))
    axes.xaxis.set_major_formatter(lambda value, position: f"{value:g}")
    axes.grid(visible=True, linewidth=0.4, color="#cccccc")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _systems(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.system for row in rows))


def _cpus(row: Row) -> int:
    return int(row.args.split()[1])
