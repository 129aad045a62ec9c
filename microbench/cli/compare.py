"""`mkbench compare OLD NEW`: two result files, row by row."""

from __future__ import annotations

from typing import Any

import click

from microbench.cli._compare import EXITS, compare_options, report
from microbench.errors import UsageError


@click.command(epilog=EXITS)
@click.argument("old")
@click.argument("new")
@compare_options
def command(old: str, new: str, **options: Any) -> None:
    """Compare two result files (CSV or JSON of any mkbench command; `-` is stdin)."""
    from microbench.store.baseline import read_results

    if old == new == "-":
        raise UsageError("only one of OLD and NEW can be standard input")
    report(read_results(old), read_results(new), **options)
