"""`mkbench list`: what there is."""

from __future__ import annotations

import click

from microbench.cli._recorded import RECORDED_TABLES


@click.command()
@click.argument("what", required=False, type=click.Choice(["kernels"]))
def command(what: str | None) -> None:
    """List benchmarks, systems, machines and tables; or the recorded kernels alone."""
    if what == "kernels":
        _kernels()
        return
    from microbench.machine.load import load_machine, machine_names
    from microbench.study.tables import ALL, TABLES
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
    _kernels()
    click.echo("machines")
    for name in machine_names():
        click.echo(f"  {name:14}{load_machine(name).title}")
    click.echo("tables")
    for table in (*TABLES.values(), ALL):
        click.echo(f"  {table.name:16}{table.title}")
    for name in RECORDED_TABLES:
        click.echo(f"  {name:16}what Linux became: 2.6.12 and 6.1 on one machine")


def _kernels() -> None:
    """Kernels there are recordings of, and their variants."""
    from microbench.recording.strings import recorded_kernel, recorded_names

    click.echo("kernels")
    for name in recorded_names():
        kernel = recorded_kernel(name)
        others = [variant for variant in kernel.variants if variant != "plain"]
        beside = f"; variants {', '.join(others)}" if others else ""
        click.echo(f"  {name:18}{kernel.title}{beside}")
