"""`mkbench smp run`: one operation on several systems and CPU counts."""

from __future__ import annotations

import click

from microbench.cli._options import Out, output_options
from microbench.cli._output import emit_rows
from microbench.cli._say import note, progress
from microbench.cli.smp._asked import Asked, announce_many, asked_options


@click.command("run")
@asked_options
@output_options
def command(asked: Asked, out: Out) -> None:
    """Run OPERATION, one of `mkbench smp list` or a TOML file, on many CPUs."""
    total = len(asked.chosen()) * (len(asked.counts()[0]) + 1)
    announce_many(out.quiet)
    with progress(total, out.quiet) as tick:
        rows = asked.rows(tick)
    for text in dict.fromkeys(row.note for row in rows if not row.has_value):
        note(f"{text}: no value beyond", out.quiet)
    emit_rows(rows, out, asked.title(), seed=asked.seed, screen="many")
