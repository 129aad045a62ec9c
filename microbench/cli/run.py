"""`mkbench run`: one benchmark, with lmbench's own arguments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from microbench.cli._calls import Meant, file_calls, meant
from microbench.cli._complete import benchmarks
from microbench.cli._options import Out, Where, against_option, machines_options, output_options
from microbench.cli._output import across_machines, emit_rows, wrapped
from microbench.cli._passing import PASSING
from microbench.cli._say import announce_compilation, note, progress, say_caveats
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.row import Row
    from microbench.run.calls import Run


@click.command(**PASSING)
@machines_options
@partial(output_options, more=["lmbench"])
@against_option
@click.argument("benchmark", shell_complete=benchmarks)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@across_machines
def command(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    out: Out,
    against: str | None,
) -> None:
    """Run BENCHMARK with ARGS as lmbench would take them; all its variants without ARGS.

    mkbench run lat_ctx -s 0 2 10

    --format lmbench prints what lmbench's programs print, one system a file.
    """
    if benchmark.startswith("smp_"):
        from microbench.cli.smp._asked import ask

        ask("run", benchmark, args, where, out.file, out.quiet, out.form)
        return
    from microbench.workloads.registry import BENCHMARKS

    family = BENCHMARKS[benchmark].family if benchmark in BENCHMARKS else ""
    if family:
        play = _failure if family == "failure" else _files
        play(benchmark, args, where, out)
        return
    asked = meant(benchmark, args, where, out.quiet)
    runs = _runs(asked, out.quiet)
    rows, notes = _rows(asked, runs, out.quiet)
    if against:
        from microbench.reference.compare import compared_with

        rows = compared_with(rows, against)
    title = f"{benchmark}, lmbench-style"
    emit_rows(rows, out, title, machine=asked.setup.label, notes=notes)
    if out.on_screen:
        from microbench.run.explain import reasons

        why = reasons([[run[0] for run in variant] for variant in runs], asked.setup)
        for text in ["why", *why] if why else ():
            click.echo(wrapped(text))


def _runs(asked: Meant, quiet: bool) -> list[list[Run]]:
    """Every variant on each of its systems, with progress on stderr."""
    from microbench.run.calls import run_on

    announce_compilation(quiet)
    found = []
    with progress(len(asked.calls), quiet) as tick:
        for variant in asked.calls:
            first = variant[0][0]
            tick(f"{first.name} {first.args}".strip())
            found.append([run_on(*pair, asked.setup) for pair in variant])
    return found


def _rows(asked: Meant, runs: list[list[Run]], quiet: bool) -> tuple[list[Row], list[str]]:
    """The rows with their ranges, and what stands below them."""
    from microbench.run.caveats import FOREIGN
    from microbench.run.rows import rows_of_run
    from microbench.study.abroad import said
    from microbench.study.ranges import ranged

    rows = [row for variant in runs for run in variant for row in rows_of_run(run, asked.setup)]
    rows, notes = ranged(rows, asked.setup), asked.notes
    if FOREIGN in notes:
        notes = [*notes, said(rows, asked.setup)]
        note(notes[-1], quiet)
    return rows, notes


def _files(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    out: Out,
) -> None:
    """Benchmarks of files run on structures, each with counts of its own."""
    from microbench.run.files import file_rows
    from microbench.run.setup import prepare

    found = file_calls(benchmark, args, where)
    setup = prepare(where.machine, where.settings)
    announce_compilation(out.quiet)
    notes = say_caveats(setup, "linux", out.quiet)
    rows = []
    with progress(len(found), out.quiet) as tick:
        for bench in found:
            tick(f"{bench.name} {bench.args}".strip())
            rows += file_rows(bench, setup)
    title = f"{benchmark}, on structures"
    emit_rows(rows, out, title, screen="files", machine=setup.label, notes=notes)


def _failure(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    out: Out,
) -> None:
    """Benchmarks in which something dies, and what none of it brings back."""
    from microbench.run.failure import NOT_RECOVERED, failure_rows
    from microbench.run.setup import prepare

    if where.systems:
        raise UsageError(f"{benchmark} takes no --system")
    announce_compilation(out.quiet)
    setup = prepare(where.machine, where.settings)
    rows = failure_rows(benchmark, list(args), setup)
    said = dict.fromkeys(text for row in rows for text in row.note.split("; ") if text)
    lost = [f"not recovered: {text}" for text in NOT_RECOVERED]
    notes = [*said, *lost]
    title = "What dies and comes back"
    emit_rows(rows, out, title, screen="failure", machine=setup.label, notes=notes)
    if out.on_screen:
        for text in notes:
            click.echo(wrapped(text))
