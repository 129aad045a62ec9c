"""`run` on a machine whose Linux is one of today's, replayed as it was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from microbench.cli.common import (
    Where,
    emit_rows,
    emit_text,
    note,
    say_caveats,
)
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.machine.spec import MachineSpec

OLD_KERNEL = "linux-2.6.12"
USER_ONLY = ("bw_mem", "lat_mem_rd", "bw_mmap_rd")
"""Benchmarks in which no kernel runs: the functional system plays them on any machine."""
RECORDED_TABLES = ("kernels",)
"""Tables of recorded kernels with lines of their own."""
KERNELS_MACHINE = "skylake"
REPLAYED = "the operations are replayed as they were recorded on"


def split_kernel(benchmark: str, args: Sequence[str]) -> tuple[str, list[str]]:
    """Value of `--kernel`, and the other arguments; an IPC's own `--kernel` stays with it.

    Raises
    ------
    UsageError
        For `--kernel` without a name.
    """
    rest, kernel = [], ""
    words = iter(args)
    for word in words:
        name, equals, value = word.partition("=")
        if name != "--kernel" or benchmark == "lat_ipc":
            rest.append(word)
            continue
        kernel = value if equals else next(words, "")
        if not kernel:
            raise UsageError("--kernel: write the name of a kernel; see `mkbench list kernels`")
    return kernel, rest


def plays_recorded(benchmark: str, args: Sequence[str], kernel: str, where: Where) -> bool:
    """Whether this call is a replay of a recorded kernel of today."""
    if benchmark == "lat_kernel":
        return True
    if where.systems or kernel == OLD_KERNEL or benchmark in ("lat_ipc", *USER_ONLY):
        return False
    if kernel:
        return True
    return not user_code(benchmark, args) and today_kernel(where) is not None


def user_code(benchmark: str, args: Sequence[str]) -> bool:
    """Whether no kernel takes part."""
    return benchmark in USER_ONLY or (benchmark == "lat_proc" and list(args) == ["procedure"])


def today_kernel(where: Where, kernel: str = "") -> str | None:
    """Name of the recorded kernel of a machine, if it has one."""
    from microbench.run.recorded import kernel_of
    from microbench.run.setup import prepare

    found = kernel_of(prepare(where.machine, where.settings).spec, kernel)
    return None if found is None else found.name


def run_recorded(
    benchmark: str,
    args: Sequence[str],
    kernel: str,
    where: Where,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Print the rows of a benchmark on a recorded kernel.

    Raises
    ------
    UsageError
        If there is no recording of the benchmark, or of a kernel for the machine.
    """
    from microbench.run.recorded import kernel_of, recorded_rows
    from microbench.run.setup import prepare

    setup = prepare(where.machine, where.settings)
    found = kernel_of(setup.spec, kernel)
    if found is None:
        raise UsageError(f"{benchmark}: no kernel of today was recorded for {where.machine}")
    try:
        rows = recorded_rows(benchmark, args, found, setup)
    except UsageError as error:
        raise UsageError(f"{error}; --kernel {OLD_KERNEL} replays the old one") from None
    text = f"{REPLAYED} {found.name}: {variant_text(setup.spec)}"
    note(text, quiet)
    notes = [text, *say_caveats(setup, "recorded", quiet)]
    title = f"{benchmark}, lmbench-style, on {found.title}"
    emit_rows(rows, form, output, title, machine=setup.label, notes=notes)


def variant_text(spec: MachineSpec) -> str:
    """What the machine's recording is like, in words."""
    variant = spec.words.get("kernel_variant", "plain")
    where = spec.words.get("placement", "one_cpu")
    beside = "each process on a CPU of its own" if where == "spread" else "all on one CPU"
    return f"variant {variant.replace('_', ' ')}, {beside}"


def emit_kernels(where: Where, form: str, output: str | None) -> None:
    """How much longer each path became; on the machine named, or a Skylake."""
    from microbench.report.kernel_columns import print_kernels
    from microbench.run.setup import prepare
    from microbench.study.kernels import kernel_lines, kernel_rows

    lines = kernel_lines(prepare(where.own_machine or KERNELS_MACHINE, where.settings))
    title = "What Linux became: 2.6.12 and 6.1 on one machine"
    if form == "table" and output in (None, "-"):
        print_kernels(lines, title)
        return
    emit_rows(kernel_rows(lines), form, output, title)


def show_recorded(name: str) -> None:
    """What was recorded of a kernel, how, and the counts of each operation."""
    import click

    from microbench.recording.strings import recorded_kernel
    from microbench.report.kernel_columns import print_operations

    kernel = recorded_kernel(name)
    click.echo(f"{kernel.name}: {kernel.title}\narchitecture {kernel.architecture}")
    click.echo(f"source       {kernel.source}")
    for variant, file in kernel.variants.items():
        click.echo(
            f"variant      {variant}: {file}.npz, {len(kernel.recorded(variant))} operations"
        )
    print_operations([kernel.string(operation) for operation in kernel.operations()])


def explain_recorded(
    benchmark: str, args: Sequence[str], kernel: str, where: Where, output: str | None
) -> None:
    """Say where the cycles of one benchmark went on a recorded kernel.

    Raises
    ------
    UsageError
        If it was not recorded, or the arguments name several.
    """
    from microbench.run.recorded import kernel_of, priced
    from microbench.run.setup import prepare
    from microbench.workloads.recorded import recipes

    spec = prepare(where.machine, where.settings).spec
    found = kernel_of(spec, kernel)
    if found is None:
        raise UsageError(f"{benchmark}: no kernel of today was recorded for {where.machine}")
    chosen = recipes(benchmark, args, found.operations())
    if len(chosen) != 1:
        raise UsageError(f"explain takes one variant; {benchmark} has {len(chosen)}")
    cost = priced(chosen[0], found, spec, "value")
    title = f"{benchmark} {chosen[0].args}".strip()
    clock = spec.value("core.clock_hz") / 1e6
    lines = [
        f"{title} on {spec.name} at {clock:.1f} MHz, {found.title}: cycles of one operation",
        *(f"note: {text}" for text in [chosen[0].note, variant_text(spec)] if text),
    ]
    lines += ["", *_shares("by cause", cost.by_cause(), cost.cycles)]
    groups = {name: float(row.sum()) for name, row in cost.by_group.items()}
    lines += ["", *_shares("by sub-path", groups, cost.cycles)]
    emit_text("\n".join(lines) + "\n", output)


def _shares(title: str, cycles: Mapping[str, float], total: float) -> list[str]:
    """Lines of what costs anything, the largest first."""
    shown = sorted((item for item in cycles.items() if abs(item[1]) >= 0.5), key=lambda x: -x[1])
    lines = [f"{title:24}{'cycles':>10}{'share':>8}"]
    lines += [f"  {name:22}{value:10.0f}{value / total:8.0%}" for name, value in shown]
    return [*lines, f"  {'total':22}{total:10.0f}"]
