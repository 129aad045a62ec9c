"""`mkbench table`: a published table beside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from microbench.cli._complete import tables
from microbench.cli._options import Out, Where, against_option, machines_options, output_options
from microbench.cli._output import across_machines, emit_rows, emit_text, wrapped
from microbench.cli._say import announce_compilation, progress, say_caveats
from microbench.systems.registry import replayed

if TYPE_CHECKING:
    from microbench.row import Row
    from microbench.study.tables import Ask, Table


PLAIN = ("systems", "rows")
"""Screens of rows as runs give them, each with a range of its own."""


@click.command()
@machines_options
@output_options
@against_option
@click.option("--uncalibrated", is_flag=True, help="Nothing calibrated, nominal clock.")
@click.argument("name", default="all", shell_complete=tables)
@across_machines
def command(
    name: str,
    uncalibrated: bool,
    where: Where,
    out: Out,
    against: str | None,
) -> None:
    """Print table NAME of `mkbench list`; without a name all the talk's rows."""
    from microbench.reference.compare import compared_with
    from microbench.run.setup import NONE
    from microbench.study.ranges import ranged
    from microbench.study.tables import Ask, find

    table = find(name)
    calibration = NONE if uncalibrated else None
    ask = Ask(where.own_machine, tuple(where.systems or ()), where.settings, calibration)
    announce_compilation(out.quiet)
    rows, notes = collected(table, ask, out.quiet)
    if table.one_cpu and table.columns in PLAIN:
        rows = ranged(rows, ask.setup(table.machine))
    rows = compared_with(rows, against) if against else rows
    machine = label_of(table, ask)
    if out.on_screen and table.words:
        emit_text(table.text(rows) + "\n\n", None)
    else:
        emit_rows(rows, out, table.title, screen=table.columns, machine=machine, notes=notes)
    if out.on_screen and table.said(rows):
        emit_text("".join(f"{wrapped(line)}\n" for line in table.said(rows).splitlines()), None)


def collected(table: Table, ask: Ask, quiet: bool) -> tuple[list[Row], list[str]]:
    """The rows of a table, and what stands below them in an export."""
    steps, notes = table.steps(ask), []
    if table.one_cpu:
        setup = ask.setup(table.machine)
        kind = "message" if table.columns == "ipc" else "linux"
        notes = say_caveats(setup, kind, quiet, replayed(ask.systems))
    rows: list[Row] = []
    with progress(len(steps), quiet) as tick:
        for label, make in steps:
            tick(label)
            rows += make()
    return rows, [*notes, *filter(None, [table.said(rows)])]


def label_of(table: Table, ask: Ask) -> str:
    """What the table's machine is called in a heading."""
    return ask.setup(table.machine).label if table.one_cpu else ""
