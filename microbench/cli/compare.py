"""`mkbench compare`: result files row by row, or measured files beside a modelled machine."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from microbench.cli._compare import EXITS, compare_options, report
from microbench.cli._measured import compare_measured, print_sides, read_all, sides
from microbench.cli._options import Out, Where, machine_list, machines_options
from microbench.errors import MismatchError, UsageError

if TYPE_CHECKING:
    from microbench.measured.reading import Reading
    from microbench.store.rows import Results


@click.command(epilog=EXITS)
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--measured", multiple=True, metavar="FILE", help="Beside what --machine is modelled to do."
)
@machines_options
@compare_options
def command(
    old: str | None, new: str | None, measured: tuple[str, ...], where: Where, **options: Any
) -> None:
    """Compare two result files (CSV or JSON of any mkbench command, or what `measured` reads;
    `-` is stdin); or measured files with a machine:

    mkbench compare --measured lmbench.out --machine cortex-a72
    """
    out: Out = options["out"]
    if measured and old is None:
        if out.form == "junit":
            raise UsageError("--format junit: for two files of mkbench alone")
        for name in machine_list(where.machine):
            compare_measured(measured, where._replace(machine=name), out)
        return
    if measured or old is None or new is None:
        raise UsageError("give OLD and NEW, or --measured FILE with a --machine")
    if old == new == "-":
        raise UsageError("only one of OLD and NEW can be standard input")
    _two(old, new, options)


def _two(old: str, new: str, options: dict[str, Any]) -> None:
    """A gate where both are the model's and about one thing; else side by side."""
    out: Out = options["out"]
    found = read_all([old, new], out.quiet)
    first, second = found[old], found[new]
    if first.results and second.results and _one_thing(first.results, second.results):
        try:
            report(first.results, second.results, **options)
        except MismatchError:
            _show(found, out)
            raise
        return
    if out.form == "junit":
        raise UsageError("--format junit: for two files of mkbench about one machine alone")
    names, lines = sides(found)
    print_sides(names, lines, out)
    modelled = any(row.role != "measured" for one in found.values() for row in one.rows)
    if modelled and not options["force"]:
        said = " / ".join(names)
        raise MismatchError(f"not the same thing: {said}; with --force this is no failure")


def _show(found: dict[str, Reading], out: Out) -> None:
    """Rows of two settings side by side, where the gate refuses to judge them."""
    if not out.on_screen:
        return
    with suppress(MismatchError):
        names, lines = sides(found)
        print_sides(names, lines, Out())


def _one_thing(first: Results, second: Results) -> bool:
    """Whether rows have names in common, or there are none to have."""
    common = {row.key for row in first.rows} & {row.key for row in second.rows}
    return bool(common) or not first.rows or not second.rows
