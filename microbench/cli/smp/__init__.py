"""`mkbench smp`: an operation on many CPUs, its principles as switches, and the checks."""

from __future__ import annotations

import click

from microbench.cli._lazy import LazyGroup

COMMANDS = {
    "run": "Run an operation on many CPUs.",
    "list": "Operations, their systems, and machines.",
    "explain": "Where the time of an operation goes, object by object.",
    "sensitivity": "How much its slowdown hangs on each number.",
    "fit": "What part of measured rates is serial.",
    "plot": "The six panels as a file.",
}
"""Name to one line of help. Each has a module here with a `command`."""


class _Group(LazyGroup):
    """The modules of this room, and each report as a command of its own."""

    def summaries(self) -> dict[str, str]:
        from microbench.study.smp.reports import REPORTS

        return {**COMMANDS, **{name: report.summary for name, report in REPORTS.items()}}

    def find(self, name: str) -> click.Command:
        if name in COMMANDS:
            return super().find(name)
        from microbench.cli.smp._report import report_command

        return report_command(name)


@click.group("smp", cls=_Group, room=__name__, summaries=COMMANDS)
def command() -> None:
    """Operations on many CPUs at once: run them, ask about them, check them.

    mkbench smp run fault --system tornado,linux-2.2 --cpus 1,2,4,...,16
    """
