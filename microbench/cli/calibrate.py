"""`mkbench calibrate`: set the calibrated numbers on their rows."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import click

from microbench.cli._options import STDOUT, file_option, quiet_option
from microbench.cli._output import emit_text
from microbench.cli._say import note

if TYPE_CHECKING:
    from microbench.study.calibrate import Found


@click.command()
@quiet_option
@file_option("-o", "--output", required=True, help="The file to write; `-` is stdout.")
def command(output: str, quiet: bool) -> None:
    """Search the calibrated numbers, each on one row, and write them to one file.

    Nothing else moves. The file says the date, the rows and the search. In a checkout the
    file in use is data/calibration.toml.
    """
    from microbench.study.calibrate import calibrate

    note("searching; this takes some seconds", quiet)
    found = calibrate()
    lines = [
        "# Written by `mkbench calibrate`: the only numbers set on published rows.",
        f'date = "{datetime.date.today().isoformat()}"',
        "",
    ]
    for number in found:
        lines += _table(number)
    emit_text("\n".join(lines), output)
    if output not in STDOUT:
        note(f"wrote {output}", quiet)
    groups = {number.counts_as for number in found}
    note(f"{len(groups)} calibrated numbers: {', '.join(sorted(groups))}", quiet)


def _table(number: Found) -> list[str]:
    return [
        f'[number."{number.key}"]',
        f"value = {number.value!r}",
        f'unit = "{number.unit}"',
        'certainty = "calibrated"',
        f'source = "TALK, {number.row}"',
        f'row = "{number.row}"',
        f'counts_as = "{number.counts_as}"',
        f'note = "{number.search}"',
        "",
    ]
