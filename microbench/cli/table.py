"""`mkbench table`: a published table beside the model."""

from __future__ import annotations

import click

from microbench.cli.common import emit_rows, machine_options, note, output_options

TITLES = {
    "context": "Context-switch table, lmbench-style",
    "lmbench": "lmbench table, lmbench-style",
    "reaim": "ReAIM table, ReAIM-style",
    "all": "The talk's tables, lmbench- and ReAIM-style",
}


@click.command()
@machine_options
@output_options
@click.argument("name", default="all")
def command(
    name: str,
    machine: str,
    systems: list[str] | None,
    settings: tuple[str, ...],
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Print table NAME: context, lmbench, reaim, ipc, overhead, smp or all."""
    from microbench.bench.compiled import announce
    from microbench.bench.tables import table_rows

    announce(lambda text: note(text, quiet))
    rows = table_rows(name, machine, systems, settings)
    emit_rows(rows, form, output, TITLES.get(name, name))
