"""`mkbench baseline save`: store results with the provenance to check them by."""

from __future__ import annotations

import re
import sys

import click

from microbench.cli._lazy import NamingGroup
from microbench.cli._options import Where, machine_options, output_option, quiet_option
from microbench.cli._output import emit_text
from microbench.cli._say import announce_compilation, note, progress
from microbench.errors import UsageError


@click.group(cls=NamingGroup)
def command() -> None:
    """Store results as a baseline for `mkbench check`."""


@command.command()
@click.argument("name", default="talk")
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Default: all.")
@click.option(
    "--run", "benchmarks", multiple=True, metavar='"BENCH ARGS"', help="Of one benchmark."
)
@click.option("--tolerance", metavar="2%", help="Written into each row; default: equal cycles.")
@machine_options
@output_option
@quiet_option
def save(
    name: str,
    tables: tuple[str, ...],
    benchmarks: tuple[str, ...],
    tolerance: str | None,
    where: Where,
    output: str | None,
    quiet: bool,
) -> None:
    """Run tables or benchmarks and write results/NAME.csv (or -o FILE)."""
    from microbench.run.rows import benchmark_rows
    from microbench.store.baseline import Run, baseline_text, rerun
    from microbench.store.files import make_folder
    from microbench.store.provenance import provenance
    from microbench.store.rows import parse_tolerance
    from microbench.study.tables import table_rows

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise UsageError(f"NAME = {name!r}: letters, digits, `.`, `_`, `-` only")
    allowed = None if tolerance is None else parse_tolerance(tolerance)
    common = (where.machine, tuple(where.systems or ()), where.settings)
    names = tables or (() if benchmarks else ("all",))
    runs = [Run("table", table, "", *common) for table in names]
    for text in benchmarks:
        benchmark, _, args = text.strip().partition(" ")
        runs.append(Run("bench", benchmark, args.strip(), *common))
    announce_compilation(quiet)
    with progress(len(runs), quiet) as tick:
        rows = rerun(runs, table_rows, benchmark_rows, tick)
    limits: dict[tuple[str, ...], float] = {}
    if allowed is not None:
        limits.update((row.key, allowed) for row in rows)
    header = provenance(rows, sys.argv[1:])
    target = output or f"results/{name}.csv"
    if not output:
        make_folder("results")
    emit_text(baseline_text(rows, header, runs, limits), target)
    note(f"wrote {len(rows)} rows to {target}", quiet or target == "-")
