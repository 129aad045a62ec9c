"""`mkbench show`: a machine, a kernel's paths, or a source, as the data says it."""

from __future__ import annotations

import click

from microbench.errors import UsageError


@click.group()
def command() -> None:
    """Print a machine, a kernel's paths or a source with provenance."""


@command.command()
@click.argument("name")
@click.option(
    "--calibrated/--file", default=True, help="With the calibrated numbers, or as the file has it."
)
def machine(name: str, calibrated: bool) -> None:
    """Print every number of machine NAME (or a FILE) with unit, source and certainty."""
    from microbench.bench.setup import NONE, prepare

    spec = prepare(name, (), None if calibrated else NONE).spec
    click.echo(f"{spec.name}: {spec.title}   [{spec.hash}]")
    for key, word in sorted(spec.words.items()):
        click.echo(f"{key:38} {word}")
    for key, number in sorted(spec.numbers.items()):
        span = "" if number.low == number.high else f" ({number.low:g} to {number.high:g})"
        click.echo(
            f"{key:38} {number.value:g} {number.unit}{span}  {number.certainty}; {number.source}"
        )
        if number.note:
            click.echo(f"{'':38} {number.note}")
    for core, sdram in spec.legal_clocks:
        click.echo(f"{'legal clocks':38} {core / 1e6:.2f} / {sdram / 1e6:.2f} MHz")


@command.command()
@click.argument("name")
def kernel(name: str) -> None:
    """Print the paths of kernel NAME: linux-2.6 or a file of data/kernels."""
    from microbench.datafiles import data_names
    from microbench.trace import ops
    from microbench.trace.recorded import load_recorded
    from microbench.trace.shapes import load_shapes

    recorded = [n for n in data_names("kernels", ".npz") if n.startswith(name)]
    shapes = [n for n in data_names("kernels", ".toml") if n == name]
    if not recorded and not shapes:
        names = data_names("kernels", ".npz") + [
            n for n in data_names("kernels", ".toml") if not n.endswith(".cuts")
        ]
        raise UsageError(f"no kernel {name!r}; there are {', '.join(names)}")
    click.echo(f"{'path':28}{'instr':>7}{'loads':>7}{'stores':>7}{'I-lines':>8}  origin; source")
    for found in recorded:
        for path in load_recorded(found).paths.values():
            click.echo(
                f"{path.name:28}{path.instructions:7}{path.words(ops.LOAD):7}"
                f"{path.words(ops.STORE):7}{path.lines(ops.FETCH):8}  recorded; {path.source}"
            )
    for found in shapes:
        for shape in load_shapes(found).values():
            span = f" ({shape.low_instructions} to {shape.high_instructions})"
            click.echo(
                f"{shape.name:28}{shape.instructions:7}{shape.loads:7}{shape.stores:7}"
                f"{shape.code_lines:8}  {shape.certainty}{span}; {shape.source}"
            )


@command.command()
@click.argument("key")
def source(key: str) -> None:
    """Say what source KEY is."""
    from microbench.datafiles import data_dir

    known = {}
    for line in (data_dir() / "SOURCES.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 2:
            known[cells[0]] = " ".join(cells[1:])
    if key not in known:
        names = [name for name in known if name not in ("KEY", "key") and not name.startswith("-")]
        raise UsageError(f"no source {key!r}; there are {', '.join(names)}")
    click.echo(f"{key}: {known[key]}")
