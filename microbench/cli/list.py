"""`mkbench list`: what there is."""

from __future__ import annotations

import click


@click.command()
def command() -> None:
    """List benchmarks, systems, machines and tables."""
    from microbench.machine.load import load_machine, machine_names
    from microbench.study.tables import OWN_TABLES, TABLES
    from microbench.systems.registry import SYSTEMS
    from microbench.workloads.registry import BENCHMARKS

    click.echo("benchmarks")
    for name, entry in BENCHMARKS.items():
        click.echo(
            f"  {name:14}{entry.summary}" + (f"\n{'':16}{entry.usage}" if entry.usage else "")
        )
    click.echo(f"  {'smp_*':14}many CPUs at once; `mkbench smp list` has operations and systems")
    click.echo("systems")
    for name, system in SYSTEMS.items():
        click.echo(f"  {name:16}{system.summary}")
    click.echo("machines")
    for name in machine_names():
        click.echo(f"  {name:14}{load_machine(name).title}")
    click.echo(f"tables\n  {', '.join((*TABLES, 'all', *OWN_TABLES, 'ablations', 'smp'))}")
