"""What `check` and `compare` share: options, output and exit code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from microbench.cli._options import Command, Out, output_options
from microbench.cli._output import emit_text
from microbench.cli._say import note
from microbench.errors import RegressionError

if TYPE_CHECKING:
    from microbench.store.rows import Results

EXITS = "Exit code: 0 as allowed, 1 a row differs or is gone, 2 a mistake, 3 not the same thing."


def compare_options(command: Command) -> Command:
    """Add the options `report` takes."""
    options: tuple[Callable[[Any], Any], ...] = (
        click.option("--tolerance", metavar="2%", help="Allowed difference; default: none."),
        click.option("--force", is_flag=True, help="Compare what is not the same thing."),
        click.option("--only-worse", is_flag=True, help="An improvement is no failure."),
        click.option("--all", "everything", is_flag=True, help="Show rows that are equal, too."),
        partial(output_options, more=["junit"]),
    )
    for option in reversed(options):
        command = option(command)
    return command


def report(
    old: Results,
    new: Results,
    tolerance: str | None,
    force: bool,
    only_worse: bool,
    everything: bool,
    out: Out,
) -> None:
    """Compare, print, and raise if a row differs by more than is allowed.

    Raises
    ------
    RegressionError
        If a row differs by too much, or is gone.
    MismatchError
        If the two do not describe the same thing.
    """
    from microbench.store.compare import compare, differences
    from microbench.store.rows import parse_tolerance

    allowed = None if tolerance is None else parse_tolerance(tolerance)
    comparison = compare(old, new, allowed, force)
    for phrase in differences(old, new) if force else ():
        note(f"forced: {phrase}", out.quiet)
    if out.on_screen:
        _print(comparison, only_worse, everything)
    else:
        from microbench.report.changes import changes_text

        emit_text(changes_text(comparison, out.form, only_worse, everything), out.file)
    if comparison.failed(only_worse):
        differ, gone = len(comparison.failures(only_worse)), len(comparison.removed)
        raise RegressionError(f"{differ} rows differ by more than allowed, {gone} are gone")


def _print(comparison: Any, only_worse: bool, everything: bool) -> None:
    from microbench.report.changes import summary
    from microbench.report.terminal import print_changes

    shown = [m for m in comparison.matched if everything or m.verdict != "same"]
    if shown:
        print_changes(shown)
    for sentence in summary(comparison, only_worse):
        click.echo(sentence)
