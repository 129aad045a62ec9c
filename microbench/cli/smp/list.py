"""`mkbench smp list`: operations with their systems and what each is, and the machines.

Where each is known from stands in the operation's file: `mkbench show source` has the places.
"""

from __future__ import annotations

import click

from microbench.cli._options import output_option
from microbench.cli._output import emit_text


@click.command("list")
@output_option
def command(output: str | None) -> None:
    """Operations, their systems, and machines."""
    emit_text(listing(), output)


def listing() -> str:
    """Operations with their systems and what each is, and the machines."""
    from microbench.smp.machine import load_machine, machine_names
    from microbench.smp.operation import operation_names, system_names, title_of
    from microbench.study.smp.grid import filled

    lines = []
    for name in operation_names():
        lines.append(name)
        for system in system_names(name):
            lines.append(f"  {system:26}{title_of(name, system)}")
    lines.append("machines")
    lines += [f"  {name:26}{load_machine(name).title}" for name in machine_names()]
    return filled("\n".join(lines), " " * 28) + "\n"
