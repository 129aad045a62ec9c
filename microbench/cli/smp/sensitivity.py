"""`mkbench smp sensitivity`: what the slowdown of an operation hangs on."""

from __future__ import annotations

import click

from microbench.cli._options import Out, output_options
from microbench.cli._output import emit_rows
from microbench.cli._say import note, progress
from microbench.cli.smp._asked import Asked, announce_many, asked_options

LEAST_ELASTICITY = 0.01
"""What a table shows; files have all."""


@click.command("sensitivity")
@asked_options
@output_options
def command(asked: Asked, out: Out) -> None:
    """How much the slowdown of OPERATION hangs on each number of machine and operation."""
    from microbench.study.smp.hangs import hang_rows

    ops, where, counts, setup = asked.point()
    n = max(counts)
    if len(counts) > 1:
        note(f"with {n} CPUs, the most that were asked for", out.quiet)
    announce_many(out.quiet)
    with progress(len(ops) * (len(where.numbers) + 10), out.quiet) as tick:
        rows = [row for op in ops for row in hang_rows(op, where, n, setup, tick=tick)]
    if out.form == "table":
        rows = [row for row in rows if abs(row.value) >= LEAST_ELASTICITY]
        if not rows:
            note(f"no number moves it by {LEAST_ELASTICITY:.0%} of its own change", out.quiet)
    title = f"{asked.title()}, {n} CPUs, elasticity of the slowdown"
    emit_rows(rows, out, title, seed=asked.seed, screen="hangs")
