"""`mkbench sensitivity`: how much each row hangs on each number."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from microbench.cli._options import Where, machine_options, output_option, quiet_option
from microbench.cli._output import emit_text
from microbench.cli._say import announce_compilation, progress
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.study.sensitivity import Elasticity


@click.command()
@click.option("--step", default=0.1, show_default=True, help="Share by which costs are moved.")
@click.option("--top", default=5, show_default=True, help="Numbers shown per row.")
@click.option("--format", "form", type=click.Choice(("table", "csv", "json")), default="table")
@click.option(
    "--jobs", "count", type=click.IntRange(1, 1024), metavar="N", help="Default: all cores."
)
@machine_options
@output_option
@quiet_option
@click.argument("rows", nargs=-1, metavar="[ROW]...")
def command(
    step: float,
    top: int,
    form: str,
    count: int | None,
    where: Where,
    output: str | None,
    quiet: bool,
    rows: tuple[str, ...],
) -> None:
    """Elasticity of each ROW to each number of the machine and the kernel paths.

    A ROW is a benchmark, with arguments if quoted; without any, all rows of the talk.

    mkbench sensitivity lat_pipe "lat_ctx -s 0 2"
    """
    from microbench.report.sensitivity_table import csv_text, json_text, table_text
    from microbench.store.provenance import provenance

    if any(row.startswith("smp_") for row in rows):
        from microbench.cli.smp._asked import ask

        if len(rows) != 1:
            raise UsageError(f"{' '.join(rows)}: a row of many CPUs is asked for alone")
        benchmark, *words = rows[0].split()
        ask("sensitivity", benchmark, words, where, output, quiet, form)
        return
    found = measured(rows, where, step, count, quiet)
    if form == "csv":
        emit_text(csv_text(found), output)
    elif form == "json":
        emit_text(json_text(found, provenance([], sys.argv[1:])), output)
    else:
        emit_text(table_text(found, top), output)


def measured(
    rows: Sequence[str],
    where: Where,
    step: float,
    count: int | None,
    quiet: bool,
) -> list[Elasticity]:
    """All elasticities of the rows, in the order of the numbers; progress on stderr."""
    from microbench.run.calls import on_systems
    from microbench.run.parallel import cores, local
    from microbench.run.setup import prepare
    from microbench.study.sensitivity import elasticities, jobs
    from microbench.study.tables import published_tables, table_variants
    from microbench.workloads.registry import workloads

    setup = prepare(where.machine, where.settings)
    wanted = [row.split() for row in rows] or [
        [name, *args.split()]
        for table in published_tables()
        for name, args in table_variants(table)
    ]
    found = [w for words in wanted if words for w in workloads(words[0], words[1:])]
    pairs = [pair for w in found for pair in on_systems(w, where.systems, setup)]
    announce_compilation(quiet)
    work = jobs(pairs, setup, step)
    answers: dict[int, list[Elasticity]] = {}
    with progress(len(work), quiet) as tick:
        for number, answer in local(elasticities, work, count or cores()):
            answers[number] = answer
            tick(work[number].move.number)
    by_number = [one for number in sorted(answers) for one in answers[number]]
    order = {key: i for i, key in enumerate(dict.fromkeys(one.key for one in by_number))}
    return sorted(by_number, key=lambda one: order[one.key])
