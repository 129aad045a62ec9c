"""`mkbench run`: one benchmark, with lmbench's own arguments."""

from __future__ import annotations

from functools import partial

import click

from microbench.cli._complete import benchmarks
from microbench.cli._recorded import plays_recorded, run_recorded, split_kernel
from microbench.cli.common import (
    STDOUT,
    Where,
    across_machines,
    against_option,
    announce_compilation,
    emit_rows,
    machine_options,
    note,
    output_options,
    progress,
    say_caveats,
    say_idle,
    wrapped,
)
from microbench.errors import UsageError


@click.command(context_settings={"ignore_unknown_options": True})
@machine_options
@partial(output_options, more=["lmbench"])
@against_option
@click.argument("benchmark", shell_complete=benchmarks)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@across_machines
def command(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    form: str,
    output: str | None,
    quiet: bool,
    against: str | None,
) -> None:
    """Run BENCHMARK with ARGS as lmbench would take them; all its variants without ARGS.

    mkbench run lat_ctx -s 0 2 10

    --format lmbench prints what lmbench's programs print, one system a file.
    """
    if benchmark.startswith("smp_"):
        from microbench.cli.smp._asked import ask

        ask("run", benchmark, args, where, output, quiet, form)
        return
    from microbench.workloads.registry import BENCHMARKS

    family = BENCHMARKS[benchmark].family if benchmark in BENCHMARKS else ""
    if family:
        play = _failure if family == "failure" else _files
        play(benchmark, args, where, form, output, quiet)
        return
    kernel, rest = split_kernel(benchmark, args)
    if plays_recorded(benchmark, rest, kernel, where):
        run_recorded(benchmark, rest, kernel, where, form, output, quiet)
        return
    args = tuple(rest)
    from microbench.reference.compare import compared_with
    from microbench.run.caveats import FOREIGN
    from microbench.run.rows import rows_of_run, runs_of
    from microbench.run.setup import prepare
    from microbench.study.ranges import ranged
    from microbench.workloads.base import kind_of
    from microbench.workloads.registry import workloads

    found = workloads(benchmark, list(args))
    say_idle(benchmark, args, quiet)
    setup = prepare(where.machine, where.settings)
    announce_compilation(quiet)
    notes = say_caveats(setup, kind_of(found[0]), quiet)
    runs = []
    with progress(len(found), quiet) as tick:
        for workload in found:
            tick(f"{workload.name} {workload.args}".strip())
            runs.append(runs_of(workload, where.systems, setup))
    rows = [row for one in runs for each in one for row in rows_of_run(each, setup)]
    rows = ranged(rows, setup)
    if kind_of(found[0]) == "linux" and FOREIGN in notes:
        from microbench.study.abroad import said

        notes.append(said(rows, setup))
        note(notes[-1], quiet)
    rows = compared_with(rows, against) if against else rows
    title = f"{benchmark}, lmbench-style"
    emit_rows(rows, form, output, title, machine=setup.label, notes=notes)
    if form == "table" and output in STDOUT:
        from microbench.run.explain import reasons

        why = reasons([[each[0] for each in one] for one in runs], setup)
        for text in ["why", *why] if why else ():
            click.echo(wrapped(text))


def _files(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Benchmarks of files run on structures, each with counts of its own."""
    from microbench.run.files import file_rows
    from microbench.run.setup import prepare
    from microbench.workloads.registry import file_benches

    words = ["--fs", ",".join(where.systems)] if where.systems else []
    found = file_benches(benchmark, [*args, *words])
    setup = prepare(where.machine, where.settings)
    announce_compilation(quiet)
    notes = say_caveats(setup, "linux", quiet)
    rows = []
    with progress(len(found), quiet) as tick:
        for bench in found:
            tick(f"{bench.name} {bench.args}".strip())
            rows += file_rows(bench, setup)
    title = f"{benchmark}, on structures"
    emit_rows(rows, form, output, title, screen="files", machine=setup.label, notes=notes)


def _failure(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Benchmarks in which something dies, and what none of it brings back."""
    from microbench.run.failure import NOT_RECOVERED, failure_rows
    from microbench.run.setup import prepare

    if where.systems:
        raise UsageError(f"{benchmark} takes no --system")
    announce_compilation(quiet)
    rows = failure_rows(benchmark, list(args), prepare(where.machine, where.settings))
    emit_rows(rows, form, output, benchmark)
    if form == "table" and output in (None, "-"):
        click.echo("\n  ".join(["not recovered", *NOT_RECOVERED]))
