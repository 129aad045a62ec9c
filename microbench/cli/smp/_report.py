"""Each report about many CPUs as a command, and the validation for `mkbench validate smp`."""

from __future__ import annotations

import click

from microbench.cli._options import Out, output_options, some_word
from microbench.cli._output import emit_rows, emit_text
from microbench.cli._say import progress
from microbench.cli.smp._asked import announce_many
from microbench.cli.smp._cpus import cpus_option
from microbench.row import Row
from microbench.study.smp.reports import REPORTS

_CHOICES = {
    "machine": click.option("--machine", metavar="NAME|FILE", callback=some_word),
    "cpus": cpus_option,
}


def report_command(name: str) -> click.Command:
    """A report as a command of its own."""

    @click.command(name, help=REPORTS[name].summary)
    @output_options
    def command(out: Out, machine: str | None = None, cpus: list[int] | None = None) -> None:
        rows, text = _made(name, out.quiet, machine, cpus)
        if out.on_screen:
            emit_text(f"{text}\n", None)
        else:
            emit_rows(rows, out, REPORTS[name].title, seed=1, screen="rows")

    for option in reversed(REPORTS[name].asks.split()):
        command = _CHOICES[option](command)
    return command


def _made(
    name: str, quiet: bool, machine: str | None = None, cpus: list[int] | None = None
) -> tuple[list[Row], str]:
    report = REPORTS[name]
    announce_many(quiet)
    with progress(report.steps, quiet) as tick:
        return report.make(machine, cpus, tick)


def validate_text(form: str = "table", quiet: bool = False, details: bool = False) -> str:
    """The multiprocessor's validation as text: one screen, or every row and what it hangs on.

    Parameters
    ----------
    details : bool
        Every row, promises kept, misses.
    form : str
        "table", or "json" with a "summary" beside the rows.
    """
    import json

    from microbench.report.export import formatted
    from microbench.report.smp_details import details as at_length
    from microbench.report.smp_screen import screen
    from microbench.store.provenance import provenance
    from microbench.study.smp.validate import summary

    rows, _ = _made("validate", quiet)
    if form == "json":
        facts = provenance(rows, ["validate", "smp"], 1)
        data = json.loads(formatted(rows, "json", provenance=facts))
        return json.dumps({**data, "summary": summary(rows)}, indent=2) + "\n"
    return (at_length if details else screen)(rows) + "\n"


def drawn_text(count: int, seed: int, quiet: bool) -> str:
    """The validation with every range drawn, as text."""
    from microbench.reference.series import load_series
    from microbench.study.smp.draws import draw_all, said

    announce_many(quiet)
    with progress(count * len(load_series()), quiet) as tick:
        found = draw_all(count, seed, tick)
    return said(found, seed) + "\n"
