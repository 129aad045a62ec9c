"""`mkbench show`: a machine, a kernel's paths, or a source, as the data says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from microbench.cli._complete import kernels, machines
from microbench.cli._lazy import NamingGroup
from microbench.errors import unknown

if TYPE_CHECKING:
    from microbench.recording.kernels import RecordedKernel


@click.group(cls=NamingGroup)
def command() -> None:
    """Print a machine, a kernel's paths or a source with provenance."""


@command.command()
@click.argument("name", shell_complete=machines)
@click.option(
    "--calibrated/--file", default=True, help="With the calibrated numbers, or as the file has it."
)
def machine(name: str, calibrated: bool) -> None:
    """Print every number of machine NAME (or a FILE) with unit, source and certainty."""
    from microbench.cli._output import wrapped
    from microbench.machine.load import load_machine
    from microbench.run.setup import prepare

    spec = load_machine(name, many=None)
    if spec.for_one and calibrated:
        spec = prepare(name).spec
    click.echo(f"{spec.name}: {spec.title}   [{spec.hash}]")
    for key, word in sorted(spec.words.items()):
        click.echo(f"{key:38} {word}")
    for key, number in sorted(spec.numbers.items()):
        span = "" if number.low == number.high else f" ({number.low:g} to {number.high:g})"
        said = f"{number.value:g} {number.unit}{span}  {number.certainty}; {number.source}"
        click.echo(wrapped(f"{key:38} {said}"))
        if number.note:
            click.echo(wrapped(f"{'':38} {number.note}"))
    for core, sdram in spec.legal_clocks:
        click.echo(f"{'legal clocks':38} {core / 1e6:.2f} / {sdram / 1e6:.2f} MHz")


@command.command()
@click.argument("name", shell_complete=kernels)
def kernel(name: str) -> None:
    """Print the paths of kernel NAME: linux-2.6, l4-pxa255, or another file of data/kernels.

    A kernel of `mkbench list kernels` is shown by recorded operation.
    """
    from microbench.cli._output import wrapped
    from microbench.datafiles import data_dir, data_names
    from microbench.quantity import read_toml
    from microbench.recording.description import recorded_names
    from microbench.recording.kernels import recorded_kernel
    from microbench.study.inventory import described_kernels

    if name in recorded_names() and not recorded_kernel(name).functional:
        _replayed(recorded_kernel(name))
        return
    replayed, described = data_names("kernels", ".npz"), described_kernels()
    recorded = [n for n in replayed if name and n.startswith(name)]
    if not recorded and name not in described:
        raise unknown("kernel", name, [*replayed, *described])
    click.echo(f"{'path':28}{'instr':>7}{'loads':>7}{'stores':>7}{'I-lines':>8}  certainty; source")
    for found in recorded:
        _recorded(found)
    beside = [n for n in described if any(n.startswith(f"{kernel}-") for kernel in recorded)]
    for file in beside or filter(described.__contains__, [name]):
        raw = read_toml(data_dir() / "kernels" / f"{file}.toml")
        for path, body in raw.get("path", {}).items():
            click.echo(wrapped(_described(path, body)))
        for loop, body in raw.get("loop", {}).items():
            number = body["instructions"]
            said = f"{number['certainty']}; {number['source']}"
            click.echo(f"{loop + ' (loop)':28}{number['value']:7}{'':22}  {said}")


def _replayed(kernel: RecordedKernel) -> None:
    """What was recorded of a kernel, how, and the counts of each operation."""
    from microbench.report.kernel_columns import print_operations

    click.echo(f"{kernel.name}: {kernel.title}\narchitecture {kernel.architecture}")
    click.echo(f"source       {kernel.source}")
    for variant, file in kernel.variants.items():
        click.echo(
            f"variant      {variant}: {file}.npz, {len(kernel.recorded(variant))} operations"
        )
    print_operations([kernel.string(operation) for operation in kernel.operations()])


def _recorded(name: str) -> None:
    from microbench.trace import ops
    from microbench.trace.recorded import load_recorded

    for path in load_recorded(name).paths.values():
        click.echo(
            f"{path.name:28}{path.instructions:7}{path.words(ops.LOAD):7}"
            f"{path.words(ops.STORE):7}{path.lines(ops.FETCH):8}  recorded; {path.source}"
        )


def _described(name: str, body: dict[str, Any]) -> str:
    low, high = body.get("low_instructions"), body.get("high_instructions")
    span = "" if low is None or high is None else f" ({low} to {high})"
    return (
        f"{name:28}{body['instructions']:7}{body['loads']:7}{body['stores']:7}"
        f"{body['code_lines']:8}  {body['certainty']}{span}; {body['source']}"
    )


@command.command()
@click.argument("key", required=False)
def source(key: str | None) -> None:
    """Say what source KEY is; with a place ("MACHINES 7.2"), print that section of the facts.

    KEY may be a whole source as another command prints it: what follows its place is left out.
    Without KEY, all sources.
    """
    from microbench.cli._output import wrapped
    from microbench.provenance import facts, key_of, sources

    known = sources()
    if key is None:
        for name, about in known.items():
            click.echo(wrapped(f"{name}: {about}"))
        return
    word = key_of(key)
    named = next((name for name in known if name.lower() == word.lower()), None)
    if named is None:
        raise unknown("source", word, known, listed="mkbench show source")
    said = _facts(named, key[len(word) :]) if facts(named) else []
    for line in [wrapped(f"{named}: {known[named]}"), *said]:
        click.echo(line)


def _facts(key: str, rest: str) -> list[str]:
    """Sections of the facts of `key` that `rest` begins with; what there is, if with none."""
    from microbench.cli._output import columns, wrapped
    from microbench.cli._section import section_lines
    from microbench.provenance import cited, sections

    found, lines = sections(key), []
    for _, place in (cite for cite in cited(key + rest) if cite[0] == key):
        if place and place not in found:
            raise unknown(f"section of {key}", place, found)
        for section in [found[place]] if place else found.values():
            lines.append(wrapped(f"{key} {section.place}  {section.title}".rstrip()))
            lines += section_lines(section.lines if place else (), columns())
    return lines
