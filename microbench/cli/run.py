"""`mkbench run`: one benchmark, with lmbench's own arguments."""

from __future__ import annotations

import click

from microbench.cli._recorded import plays_recorded, run_recorded, split_kernel
from microbench.cli.common import (
    STDOUT,
    Where,
    across_machines,
    announce_compilation,
    emit_rows,
    machine_options,
    note,
    output_options,
    progress,
    say_doubts,
    say_idle,
)
from microbench.errors import UsageError

RECORDED_ON = ("armv4", "armv5")
FOREIGN = (
    "the paths of Linux and of its server are those of ARM kernels of 2004 to 2007, replayed "
    "instruction by instruction; another instruction set has other counts"
)


@click.command(context_settings={"ignore_unknown_options": True})
@machine_options
@output_options
@click.argument("benchmark")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@across_machines
def command(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Run BENCHMARK with ARGS as lmbench would take them; all its variants without ARGS.

    mkbench run lat_ctx -s 0 2 10
    """
    if benchmark.startswith("smp_"):
        from microbench.cli.smp import run_benchmark

        run_benchmark(benchmark, args, where.own_machine, form, output, quiet, where.settings)
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
    from microbench.run.rows import workload_rows
    from microbench.run.setup import prepare
    from microbench.study.ranges import ranged
    from microbench.workloads.registry import workloads

    found = workloads(benchmark, list(args))
    say_idle(benchmark, args, quiet)
    setup = prepare(where.machine, where.settings)
    announce_compilation(quiet)
    say_doubts(setup.spec, quiet)
    foreign = benchmark != "lat_ipc" and setup.spec.words.get("architecture") not in RECORDED_ON
    if foreign:
        note(FOREIGN, quiet)
    rows = []
    with progress(len(found), quiet) as tick:
        for workload in found:
            tick(f"{workload.name} {workload.args}".strip())
            rows += ranged(workload_rows(workload, where.systems, setup), setup)
    if foreign:
        from microbench.study.abroad import said

        note(said(rows, setup), quiet)
    emit_rows(rows, form, output, f"{benchmark}, lmbench-style")
    compared = {"native", "l4"} <= {row.system for row in rows}
    if form == "table" and output in STDOUT and compared:
        from microbench.run.explain import reason

        why = [text for workload in found if (text := reason(workload, setup))]
        if why:
            click.echo("\n  ".join(["why", *why]))


def _files(
    benchmark: str,
    args: tuple[str, ...],
    where: Where,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Benchmarks of files run on structures, each with counts of its own."""
    from microbench.report.file_columns import print_files
    from microbench.run.files import file_rows
    from microbench.run.setup import prepare
    from microbench.workloads.registry import file_benches

    words = ["--fs", ",".join(where.systems)] if where.systems else []
    found = file_benches(benchmark, [*args, *words])
    setup = prepare(where.machine, where.settings)
    announce_compilation(quiet)
    say_doubts(setup.spec, quiet)
    if setup.spec.words.get("architecture") not in RECORDED_ON:
        note(FOREIGN, quiet)
    rows = []
    with progress(len(found), quiet) as tick:
        for bench in found:
            tick(f"{bench.name} {bench.args}".strip())
            rows += file_rows(bench, setup)
    title = f"{setup.spec.name} at {setup.spec.value('core.clock_hz') / 1e6:.1f} MHz"
    if form == "table" and output in STDOUT:
        print_files(rows, title)
    else:
        emit_rows(rows, form, output, title)


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
