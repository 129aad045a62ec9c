"""`mkbench check`: run again what a baseline lists, and compare."""

from __future__ import annotations

from typing import Any

import click

from microbench.cli._compare import EXITS, compare_options, report
from microbench.cli._say import announce_compilation, progress


@click.command(epilog=EXITS)
@click.option("--baseline", default="results/talk.csv", show_default=True, metavar="FILE")
@compare_options
def command(baseline: str, **options: Any) -> None:
    """Run again what a baseline lists and compare: equal cycles unless a tolerance is given.

    All is run and priced anew, whatever an earlier run has kept.
    A column `tolerance` in the baseline goes before --tolerance.
    """
    from microbench.run.rows import benchmark_rows
    from microbench.store import kept
    from microbench.store.baseline import read_results, rerun, runs_of
    from microbench.store.provenance import provenance
    from microbench.store.rows import Results
    from microbench.study.tables import table_rows

    old = read_results(baseline)
    runs = runs_of(old, baseline)
    announce_compilation(options["out"].quiet)
    with kept.anew(), progress(len(runs), options["out"].quiet) as tick:
        rows = rerun(runs, table_rows, benchmark_rows, tick)
    seed = old.provenance.get("seed", "0")
    new = provenance(rows, ["check"]) | {"seed": seed}
    report(old, Results(tuple(rows), new), **options)
