"""`mkbench report`: one page that needs no network."""

from __future__ import annotations

import click

from microbench.cli import _complete
from microbench.cli._options import STDOUT, file_option, machine_list, quiet_option
from microbench.cli._output import emit_text
from microbench.cli._say import progress

STEPS = 12
"""About how many the whole page takes, for the progress bar."""


@click.command()
@click.argument("benchmarks", nargs=-1, shell_complete=_complete.benchmarks)
@click.option(
    "--machine",
    default="pxa255",
    show_default=True,
    shell_complete=_complete.machines,
    help="One, or several with commas.",
)
@file_option("--out", "output", default="report.html", show_default=True)
@quiet_option
def command(benchmarks: tuple[str, ...], machine: str, output: str, quiet: bool) -> None:
    """Write one page: every table, why each row is so, how far to trust it.

    With BENCHMARKS, e.g. `mkbench report lat_ctx lat_pipe --machine pxa255,sa1100`,
    the page shows those alone.
    """
    from microbench.report.page.contents import chosen, everything
    from microbench.report.page.render import render

    machines = machine_list(machine)
    steps = len(benchmarks) * len(machines) if benchmarks else STEPS
    with progress(steps, quiet) as step:
        page = chosen(benchmarks, machines, step) if benchmarks else everything(machines, step)
        text = render(page)
    emit_text(text, output)
    if output not in STDOUT:
        click.echo(f"mkbench: wrote {output}", err=True)
