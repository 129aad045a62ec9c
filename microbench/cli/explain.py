"""`mkbench explain`: where the cycles of one hop went, and what makes the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from microbench.cli._measured import explain_between
from microbench.cli._recorded import explain_recorded, plays_recorded, split_kernel
from microbench.cli.common import (
    Where,
    emit_text,
    machine_options,
    output_option,
    quiet_option,
    say_idle,
)
from microbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microbench.run.runner import Measured
    from microbench.workloads.base import Part, Workload


@click.command(context_settings={"ignore_unknown_options": True})
@machine_options
@output_option
@quiet_option
@click.option(
    *("--between",), nargs=2, metavar="A B", help="Causes of a difference of two measured files."
)
@click.argument("benchmark", required=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def command(
    between: tuple[str, str] | None,
    benchmark: str | None,
    args: tuple[str, ...],
    where: Where,
    output: str | None,
    quiet: bool,
) -> None:
    """Say for each system where the cycles of one hop of BENCHMARK ARGS went.

    mkbench explain lat_ctx -s 0 2
    """
    if between:
        explain_between(between, where, output, quiet)
        return
    if benchmark is None:
        raise UsageError("give a BENCHMARK, or --between A B")
    if benchmark.startswith("smp_"):
        from microbench.cli.smp import ask

        words = [*args, *(["-o", output] if output else []), *(["-q"] if quiet else [])]
        ask("explain", benchmark, words, where.own_machine, where.settings)
        return
    kernel, rest = split_kernel(benchmark, args)
    if plays_recorded(benchmark, rest, kernel, where):
        explain_recorded(benchmark, rest, kernel, where, output)
        return
    args = tuple(rest)
    from microbench.run.explain import measured_parts
    from microbench.run.setup import prepare
    from microbench.systems.registry import check_systems, usual
    from microbench.workloads.registry import BENCHMARKS, workloads

    if benchmark in BENCHMARKS and BENCHMARKS[benchmark].family == "files":
        emit_text(_files(benchmark, args, where), output)
        return
    found = workloads(benchmark, list(args))
    say_idle(benchmark, args, quiet)
    if len(found) != 1 and benchmark != "lat_ipc":
        raise UsageError(f"explain takes one variant; {benchmark} has {len(found)}: give arguments")
    workload, setup = found[0], prepare(where.machine, where.settings)
    chosen = check_systems(where.systems or usual())
    parts = measured_parts(workload, chosen, setup)
    part = workload.parts()[0]
    clock = setup.spec.value("core.clock_hz")
    title = f"{workload.name} {workload.args}".strip()
    lines = [
        f"{title} on {setup.spec.name} at {clock / 1e6:.1f} MHz: cycles of one {_unit(part)}",
        "",
    ]
    lines += _table(workload, part, parts[part.name])
    emit_text("\n".join(lines) + "\n", output)


def _files(benchmark: str, args: tuple[str, ...], where: Where) -> str:
    """A benchmark of files: its places are trap, queue, wake-up, switch, copy, daemon."""
    from microbench.run.files import outcome, structures_of
    from microbench.run.setup import prepare
    from microbench.workloads.base import Part
    from microbench.workloads.registry import file_benches

    words = ["--fs", ",".join(where.systems)] if where.systems else []
    found = file_benches(benchmark, [*args, *words])
    if len(found) != 1:
        raise UsageError(f"explain takes one variant; {benchmark} has {len(found)}: give arguments")
    bench, setup = found[0], prepare(where.machine, where.settings)
    measured = {
        name: outcome(bench, name, setup).measured["value"] for name in structures_of(bench)
    }
    part = Part("operation", None)
    title = f"{bench.name} {bench.args} on {setup.spec.name}: cycles of one timed stretch"
    return "\n".join([title, "", *_table(bench, part, measured)]) + "\n"  # type: ignore[arg-type]


def _unit(part: Part) -> str:
    return "hop" if part.name in ("ring", "round trip") else part.name


def _table(workload: Workload, part: Part, measured: Mapping[str, Measured]) -> list[str]:
    from microbench.run.explain import hops, per_hop, places

    count = hops(workload, part)
    by_cause = {s: per_hop(m, count) for s, m in measured.items()}
    by_place = {s: places(m, count) for s, m in measured.items()}
    lines = [*_rows("by cause", by_cause), "", *_rows("by place", by_place)]
    counters = ("i_misses", "d_misses", "i_walks", "d_walks", "flushed_dirty", "branch_misses")
    counted = {
        s: {c.replace("_", " "): m.ledger.count(c) / (m.counted * count) for c in counters}
        for s, m in measured.items()
    }
    lines += ["", *_rows("events", counted, total=False), ""]
    return lines + _differences(by_cause)


def _rows(title: str, table: Mapping[str, Mapping[str, float]], total: bool = True) -> list[str]:
    systems = list(table)
    lines = [f"{title:18}" + "".join(f"{s:>14}" for s in systems)]
    for name in dict.fromkeys(n for t in table.values() for n in t):
        values = [table[s].get(name, 0.0) for s in systems]
        if any(values):
            lines.append(f"  {name:16}" + "".join(f"{value:14.0f}" for value in values))
    if total:
        sums = [sum(table[s].values()) for s in systems]
        lines.append(f"  {'total':16}" + "".join(f"{value:14.0f}" for value in sums))
    return lines


def _differences(by_cause: Mapping[str, Mapping[str, float]]) -> list[str]:
    from microbench.run.explain import difference

    systems = list(by_cause)
    lines = []
    for other in systems[1:]:
        first = systems[0]
        gap = sum(by_cause[first].values()) - sum(by_cause[other].values())
        lines.append(f"{first} less {other}: {gap:+.0f} cycles")
        for name, cycles in difference(by_cause[first], by_cause[other])[:5]:
            lines.append(f"  {cycles:+10.0f}  {name}")
    return lines
