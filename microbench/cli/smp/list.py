"""`mkbench smp list`: operations with their systems and what each is, and the machines."""

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
    from microbench.smp.operation import load_operation, operation_names, system_names

    lines = []
    for name in operation_names():
        lines.append(name)
        for system in system_names(name):
            op = load_operation(name, system)
            lines.append(f"  {system:18}{op.title}: {op.source}")
    lines.append("machines")
    lines += [f"  {name:18}{load_machine(name).title}" for name in machine_names()]
    return "\n".join(lines) + "\n"
