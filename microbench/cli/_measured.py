"""Measured files beside a modelled machine, or beside one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from microbench.cli._options import Out, Where
from microbench.cli._output import emit_text
from microbench.cli._say import announce_compilation, note, progress, say_caveats
from microbench.cli.measured import say_reading
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.measured.reading import Reading
    from microbench.report.columns import Column
    from microbench.store.across import Line
    from microbench.study.beside import Beside


def read_all(files: Sequence[str], quiet: bool) -> dict[str, Reading]:
    """Every file by name, each said on stderr.

    Raises
    ------
    UsageError
        If standard input is named twice.
    """
    from microbench.measured.registry import read_measured

    if list(files).count("-") > 1:
        raise UsageError("only one FILE can be standard input")
    found = {}
    for file in files:
        found[file] = read_measured(file)
        if found[file].kind != "mkbench":
            say_reading(file, found[file], quiet)
    return found


def compare_measured(files: Sequence[str], where: Where, out: Out) -> None:
    """Print measured rows beside modelled ones; several files one after the other.

    Raises
    ------
    UsageError
        If nothing in the files is modelled.
    """
    from microbench.report.side_columns import BESIDE_COLUMNS, BESIDE_LEGEND
    from microbench.run.setup import prepare
    from microbench.study.beside import beside, calls, largest
    from microbench.study.verdicts import verdict

    rows = [row for found in read_all(files, out.quiet).values() for row in found.rows]
    setup = prepare(where.machine, where.settings)
    announce_compilation(out.quiet)
    say_caveats(setup, "linux", out.quiet)
    with progress(len(calls(rows)), out.quiet) as tick:
        found = beside(rows, setup, where.systems, tick)
    there = [one for one in found if one.modelled is not None]
    _say_missing([one for one in found if one.modelled is None], out.quiet)
    if not there:
        raise UsageError("no row of the file is modelled")
    title = f"measured beside {setup.spec.name}"
    emit_table(BESIDE_COLUMNS, there, title, BESIDE_LEGEND, out)
    if out.on_screen:
        for one in largest(there):
            click.echo(f"  {verdict(one, setup, where.systems)}")


def _say_missing(found: Sequence[Beside], quiet: bool) -> None:
    by_reason: dict[str, list[str]] = {}
    for one in found:
        name = f"{one.measured.benchmark} {one.measured.args}".strip()
        by_reason.setdefault(one.why, []).append(name)
    for reason, names in by_reason.items():
        note(f"not modelled: {', '.join(dict.fromkeys(names))}: {reason}", quiet)


def sides(found: Mapping[str, Reading]) -> tuple[list[str], list[Line]]:
    """Files as sides of a comparison: what to call them, and the rows they share.

    Raises
    ------
    MismatchError
        If they share none.
    """
    from microbench.store.across import across, labels

    rows = {file: one.rows for file, one in found.items()}
    return labels(rows), across(list(rows.values()))


def print_sides(names: Sequence[str], lines: Sequence[Line], out: Out) -> None:
    """Print the sides beside one another, with their change against the first."""
    from microbench.report.side_columns import mean_text, side_columns

    systems = len({line.first.system for line in lines}) > 1
    emit_table(side_columns(names, systems), lines, "", mean_text(lines, names), out)


def emit_table(
    columns: Sequence[Column],
    lines: Sequence[Any],
    title: str,
    legend: str,
    out: Out,
) -> None:
    """Print a table of columns, or write it in another form."""
    from microbench.report.terminal import print_table
    from microbench.report.texts import table_text

    if out.on_screen:
        print_table(columns, lines, title, legend)
        return
    emit_text(table_text(columns, lines, title, legend, out.form), out.file)


def explain_between(files: tuple[str, str], where: Where, output: str | None, quiet: bool) -> None:
    """Print which causes of the model could make the difference of two files.

    Raises
    ------
    UsageError, MismatchError
        If nothing in both is modelled, differs, or is the same benchmark.
    """
    from microbench.report.side_columns import FINDING_COLUMNS, FINDING_LEGEND
    from microbench.run.setup import prepare
    from microbench.study.between import between, causes

    names, lines = sides(read_all(files, quiet))
    setup = prepare(where.machine, where.settings)
    announce_compilation(quiet)
    out = Out("table", output, quiet)
    print_sides(names, lines, out)
    with progress(len(causes()), quiet) as tick:
        found = between(lines, names, setup, tick)
    title = f"what could make {names[1]} differ from {names[0]}, on {setup.spec.name}"
    emit_table(FINDING_COLUMNS, found, title, FINDING_LEGEND, out)
