"""`mkbench sweep`: one benchmark over many machine variants, on all cores or a cluster."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

import click

from microbench.cli._complete import benchmarks
from microbench.cli._options import STDOUT, Where, machine_options, output_option, quiet_option
from microbench.cli._passing import PASSING
from microbench.cli._say import announce_compilation, note, progress
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.store.journal import Journal
    from microbench.study.sweep import Record, Sweep

SUFFIXES = (".csv", ".parquet")


@click.command(**PASSING)
@click.option(
    "--vary", multiple=True, required=True, metavar="KEY=V,V...", help="As --set; repeatable."
)
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Default: all cores.")
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="A Dask scheduler that runs already.")
@machine_options
@output_option
@quiet_option
@click.argument("benchmark", shell_complete=benchmarks)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def command(
    vary: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    where: Where,
    output: str | None,
    quiet: bool,
    benchmark: str,
    args: tuple[str, ...],
) -> None:
    """Price BENCHMARK ARGS, a table or `all` rows at every combination of the varied values.

    The result is a tidy table, CSV or, by the name of the file, Parquet. A sweep into a
    file that was killed goes on where it stopped when it is called again.

    mkbench sweep lat_ctx -s 0 2 --vary l1d.size_bytes=8k,16k,32k,64k -o sweep.csv
    """
    from microbench.report.sweep_table import csv_text, file_bytes
    from microbench.store.files import write_bytes
    from microbench.store.journal import Journal
    from microbench.study.sweep import key_of

    file = None if output in STDOUT else str(output)
    _check_name(file)
    sweep = _checked(benchmark, args, where, vary)
    points = sweep.points()
    journal = Journal(file, sweep.identity) if file else None
    with closing(journal) if journal else nullcontext():
        done = _priced(sweep, journal, jobs, scheduler, quiet)
    table = [record for point in points for record in done[key_of(point)]]
    if file is None:
        sys.stdout.write(csv_text(table))
        return
    write_bytes(file, file_bytes(table, file))
    if journal:
        journal.remove()
    note(f"wrote {file}: {len(points)} points, {len(table)} rows", quiet)


def _check_name(file: str | None) -> None:
    """Refuse a file of which nobody can tell the form, or of a form that cannot be written here."""
    from microbench.report.sweep_table import check_parquet

    if file and not file.endswith(SUFFIXES):
        raise UsageError(f"{file}: a sweep's name ends in {' or '.join(SUFFIXES)}")
    if file and file.endswith(".parquet"):
        check_parquet()


def _checked(benchmark: str, args: tuple[str, ...], where: Where, vary: tuple[str, ...]) -> Sweep:
    """The sweep that is asked for, every row and every point of it known to be possible."""
    from microbench.run.calls import calls
    from microbench.run.setup import prepare
    from microbench.study.sweep import Sweep, check_points, parse_vary, variants

    setup = prepare(where.machine, where.settings)
    sweep = Sweep(benchmark, args, tuple(where.systems or ()), setup, parse_vary(vary))
    for name, words in variants(sweep):
        calls(name, words, sweep.systems, setup)
    check_points(sweep)
    return sweep


def _priced(
    sweep: Sweep, journal: Journal | None, jobs: int | None, scheduler: str | None, quiet: bool
) -> dict[str, list[Record]]:
    """The records of every point by its key: those of the journal, and those computed now."""
    from microbench.run.parallel import cores
    from microbench.study.sweep import key_of, run_sweep

    points = sweep.points()
    done = dict(journal.done) if journal else {}
    wanted = [point for point in points if key_of(point) not in done]
    if len(wanted) < len(points):
        note(f"{len(points) - len(wanted)} of {len(points)} points were finished before", quiet)
    announce_compilation(quiet)
    with progress(len(wanted), quiet) as tick:
        for point, records in run_sweep(sweep, wanted, jobs or cores(), scheduler):
            key = key_of(point)
            done[key] = records
            if journal:
                journal.add(key, records)
            tick(key)
    return done
