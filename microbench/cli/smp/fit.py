"""`mkbench smp fit`: what part of a measured operation is serial."""

from __future__ import annotations

import click

from microbench.cli._options import Out, file_option, output_options
from microbench.cli._output import emit_rows, emit_text
from microbench.cli.smp._asked import ORDERS, SHARED, announce_many


@click.command("fit")
@click.option("--machine", required=True, metavar="NAME|FILE", help="Where it was measured.")
@click.option(
    "--operation", default="anonfault", show_default=True, help="What it is compared with."
)
@click.option("--system", default="linux-5.8", show_default=True)
@click.option("--shared", type=click.Choice(SHARED), default="process", show_default=True)
@click.option(
    "--order",
    type=click.Choice(ORDERS),
    default="spread",
    show_default=True,
    help="Which CPUs: a socket after the other, each in turn, or both threads of a core.",
)
@click.option("--column", metavar="NAME", help="Rates: throughput, threads, processes ...")
@file_option("--plot", "picture", figure=True, help="Data, model and law as a figure.")
@output_options
@click.argument("data", metavar="DATA.csv")
def command(
    data: str,
    machine: str,
    operation: str,
    system: str,
    shared: str,
    order: str,
    column: str | None,
    picture: str | None,
    out: Out,
) -> None:
    """What part of an operation is serial, from DATA.csv: cpus,throughput or will-it-scale's."""
    from pathlib import Path

    from microbench.reference.scaling import load_scaling
    from microbench.study.smp.fit import fit_rows

    announce_many(out.quiet)
    measured = load_scaling(Path(data), column)
    rows, text = fit_rows(measured, machine, operation, system, shared, order)
    emit_rows(rows, out, f"{measured.name} beside {system} {operation}", screen="measured-many")
    if out.on_screen:
        emit_text(text + "\n", None)
    if picture:
        from microbench.report.plot_scaling import scaling

        scaling(picture, rows, measured)
