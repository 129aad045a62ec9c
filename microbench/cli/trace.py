"""`mkbench trace`: record traces to a file, price a file, write a timeline."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from microbench.cli._complete import benchmarks
from microbench.cli._options import (
    STDOUT,
    Command,
    Out,
    Where,
    file_option,
    machine_options,
    output_options,
    quiet_option,
    system_option,
)
from microbench.cli._output import emit_rows, emit_text
from microbench.cli._passing import PASSING
from microbench.cli._say import announce_compilation, note, progress, say_caveats
from microbench.errors import UsageError


class TimelineByDefault(click.Group):
    """A group in which a benchmark's name stands for `timeline NAME`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["timeline", *args]
        return super().parse_args(ctx, args)


@click.group(cls=TimelineByDefault)
def command() -> None:
    """Record a trace, price it on any machine, or write a timeline.

    \b
    mkbench trace record lat_ctx -s 0 2 --system l4 -o t.npz
    mkbench trace price t.npz --machine cortex-a72
    mkbench trace lat_pipe --out trace.json
    """


def out_option(what: str) -> Callable[[Command], Command]:
    """The option `-o FILE`, which must be given, as argument `output`."""
    names = ("-o", "--out", "--output", "output")

    return file_option(*names, required=True, help=what)


@command.command("record", **PASSING)
@system_option
@out_option("The trace file to write, NAME.npz.")
@quiet_option
@click.argument("benchmark", shell_complete=benchmarks)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def record_command(
    systems: list[str] | None, output: str, quiet: bool, benchmark: str, args: tuple[str, ...]
) -> None:
    """Run BENCHMARK functionally, without a machine, and store its traces; on all systems."""
    from microbench.run.stored import record_runs
    from microbench.store.files import write_bytes
    from microbench.trace.store import to_bytes

    if not output.endswith(".npz"):
        raise UsageError(f"{output}: a trace file's name ends in .npz")
    stored = record_runs(benchmark, args, systems)
    write_bytes(output, to_bytes(stored))
    operations = sum(len(run.trace.operations) for run in stored.runs)
    note(f"wrote {output}: {len(stored.runs)} traces, {operations} operations", quiet)


@command.command("price")
@click.argument("file")
@machine_options
@output_options
def price_command(
    file: str,
    where: Where,
    out: Out,
) -> None:
    """Price the traces of FILE on a machine: the integers of a direct run."""
    from dataclasses import replace

    from microbench.run.setup import prepare
    from microbench.run.stored import changed, price
    from microbench.trace.store import read

    stored = read(file)
    setup = prepare(where.machine, where.settings)
    if where.systems:
        held = {run.system for run in stored.runs}
        for name in where.systems:
            if name not in held:
                raise UsageError(f"{file}: holds no trace of {name}; of {', '.join(sorted(held))}")
        stored = replace(stored, runs=[run for run in stored.runs if run.system in where.systems])
    other = changed(stored)
    if other:
        note(f"{file} was recorded from other files than these: {', '.join(other)}")
    announce_compilation(out.quiet)
    notes = say_caveats(setup, "linux", out.quiet)
    emit_rows(price(stored, setup), out, file, machine=setup.label, notes=notes)


@command.command("timeline", **PASSING)
@click.option("--part", metavar="NAME", help="Part of the benchmark; default: its main one.")
@out_option("The Trace Event file to write, NAME.json.")
@machine_options
@quiet_option
@click.argument("benchmark", shell_complete=benchmarks)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def timeline_command(
    part: str | None,
    output: str,
    where: Where,
    quiet: bool,
    benchmark: str,
    args: tuple[str, ...],
) -> None:
    """Write one steady iteration of BENCHMARK as a Trace Event file, a process per system."""
    from microbench.report.steps import timeline
    from microbench.report.timeline import timeline_text
    from microbench.run.calls import on_systems
    from microbench.run.setup import prepare
    from microbench.run.slices import iteration_slices
    from microbench.store.provenance import provenance
    from microbench.workloads.registry import workloads

    workload, setup = workloads(benchmark, list(args))[0], prepare(where.machine, where.settings)
    parts = {p.name: p for p in workload.parts()}
    if part is not None and part not in parts:
        raise UsageError(f"--part {part!r}: {benchmark} has {', '.join(parts)}")
    chosen = parts[part] if part else next(iter(parts.values()))
    placed = on_systems(workload, where.systems, setup, beside=True)
    announce_compilation(quiet)
    found = {}
    with progress(len(placed), quiet) as tick:
        for named, system in placed:
            tick(system)
            found[system] = timeline(iteration_slices(named, chosen, system, setup))
    title = f"{benchmark} {workload.args}".strip()
    about = {
        "benchmark": title,
        "part": chosen.name,
        "machine": f"{where.machine} {setup.spec.hash}",
    }
    text = timeline_text(
        found, setup.spec.value("core.clock_hz"), {**about, **provenance([], sys.argv[1:])}
    )
    emit_text(text, output)
    if output not in STDOUT:
        note(f"wrote {output}: one iteration of {title}, {chosen.name}", quiet)
