"""`mkbench plot`: figures as SVG, PDF or PNG, by file name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from microbench.cli._complete import benchmarks
from microbench.cli._lazy import NamingGroup
from microbench.cli._options import (
    Command,
    Where,
    file_option,
    machine_list,
    machine_options,
    quiet_option,
)
from microbench.cli._passing import PASSING
from microbench.cli._say import announce_compilation, note
from microbench.errors import UsageError
from microbench.reading import whole

if TYPE_CHECKING:
    from microbench.row import Row

MOST = 1_000_000
"""Of a whole number a figure is asked for."""


@click.group(cls=NamingGroup)
def command() -> None:
    """Draw figures as files; needs `pip install 'mkbench[plot]'`."""


def figure_option(default: str) -> Callable[[Command], Command]:
    """Add `-o FILE` with a default name."""
    more = {"default": default, "show_default": True, "help": ".svg, .pdf or .png"}
    return file_option("-o", "--output", figure=True, **more)


def figure_options(default: str) -> Callable[[Command], Command]:
    """Add the machine's options, `-o FILE` with a default name, and `--quiet`."""
    return lambda inner: figure_option(default)(machine_options(quiet_option(inner)))


@command.command("ratios")
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@figure_options("ratios.svg")
def ratios_command(
    tables: tuple[str, ...],
    where: Where,
    output: str,
    quiet: bool,
) -> None:
    """Ratio of each row as a bar that leaves 1, the published one beside it (default: all)."""
    _ready(quiet)
    from microbench.report.plot_ratios import ratios
    from microbench.study.tables import published_tables, table_rows

    names = tables or published_tables()
    rows = [row for name in names for row in table_rows(name, *where)]
    rows = _ranged(rows, where)
    title = f"lmbench-style and ReAIM-style rows: {', '.join(names)}\n({_label(where)})"
    _write(lambda: ratios(rows, title), output, quiet)


@command.command("smp")
@figure_options("smp.svg")
def smp_command(
    where: Where,
    output: str,
    quiet: bool,
) -> None:
    """Six panels of slowdown against CPUs, on numachine unless another with many is named."""
    from microbench.cli.smp.plot import plot_panels

    if where.settings:
        raise UsageError("plot smp takes no --set: its machine is the panels'")
    plot_panels(output, where.own_machine, quiet, systems=where.systems)


@command.command("breakdown", **PASSING)
@click.argument("benchmark", shell_complete=benchmarks)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@figure_options("breakdown.svg")
def breakdown_command(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    output: str,
    quiet: bool,
) -> None:
    """Cycles of one operation by cause, a stack per system: `plot breakdown lat_ctx -s 0 2`."""
    _ready(quiet)
    from microbench.report.plot_breakdown import breakdown_figure
    from microbench.run.explain import breakdown

    text = " ".join(args)
    cycles = breakdown(benchmark, text, *where)
    title = f"{benchmark} {text}".strip() + ": cycles of one operation by cause"
    title += f"\n({_label(where)})"
    _write(lambda: breakdown_figure(cycles, title), output, quiet)


@command.command("ctx")
@click.option("--sizes", default="0,4,16,32", show_default=True, help="Working sets [KB].")
@click.option("--processes", default="2,4,8,16", show_default=True)
@figure_options("ctx.svg")
def ctx_command(
    sizes: str,
    processes: str,
    where: Where,
    output: str,
    quiet: bool,
) -> None:
    """Latency of lat_ctx against processes, a line per working set, a panel per system."""
    _ready(quiet)
    from microbench.cli._say import progress
    from microbench.report.plot_ctx import ctx_figure
    from microbench.run.rows import benchmark_rows

    points = [(size, n) for size in _whole(sizes, "--sizes", 0) for n in _counts(processes)]
    rows = []
    with progress(len(points), quiet) as tick:
        for size, n in points:
            tick(f"lat_ctx -s {size} {n}")
            rows += benchmark_rows("lat_ctx", f"-s {size} {n}", *where)
    rows = _ranged(rows, where)
    title = f"lat_ctx, lmbench-style\n({_label(where)})"
    _write(lambda: ctx_figure(rows, title), output, quiet)


@command.command("overhead")
@click.option(
    "--machine",
    "machines",
    default="pxa255,pentium3,r4700,skylake,zen3,cortex-a53",
    show_default=True,
    metavar="NAME[,NAME]",
    help="Machines, a curve each; the calls are named at the first.",
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change every machine.")
@figure_option("overhead.svg")
@quiet_option
def overhead_command(machines: str, settings: tuple[str, ...], output: str, quiet: bool) -> None:
    """Share a server's IPC has of a call, against how long the call takes natively."""
    _ready(quiet)
    from microbench.cli._say import progress
    from microbench.report.plot_overhead import overhead_figure
    from microbench.study.overhead import family_calls, overhead_lines

    names = machine_list(machines)
    with progress(len(names) * len(family_calls()), quiet) as tick:
        lines = {name: overhead_lines(name, settings, tick) for name in names}
    title = "When IPC matters: a server instead of a system call (lmbench-style)"
    _write(lambda: overhead_figure(lines, title), output, quiet)


@command.command("fs", **PASSING)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@figure_options("fs.svg")
def fs_command(args: tuple[str, ...], where: Where, output: str, quiet: bool) -> None:
    """Speed relative to the kernel's own files against how long the device takes."""
    from microbench.cli._plot_files import fs_figure

    _ready(quiet)
    _write(lambda: fs_figure(args or ("read", "4k", "--cache", "cold"), where), output, quiet)


@command.command("kill")
@click.option("--policy", "rules", default="minix", show_default=True, help="direct, minix, ham.")
@click.option("--every", default="1s,2s,4s", show_default=True, help="Intervals.")
@click.option("--disk", default="flash", show_default=True, help="Device below.")
@figure_option("kill.svg")
@quiet_option
def kill_command(rules: str, every: str, disk: str, output: str, quiet: bool) -> None:
    """Throughput left when a driver is killed at every interval."""
    from microbench.cli._plot_files import kill_figure

    _ready(quiet)
    _write(lambda: kill_figure(rules, every, disk), output, quiet)


@command.command("sensitivity")
@click.argument("rows", nargs=-1, metavar="[ROW]...")
@click.option("--step", default=0.1, show_default=True, help="Share by which costs are moved.")
@figure_options("sensitivity.svg")
def sensitivity_command(
    rows: tuple[str, ...],
    step: float,
    where: Where,
    output: str,
    quiet: bool,
) -> None:
    """Heat map: how much each ROW hangs on each number (default: all rows of the talk)."""
    _ready(quiet)
    from microbench.cli.sensitivity import measured
    from microbench.report.plot_sensitivity import heat_map

    found = measured(rows, where, step, None, quiet)
    title = f"What each row hangs on, lmbench- and ReAIM-style\n({_label(where)})"
    _write(lambda: heat_map(found, title), output, quiet)


def _ranged(rows: list[Row], where: Where) -> list[Row]:
    from microbench.run.setup import prepare
    from microbench.study.ranges import ranged

    return ranged(rows, prepare(where.machine, where.settings))


def _label(where: Where) -> str:
    """The machine as a heading names it: what was changed, its clock, whether calibrated."""
    from microbench.run.setup import prepare

    return prepare(where.machine, where.settings).label


def _ready(quiet: bool) -> None:
    """Refuse a missing matplotlib before anything is computed or compiled."""
    from microbench.report.plot import new_figure

    new_figure(1, 1)
    announce_compilation(quiet)


def _write(draw: Callable[[], Any], output: str, quiet: bool) -> None:
    from microbench.report.plot import save

    try:
        figure = draw()
    except ValueError as error:
        raise UsageError(str(error)) from None
    save(figure, output)
    note(f"wrote {output}", quiet)


def _counts(text: str) -> list[int]:
    return _whole(text, "--processes", 1)


def _whole(text: str, option: str, least: int) -> list[int]:
    numbers = {whole(part.strip(), least, MOST) for part in text.split(",")}
    if None in numbers:
        said = f"{option} = {text[:40]!r}: whole numbers with commas"
        raise UsageError(f"{said}, from {least} to {MOST}")
    return sorted(n for n in numbers if n is not None)
