"""`mkbench smp`: an operation on many CPUs, its principles as switches, and the checks."""

from __future__ import annotations

from typing import Any

import click

from microbench.cli.common import emit_rows, emit_text, note, output_options, progress
from microbench.errors import UsageError

SHARED = ("process", "none", "region", "file")
PRINCIPLES = ("local-data", "caller-cpu", "ask-only")
REPORTS = ("lameter", "growth", "validate", "table", "principles", "lines", "queue")


@click.command()
@click.option("--os", "systems", metavar="NAME[,NAME]", help="Systems, e.g. tornado,linux-2.2.")
@click.option("--cpus", metavar="N[,N...]", help="CPU counts; `1,2,4,...,16` fills in.")
@click.option("--machine", metavar="NAME|FILE", help="A multiprocessor; numachine by default.")
@click.option("--shared", type=click.Choice(SHARED), default="process", show_default=True)
@click.option("--without", "without", multiple=True, type=click.Choice(PRINCIPLES))
@click.option("--seed", type=int, default=1, show_default=True)
@output_options
@click.argument("operation")
def command(
    operation: str,
    systems: str | None,
    cpus: str | None,
    machine: str | None,
    shared: str,
    without: tuple[str, ...],
    seed: int,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Run OPERATION on many CPUs: fault, fstat, thread, anonfault, open, fork, map or call.

    OPERATION may also be a report: table, validate, principles, lameter, growth, lines, queue;
    or plot, which draws the six panels to the file of -o.
    """
    if operation == "plot":
        _plot(output, quiet)
        return
    counts = None if cpus is None else cpu_list(cpus)
    if operation in REPORTS:
        _report(operation, machine, counts, form, output, quiet)
        return
    rows = smp_rows(operation, systems, counts, machine, shared, without, seed, quiet)
    emit_rows(rows, form, output, f"{operation}, {shared} shared, seed {seed}", seed=seed)


def smp_rows(
    operation: str,
    systems: str | None,
    counts: list[int] | None,
    machine: str | None,
    shared: str,
    without: tuple[str, ...],
    seed: int,
    quiet: bool,
) -> list[Any]:
    """Rows of one operation, with progress on stderr."""
    from microbench.smp.operation import system_names
    from microbench.smp.run import DEFAULT_SYSTEMS, check_systems, operation_name, run

    known = system_names(operation_name(operation))
    names = systems.split(",") if systems else [s for s in DEFAULT_SYSTEMS if s in known] or known
    chosen = check_systems(operation, [s.strip() for s in names])
    if without and not systems:
        chosen = [s for s in chosen if s in ("tornado", "k42")]
    note("compiling the engine on first use", quiet)
    with progress(len(chosen) * (len(counts or []) + 1), quiet) as tick:
        return run(operation, chosen, counts, machine or "numachine", shared, without, seed, tick)


def cpu_list(text: str) -> list[int]:
    """CPU counts of `1,2,4,...,16`: the dots go on by the step or factor before them.

    Raises
    ------
    UsageError
        If a word is no number above 0, or the dots have nothing to go on.
    """
    counts: list[int] = []
    words = [word.strip() for word in text.split(",")]
    for i, word in enumerate(words):
        if word != "...":
            counts.append(_number(word, text))
            continue
        if len(counts) < 2 or i + 1 >= len(words):
            raise UsageError(f"--cpus {text}: `...` needs two counts before and one after")
        counts += _between(counts, _number(words[i + 1], text), text)
    return list(dict.fromkeys(counts))


def _number(word: str, text: str) -> int:
    if not (word.isascii() and word.isdigit()) or not 1 <= int(word[:9]) <= 65536:
        raise UsageError(f"--cpus {text}: {word!r} is no CPU count")
    return int(word[:9])


def _between(counts: list[int], last: int, text: str) -> list[int]:
    a, b = counts[-2:]
    if b <= a:
        raise UsageError(f"--cpus {text}: counts before `...` must grow")
    doubling = len(counts) >= 3 and counts[-3] * b == a * a and a != counts[-3] + (b - a)
    doubling = doubling or (len(counts) == 2 and a > 1 and b % a == 0)
    found: list[int] = []
    x = b
    while True:
        x = x * (b // a) if doubling else x + (b - a)
        if x >= last:
            return found
        found.append(x)


def _report(
    name: str,
    machine: str | None,
    counts: list[int] | None,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    from microbench.smp import reports

    note("compiling the engine on first use", quiet)
    with progress(reports.steps(name), quiet) as tick:
        rows, text = reports.report(name, machine, counts, tick)
    emit_rows(rows, form, output, reports.TITLES[name], seed=1)
    if text and form == "table" and output in (None, "-"):
        emit_text(text + "\n", None)


def _plot(output: str | None, quiet: bool) -> None:
    if output in (None, "-"):
        raise UsageError("plot: name a file with -o, ending in .svg, .pdf or .png")
    from microbench.smp.figure import figure

    note("drawing six panels", quiet)
    figure(str(output))
