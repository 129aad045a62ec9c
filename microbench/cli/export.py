"""`mkbench export --out DIR`: every table in the forms papers and dashboards read."""

from __future__ import annotations

import sys

import click

from microbench.cli.common import (
    Where,
    announce_compilation,
    machine_options,
    note,
    progress,
    quiet_option,
)

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
    from microbench.report.bundle import bundle
    from microbench.store.files import check_folder, make_folder, write_text
    from microbench.store.provenance import provenance
    from microbench.study.tables import OWN_TABLES, TABLES, table_rows

    names = tuple(dict.fromkeys(tables)) or (*TABLES, *OWN_TABLES)
    check_folder(out)
    rows = {}
    announce_compilation(quiet)
    with progress(len(names), quiet) as tick:
        for name in names:
            tick(f"table {name}")
            rows[name] = table_rows(name, *where)
    every = [row for lines in rows.values() for row in lines]
    chosen = forms or ("csv", "markdown", "latex")
    files = bundle(rows, chosen, provenance(every, sys.argv[1:]))
    folder = make_folder(out)
    for name, text in files.items():
        write_text(folder / name, text)
    note(f"wrote {len(files)} files to {out}", quiet)
