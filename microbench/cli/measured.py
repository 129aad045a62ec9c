"""`mkbench measured`: results of other tools, in mkbench's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from microbench.cli._options import Out, output_options
from microbench.cli._output import emit_rows
from microbench.cli._say import note
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.measured.reading import Reading
    from microbench.row import Row


@click.command()
@click.option("--machine", "label", default="", metavar="LABEL", help="Call the machine this.")
@output_options
@click.argument("files", nargs=-1, required=True)
def command(files: tuple[str, ...], label: str, out: Out) -> None:
    """Read FILES (`-` is stdin) of lmbench, sel4bench, hyperfine, pyperf, Google Benchmark,
    github-action-benchmark or mkbench; the kind is told by the content.
    """
    from microbench.measured.registry import read_measured

    if files.count("-") > 1:
        raise UsageError("only one FILE can be standard input")
    rows: list[Row] = []
    for file in files:
        found = read_measured(file, label)
        say_reading(file, found, out.quiet)
        rows += found.rows
    emit_rows(rows, out, "measured")


def say_reading(file: str, found: Reading, quiet: bool = False) -> None:
    """Say on stderr what a file was, and which of its lines nobody understood."""
    note(f"{file}: {found.kind}, {len(found.rows)} rows", quiet)
    for text in found.notes:
        note(f"{file}: {text}", quiet)
    if found.unread:
        shown = "; ".join(found.unread[:3])
        more = f"; and {len(found.unread) - 3} more" if len(found.unread) > 3 else ""
        note(f"{file}: {len(found.unread)} lines not understood: {shown}{more}", quiet)
