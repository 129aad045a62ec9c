"""`mkbench smp`: an operation on many CPUs, its principles as switches, and the checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from microbench.cli.common import (
    STDOUT,
    emit_rows,
    emit_text,
    note,
    output_options,
    progress,
    some_word,
)
from microbench.errors import UsageError
from microbench.reading import whole

if TYPE_CHECKING:
    from microbench.row import Row
    from microbench.smp.build import Setup
    from microbench.smp.machine import SmpMachine
    from microbench.smp.operation import Operation

_Command = TypeVar("_Command", bound=Callable[..., Any])
LEAST_ELASTICITY = 0.01
SHARED = ("process", "none", "region", "file")
PRINCIPLES = ("local-data", "caller-cpu", "ask-only")
REPORTS = {
    "table": "The six panels: systems against CPUs, and who is flat.",
    "validate": "Published series and statements beside the model.",
    "locks": "Locks alone beside tables of locks.",
    "lines": "One cache line hit by many CPUs, beside measurements.",
    "principles": "Tornado without one of its principles.",
    "asked": "Synchronisation that the caller asks for, and what isolation makes of it.",
    "scale": "Who is flat with thousands of CPUs, and for which sharing.",
    "users": "A big kernel lock with user work: how many cores a workload scales to.",
    "lameter": "Calls to a server: whose CPU, which queue, on which node.",
    "bends": "Where curves bend: the object that fills first.",
    "queue": "The engine beside a closed queue.",
    "growth": "The engine's own work as CPUs grow.",
    "ranges": "The panels over the stated ranges of the machine's numbers.",
}
TALK_MACHINE = "numachine"
MOST_CPUS = 65536


def _run_options(command: _Command) -> _Command:
    """Add what says which operation runs where."""
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return output_options(command)


_RUN_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("operation"),
    click.option(
        *("--system", "--os", "systems"),
        metavar="NAME[,NAME]",
        callback=some_word,
        help="E.g. tornado,linux-2.2.",
    ),
    click.option("--cpus", metavar="N[,N...]", help="CPU counts; `1,2,4,...,16` fills in."),
    click.option(
        "--machine",
        metavar="NAME|FILE",
        callback=some_word,
        help="A multiprocessor; numachine by default.",
    ),
    click.option(
        *("--set", "settings"),
        multiple=True,
        metavar="KEY=VALUE",
        help="Change the machine, or the operation: parts.NAME, every.NAME, objects.NAME.kind.",
    ),
    click.option("--shared", type=click.Choice(SHARED), default="process", show_default=True),
    click.option(
        *("--without", "without"),
        multiple=True,
        type=click.Choice(PRINCIPLES),
        help="Take out a principle of tornado or k42.",
    ),
    click.option("--work", type=int, default=0, metavar="CYCLES", help="User work before a call."),
    click.option("--seed", type=int, default=1, show_default=True),
)


def _one_point(
    operation: str,
    systems: str | None,
    cpus: str | None,
    machine: str | None,
    settings: tuple[str, ...],
    shared: str,
    without: tuple[str, ...],
    work: int,
    seed: int,
) -> tuple[list[Operation], SmpMachine, int, Setup]:
    """Operations, machine, CPUs (the last count given) and setup that options ask for."""
    from microbench.run.many import worked
    from microbench.smp.machine import load_machine
    from microbench.smp.runs import checked_setup, cpu_counts, operation_name
    from microbench.smp.settings import changed, split_settings, with_work

    own, machines = split_settings(settings)
    where = load_machine(machine or TALK_MACHINE, machines)
    n = cpu_counts(None if cpus is None else cpu_list(cpus), where)[-1]
    name = operation_name(operation)
    chosen = _systems(name, systems, without)
    ops = [changed(worked(name, system, where, without), own) for system in chosen]
    return [with_work(op, work) for op in ops], where, n, checked_setup(shared, seed)


def _systems(operation: str, systems: str | None, without: tuple[str, ...]) -> list[str]:
    """The systems asked for, or the usual ones."""
    from microbench.smp.operation import system_names
    from microbench.smp.runs import DEFAULT_SYSTEMS, check_systems

    known = system_names(operation)
    usual = [s for s in DEFAULT_SYSTEMS if s in known] or known
    if without:
        usual = [s for s in usual if s in ("tornado", "k42")]
    names = [s.strip() for s in systems.split(",")] if systems else usual
    return check_systems(operation, names)


@click.group("smp")
def command() -> None:
    """Operations on many CPUs at once: run them, ask about them, check them.

    mkbench smp run fault --system tornado,linux-2.2 --cpus 1,2,4,...,16
    """


@command.command("run")
@_run_options
def run_command(
    operation: str,
    systems: str | None,
    cpus: str | None,
    machine: str | None,
    settings: tuple[str, ...],
    shared: str,
    without: tuple[str, ...],
    work: int,
    seed: int,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Run OPERATION, one of `mkbench smp list` or a TOML file, on many CPUs."""
    counts = None if cpus is None else cpu_list(cpus)
    where = (machine, shared, without, seed, settings, work)
    rows = smp_rows(operation, systems, counts, *where, quiet)
    emit_rows(
        rows, form, output, f"{operation}, {shared} shared, seed {seed}", seed=seed, screen="rows"
    )
    if form == "table" and output in STDOUT:
        emit_text(where_time_goes(rows), None)


@command.command("list")
@click.option("-o", "--output", metavar="FILE")
def list_command(output: str | None) -> None:
    """Operations, their systems, and machines."""
    emit_text(listing(), output)


@command.command("plot")
@click.option("--machine", metavar="NAME|FILE", callback=some_word)
@click.option("--figure", "which", type=click.Choice(("panels", "1999", "today")), default="panels")
@click.option("-o", "--output", metavar="FILE", help="A .svg, .pdf or .png file.")
@click.option("-q", "--quiet", is_flag=True)
def plot_command(machine: str | None, which: str, output: str | None, quiet: bool) -> None:
    """Draw the six panels: one machine, each system on its own of 1999, or 128 CPUs of today."""
    plot_panels(output, machine, quiet, which)


@command.command("fit")
@click.option("--machine", required=True, metavar="NAME|FILE", help="Where it was measured.")
@click.option(
    "--operation", default="anonfault", show_default=True, help="What it is compared with."
)
@click.option("--system", default="linux-5.8", show_default=True)
@click.option("--shared", type=click.Choice(SHARED), default="process", show_default=True)
@click.option("--column", metavar="NAME", help="Rates: throughput, threads, processes ...")
@click.option("--plot", "picture", metavar="FILE", help="Data, model and law as a figure.")
@output_options
@click.argument("data", metavar="DATA.csv")
def fit_command(
    data: str,
    machine: str,
    operation: str,
    system: str,
    shared: str,
    column: str | None,
    picture: str | None,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """What part of an operation is serial, from DATA.csv: cpus,throughput or will-it-scale's."""
    from pathlib import Path

    from microbench.reference.scaling import load_scaling
    from microbench.study.smp.fit import fit_rows

    _announce(quiet)
    measured = load_scaling(Path(data), column)
    rows, text = fit_rows(measured, machine, operation, system, shared)
    emit_rows(rows, form, output, f"{measured.name} beside {system} {operation}")
    if form == "table" and output in STDOUT:
        emit_text(text + "\n", None)
    if picture:
        from microbench.report.plot_scaling import scaling

        scaling(picture, rows, measured)


@command.command("explain")
@_run_options
def explain_command(
    operation: str,
    systems: str | None,
    cpus: str | None,
    machine: str | None,
    settings: tuple[str, ...],
    shared: str,
    without: tuple[str, ...],
    work: int,
    seed: int,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Where the time of OPERATION goes with many CPUs, object by object."""
    from microbench.study.smp.where import where_text

    ops, where, n, setup = _one_point(
        operation, systems, cpus, machine, settings, shared, without, work, seed
    )
    _announce(quiet)
    emit_text(where_text(ops, where, n, setup), output)


@command.command("sensitivity")
@_run_options
def sensitivity_command(
    operation: str,
    systems: str | None,
    cpus: str | None,
    machine: str | None,
    settings: tuple[str, ...],
    shared: str,
    without: tuple[str, ...],
    work: int,
    seed: int,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """How much the slowdown of OPERATION hangs on each number of machine and operation."""
    from microbench.study.smp.hangs import hang_rows

    ops, where, n, setup = _one_point(
        operation, systems, cpus, machine, settings, shared, without, work, seed
    )
    _announce(quiet)
    with progress(len(ops) * (len(where.numbers) + 10), quiet) as tick:
        rows = [row for op in ops for row in hang_rows(op, where, n, setup, tick=tick)]
    if form == "table":
        rows = [row for row in rows if abs(row.value) >= LEAST_ELASTICITY]
    title = f"{operation}, {n} CPUs, elasticity of the slowdown"
    emit_rows(rows, form, output, title, screen="rows")


def _report(name: str, summary: str) -> click.Command:
    """A report as a command of its own."""

    @command.command(name, help=summary)
    @click.option("--machine", metavar="NAME|FILE", callback=some_word)
    @click.option("--cpus", metavar="N[,N...]", help="CPU counts; `1,2,4,...,16` fills in.")
    @output_options
    def report(
        machine: str | None, cpus: str | None, form: str, output: str | None, quiet: bool
    ) -> None:
        counts = None if cpus is None else cpu_list(cpus)
        emit_report(name, machine, counts, form, output, quiet)

    return report


for _name, _summary in REPORTS.items():
    _report(_name, _summary)


def where_time_goes(rows: Sequence[Row]) -> str:
    """For each system at its most CPUs, the object that takes the time; empty if none does."""
    last = {r.system: r for r in rows if r.metric == "slowdown"}
    lines = [f"{r.system}, {r.args}: {r.note}" for r in last.values() if r.note]
    return "\n".join(["most of the time goes to", *lines]) + "\n" if lines else ""


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
    words = [*args, "--format", form]
    if output is not None:
        words += ["--output", output]
    ask("run", benchmark, [*words, *(["--quiet"] if quiet else [])], machine, settings)


def ask(
    what: str,
    benchmark: str,
    words: Sequence[str],
    machine: str | None = None,
    settings: Sequence[str] = (),
) -> None:
    """Call one of this group's commands for `smp_NAME` with the words another command was given."""
    words = [*words, *(word for setting in settings for word in ("--set", setting))]
    if machine is not None:
        words = [*words, "--machine", machine]
    own = command.commands[what]
    with own.make_context(what, [*words, benchmark]) as context:
        own.invoke(context)


def smp_rows(
    operation: str,
    systems: str | None,
    counts: list[int] | None,
    machine: str | None,
    shared: str,
    without: tuple[str, ...],
    seed: int,
    settings: Sequence[str],
    work: int,
    quiet: bool,
) -> list[Row]:
    """Rows of one operation, with progress on stderr."""
    from microbench.run.many import worked
    from microbench.smp.machine import load_machine
    from microbench.smp.runs import cpu_counts, operation_name, run
    from microbench.smp.settings import split_settings

    chosen = _systems(operation_name(operation), systems, without)
    where = machine or TALK_MACHINE
    points = cpu_counts(counts, load_machine(where, split_settings(settings)[1]))
    _announce(quiet)
    with progress(len(chosen) * (len(points) + 1), quiet) as tick:
        return run(
            operation, chosen, points, where, shared, without, seed, settings, tick, work, worked
        )


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
    count = whole(word, 1, MOST_CPUS)
    if count is None:
        raise UsageError(f"--cpus {text[:80]}: {word[:40]!r} is no count from 1 to {MOST_CPUS}")
    return count


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
    """Print one of `REPORTS`: in a table's form its words, in others its rows."""
    from microbench.study.smp import reports

    _announce(quiet)
    with progress(reports.steps(name), quiet) as tick:
        rows, text = reports.report(name, machine, counts, tick)
    on_terminal = form == "table" and output in STDOUT
    if not on_terminal or name not in reports.IN_WORDS:
        emit_rows(rows, form, output, reports.TITLES[name], seed=1, screen="rows")
    if on_terminal:
        emit_text(text + "\n", None)


def validate_text(form: str = "table", quiet: bool = False) -> str:
    """The multiprocessor's validation as text: every row, promises kept, misses.

    Parameters
    ----------
    form : str
        "table", or "json" with a "summary" beside the rows.
    """
    import json

    from microbench.report.export import Frame, formatted
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
    return formatted(rows, "table", Frame(reports.TITLES["validate"], "rows")) + text + "\n"


def plot_panels(
    output: str | None, machine: str | None = None, quiet: bool = False, which: str = "panels"
) -> None:
    """Draw the six panels to a file."""
    if output in STDOUT:
        raise UsageError("plot: name a file with -o, ending in .svg, .pdf or .png")
    from microbench.report.plot_panels import FIGURES, figure, own_machines

    _announce(quiet)
    with progress(FIGURES[which].steps, quiet) as tick:
        if which == "panels":
            figure(str(output), machine or TALK_MACHINE, tick=tick)
        else:
            own_machines(str(output), which, tick)


def _announce(quiet: bool) -> None:
    """Say so if the engine is not compiled yet."""
    from microbench.run.compiled import MANY_CPUS, announce

    announce(lambda text: note(text, quiet), MANY_CPUS)
