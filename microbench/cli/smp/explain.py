"""`mkbench smp explain`: where the time of an operation goes with many CPUs."""

from __future__ import annotations

import click

from microbench.cli._options import output_option, quiet_option
from microbench.cli._output import emit_text
from microbench.cli.smp._asked import Asked, announce_many, asked_options


@click.command("explain")
@asked_options
@output_option
@quiet_option
def command(asked: Asked, output: str | None, quiet: bool) -> None:
    """Where the time of OPERATION goes with many CPUs, object by object."""
    from microbench.study.smp.where import where_text

    point = asked.point()
    announce_many(quiet)
    emit_text(where_text(*point), output)
