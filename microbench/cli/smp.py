"""`mkbench smp`: an operation on many CPUs, its principles as switches, and the checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from microbench.cli.common import STDOUT, emit_rows, emit_text, note, output_options, progress
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.row import Row

SHARED = ("process", "none", "region", "file")
PRINCIPLES = ("local-data", "caller-cpu", "ask-only")
REPORTS = (
    *("table", "validate", "principles", "lameter", "growth", "lines", "locks", "queue", "bends"),
    "ranges",
)
TALK_MACHINE = "numachine"


@click.command()
@click.option("--os", "systems", metavar="NAME[,NAME]", help="Systems, e.g. tornado,linux-2.2.")
@click.option("--cpus", metavar="N[,N...]", help="CPU counts; `1,2,4,...,16` fills in.")
@click.option("--machine", metavar="NAME|FILE", help="A multiprocessor; numachine by default.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change the machine.")
@click.option("--shared", type=click.Choice(SHARED), default="process", show_default=True)
@click.option(
    *("--without", "without"),
    multiple=True,
    type=click.Choice(PRINCIPLES),
    help="Take out a principle of tornado or k42.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@output_options
@click.argument("operation")
def command(
    operation: str,
    systems: str | None,
    cpus: str | None,
    machine: str | None,
    settings: tuple[str, ...],
    shared: str,
    without: tuple[str, ...],
    seed: int,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Run OPERATION on many CPUs: fault, fstat, thread, anonfault, open, fork, map or call.

    OPERATION may also be a report: table, validate, principles, lameter, growth, lines, queue,
    bends or ranges; `list` names operations, systems and machines; `plot -o FILE` draws the six
    panels.
    """
    if operation == "list":
        emit_text(listing(), output)
    elif operation == "plot":
        plot_panels(output, machine, quiet)
    elif operation in REPORTS:
        counts = None if cpus is None else cpu_list(cpus)
        emit_report(operation, machine, counts, form, output, quiet)
    else:
        counts = None if cpus is None else cpu_list(cpus)
        rows = smp_rows(operation, systems, counts, machine, shared, without, seed, settings, quiet)
        emit_rows(rows, form, output, f"{operation}, {shared} shared, seed {seed}", seed=seed)


def run_benchmark(
    benchmark: str,
    args: Sequence[str],
    machine: str | None = None,
    form: str = "table",
    output: str | None = None,
    quiet: bool = False,
    settings: Sequence[str] = (),
) -> None:
    """Run `smp_NAME` with the arguments `mkbench run` was given.

    Parameters
    ----------
    benchmark : str
        "smp_fault" and its like.
    args : sequence of str
        What `mkbench run` did not take itself: --os, --cpus, --shared, --without, --seed.
    machine : str, optional
        A multiprocessor; None for the talk's.
    form, output, quiet, settings
        As the options of the same name.
    """
    words = [*args, *(word for setting in settings for word in ("--set", setting))]
    if machine is not None:
        words += ["--machine", machine]
    if output is not None:
        words += ["--output", output]
    words += ["--format", form, *(["--quiet"] if quiet else []), benchmark]
    with command.make_context("smp", words) as context:
        command.invoke(context)


def smp_rows(
    operation: str,
    systems: str | None,
    counts: list[int] | None,
    machine: str | None,
    shared: str,
    without: tuple[str, ...],
    seed: int,
    settings: Sequence[str],
    quiet: bool,
) -> list[Row]:
    """Rows of one operation, with progress on stderr."""
    from microbench.smp.machine import load_machine
    from microbench.smp.operation import system_names
    from microbench.smp.runs import (
        DEFAULT_SYSTEMS,
        check_systems,
        cpu_counts,
        operation_name,
        run,
    )

    known = system_names(operation_name(operation))
    usual = [s for s in DEFAULT_SYSTEMS if s in known] or known
    if without:
        usual = [s for s in usual if s in ("tornado", "k42")]
    names = [s.strip() for s in systems.split(",")] if systems else usual
    chosen = check_systems(operation, names)
    where = machine or TALK_MACHINE
    points = cpu_counts(counts, load_machine(where, settings))
    _announce(quiet)
    with progress(len(chosen) * (len(points) + 1), quiet) as tick:
        return run(operation, chosen, points, where, shared, without, seed, settings, tick)


def listing() -> str:
    """Operations with their systems and what each is, and the machines."""
    from microbench.smp.machine import load_machine, machine_names
    from microbench.smp.operation import load_operation, operation_names, system_names

    lines = []
    for name in operation_names():
        lines.append(name)
        for system in system_names(name):
            op = load_operation(name, system)
            lines.append(f"  {system:18}{op.title}: {op.source}")
    lines.append("machines")
    lines += [f"  {name:18}{load_machine(name).title}" for name in machine_names()]
    return "\n".join(lines) + "\n"


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


def emit_report(
    name: str,
    machine: str | None = None,
    counts: list[int] | None = None,
    form: str = "table",
    output: str | None = None,
    quiet: bool = False,
) -> None:
    """Print one of `REPORTS`; in a table's form with what there is to say below it."""
    from microbench.study.smp import reports

    _announce(quiet)
    with progress(reports.steps(name), quiet) as tick:
        rows, text = reports.report(name, machine, counts, tick)
    emit_rows(rows, form, output, reports.TITLES[name], seed=1)
    if form == "table" and output in STDOUT:
        emit_text(text + "\n", None)


def validate_text(form: str = "table", quiet: bool = False) -> str:
    """The multiprocessor's validation as text: every row, promises kept, misses.

    Parameters
    ----------
    form : str
        "table", or "json" with a "summary" beside the rows.
    """
    import json

    from microbench.report.export import formatted
    from microbench.store.provenance import provenance
    from microbench.study.smp import reports
    from microbench.study.smp.validate import summary

    _announce(quiet)
    with progress(reports.steps("validate"), quiet) as tick:
        rows, text = reports.report("validate", None, None, tick)
    facts = provenance(rows, ["validate", "smp"], 1)
    if form == "json":
        data = json.loads(formatted(rows, "json", provenance=facts))
        return json.dumps({**data, "summary": summary(rows)}, indent=2) + "\n"
    return formatted(rows, "table", reports.TITLES["validate"]) + text + "\n"


def plot_panels(output: str | None, machine: str | None = None, quiet: bool = False) -> None:
    """Draw the six panels to a file."""
    if output in STDOUT:
        raise UsageError("plot: name a file with -o, ending in .svg, .pdf or .png")
    from microbench.report.plot_panels import CPUS, SYSTEMS, figure

    _announce(quiet)
    with progress(6 * len(SYSTEMS) * (len(CPUS) + 1), quiet) as tick:
        figure(str(output), machine or TALK_MACHINE, tick=tick)


def _announce(quiet: bool) -> None:
    """Say so if the engine is not compiled yet."""
    from microbench.run.compiled import MANY_CPUS, announce

    announce(lambda text: note(text, quiet), MANY_CPUS)
