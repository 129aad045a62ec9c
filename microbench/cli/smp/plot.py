"""`mkbench smp plot`: the six panels as a file."""

from __future__ import annotations

import click

from microbench.cli._options import STDOUT, file_option, quiet_option, some_word, system_option
from microbench.cli._say import progress
from microbench.cli.smp._asked import TALK_MACHINE, announce_many
from microbench.errors import UsageError


@click.command("plot")
@click.option("--machine", metavar="NAME|FILE", callback=some_word)
@system_option
@click.option("--figure", "which", type=click.Choice(("panels", "1999", "today")), default="panels")
@file_option("-o", "--output", figure=True, help="A .svg, .pdf or .png file.")
@quiet_option
def command(
    machine: str | None, systems: list[str] | None, which: str, output: str | None, quiet: bool
) -> None:
    """Draw the six panels: one machine, each system on its own of 1999, or 128 CPUs of today."""
    if which != "panels" and (systems or machine):
        raise UsageError(f"--figure {which} has systems and machines of its own")
    plot_panels(output, machine, quiet, which, systems)


def plot_panels(
    output: str | None,
    machine: str | None = None,
    quiet: bool = False,
    which: str = "panels",
    systems: list[str] | None = None,
) -> None:
    """Draw the six panels to a file."""
    if output in STDOUT:
        raise UsageError("plot: name a file with -o, ending in .svg, .pdf or .png")
    from microbench.report.plot_panels import FIGURES, SYSTEMS, figure, own_machines

    announce_many(quiet)
    with progress(FIGURES[which].steps, quiet) as tick:
        if which == "panels":
            chosen = systems or list(SYSTEMS)
            figure(str(output), machine or TALK_MACHINE, tick=tick, systems=chosen)
        else:
            own_machines(str(output), which, tick)
