"""Where what a command prints goes: rows and texts, to standard output or to a file, whole."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import click

from microbench.cli._options import STDOUT, Command, Out, Where, machine_list

if TYPE_CHECKING:
    from microbench.row import Row

COLLECTED = "mkbench.rows"
"""Where rows of several machines wait to be printed together."""
SEED = "mkbench.seed"
"""The seed they were made with, if they were."""


def across_machines(command: Command) -> Command:
    """Let `--machine A,B` run the command once for each, and print the rows side by side."""

    @wraps(command)
    def each(where: Where, out: Out, **others: Any) -> Any:
        names = machine_list(where.machine)
        if len(names) == 1:
            return command(where=where._replace(machine=names[0]), out=out, **others)
        meta = click.get_current_context().meta
        rows = meta[COLLECTED] = []
        for name in names:
            each_out = Out("json", None, out.quiet)
            command(where=where._replace(machine=name), out=each_out, **others)
        del meta[COLLECTED]
        seed = meta.pop(SEED, 0)
        title = ", ".join(names) + (f", seed {seed}" if seed else "")
        emit_rows(rows, out, title, seed=seed)
        return None

    return cast(Command, each)


def _collected() -> list[Row] | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(COLLECTED)


def emit_rows(
    rows: Sequence[Row],
    out: Out,
    title: str = "",
    command: Sequence[str] | None = None,
    seed: int = 0,
    screen: str = "systems",
    machine: str = "",
    notes: Sequence[str] = (),
) -> None:
    """Print rows or write them to a file, in one of `FORMATS`.

    Parameters
    ----------
    rows : sequence of Row
    out : Out
        As `output_options` give it.
    title : str
        Heading, or caption.
    command : sequence of str, optional
        What goes into the provenance; this process's arguments if not given.
    seed : int
        Likewise.
    screen : str
        How a table shows them, of `microbench.report.screens`.
    machine : str
        What the one machine is called in a heading.
    notes : sequence of str
        What stands below or in the header of what is exported; a screen has it on stderr.
    """
    collected = _collected()
    if collected is not None:
        collected.extend(rows)
        if seed:
            click.get_current_context().meta[SEED] = seed
        return
    if out.on_screen:
        from microbench.report.sides import print_sides, sides_of
        from microbench.report.terminal import print_screen

        several = screen == "systems" and len({row.machine for row in rows}) > 1
        found = sides_of(rows) if several else None
        if found is not None:
            print_sides(*found, title)
            return

        print_screen(rows, title, screen=screen, machine=machine)
        return
    from microbench.report.export import Frame, formatted
    from microbench.store.provenance import provenance

    words = sys.argv[1:] if command is None else command
    frame = Frame(title, screen, machine, tuple(notes))
    emit_text(formatted(rows, out.form, frame, provenance(rows, words, seed)), out.file)


def emit_text(text: str, output: str | None) -> None:
    """Write text to stdout, or to a file, whole or not at all."""
    if output in STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from microbench.store.files import write_text

    write_text(str(output), text)


def columns() -> int | None:
    """Columns of the terminal that stdout is, or None if it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wrapped(text: str) -> str:
    """A sentence over as many lines as the terminal needs, broken at blanks; one line if piped."""
    width = columns()
    if width is None:
        return text
    return textwrap.fill(
        text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
