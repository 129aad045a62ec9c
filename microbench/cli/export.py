"""`mkbench export --out DIR`: every table in the forms papers and dashboards read."""

from __future__ import annotations

import sys

import click

from microbench.cli._options import Where, machine_options, quiet_option
from microbench.cli._say import announce_compilation, note

FORMS = ("csv", "markdown", "latex", "json", "github-action-benchmark", "junit")


@click.command()
@click.option("--out", required=True, metavar="DIR", help="Made if it is not there.")
@click.option(
    *("--format", "forms"),
    multiple=True,
    type=click.Choice(FORMS),
    help="Repeatable. Default: csv, markdown and latex.",
)
@machine_options
@quiet_option
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
def command(
    out: str,
    forms: tuple[str, ...],
    where: Where,
    quiet: bool,
    tables: tuple[str, ...],
) -> None:
    """Write tables as files, and provenance.json with what they were made from.

    LaTeX files are complete table* environments for \\input; they need booktabs.
    """
    from microbench.cli.table import collected, label_of
    from microbench.report.bundle import bundle
    from microbench.report.export import Frame
    from microbench.store.files import check_folder, make_folder, write_text
    from microbench.store.provenance import provenance
    from microbench.study.tables import TABLES, Ask, find

    names = tuple(dict.fromkeys(tables)) or tuple(n for n, t in TABLES.items() if t.usual)
    chosen_tables = [find(name) for name in names]
    check_folder(out)
    rows, frames = {}, {}
    announce_compilation(quiet)
    ask = Ask(where.own_machine, tuple(where.systems or ()), where.settings)
    for table in chosen_tables:
        own = table.own(ask)
        found, notes = collected(table, own, quiet)
        label, machine = f"mkbench-{table.name}", label_of(table, own)
        rows[table.name] = found
        frames[table.name] = Frame(table.title, table.columns, machine, tuple(notes), label)
    every = [row for lines in rows.values() for row in lines]
    chosen = forms or ("csv", "markdown", "latex")
    files = bundle(rows, frames, chosen, provenance(every, sys.argv[1:]))
    folder = make_folder(out)
    for name, text in files.items():
        write_text(folder / name, text)
    note(f"wrote {len(files)} files to {out}", quiet)
