"""`mkbench host`: this machine measured, and a machine file made of it."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from microbench.cli._options import FORMATS, STDOUT, Out, file_option, output_options
from microbench.cli._output import emit_text
from microbench.cli._say import note, progress
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.measured.probes.host import HostResult

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@click.command()
@click.option("--seconds", default=1.0, show_default=True, help="For each probe; all: 30 at most.")
@click.option("--only", default="", metavar="NAME", help="Probes whose name begins so.")
@file_option("--machine-file", help="Write a machine file of this machine.")
@output_options
def command(
    seconds: float,
    only: str,
    machine_file: str | None,
    out: Out,
) -> None:
    """Measure system calls, switches, processes and memory of this machine.

    mkbench host -o mine.csv --machine-file mine.toml
    """
    if sys.platform != "linux":
        raise UsageError("host: the probes are of Linux")
    if not 0.01 <= seconds <= 60:
        raise UsageError(f"--seconds = {seconds:g}: between 0.01 and 60")
    if out.form not in ("table", "csv", "json"):
        raise UsageError(
            f"--format = {out.form}: host writes table, csv or json, not all of {FORMATS}"
        )
    for name in THREADS:
        os.environ.setdefault(name, "1")
    from microbench.measured.probes.pinning import pin

    cpu = pin()
    from microbench.measured.probes.host import host_machine, run_host

    note("compiling the probes where that was not done yet, then about half a minute", out.quiet)
    with ExitStack() as stack:
        result = run_host(
            cpu, seconds, lambda total: stack.enter_context(progress(total, out.quiet)), only
        )
    if not result.found:
        raise UsageError(f"--only = {only!r}: no probe is called so")
    _emit(result, out)
    for text in result.doubts:
        note(f"doubt: {text}", out.quiet)
    if machine_file:
        from microbench.store.files import write_text

        text, like = host_machine(result, Path(machine_file).stem)
        write_text(machine_file, text)
        note(f"{machine_file}: written; all that was not measured is like {like}", out.quiet)
        rows = out.file if out.file not in STDOUT and out.form != "table" else "mine.csv"
        note(f"beside it: mkbench compare --measured {rows} --machine {machine_file}", out.quiet)


def _emit(result: HostResult, out: Out) -> None:
    from microbench.measured.probes.doubts import NOT_SO
    from microbench.measured.probes.host import host_rows
    from microbench.store.rows import csv_text, json_text

    about = {f"host.{key}": value for key, value in result.facts.items()}
    about |= {f"doubt.{i}": text for i, text in enumerate(result.doubts, 1)}
    rows = host_rows(result)
    if out.on_screen:
        from microbench.report.host_table import print_host

        print_host(result.found, result.facts)
        click.echo(NOT_SO)
    else:
        text = json_text(rows, about) if out.form == "json" else csv_text(rows, about)
        emit_text(text, out.file)
