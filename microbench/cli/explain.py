"""`mkbench explain`: what one operation of a row is made of, and what makes the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from microbench.cli._calls import file_calls, meant
from microbench.cli._complete import benchmarks
from microbench.cli._measured import explain_between
from microbench.cli._options import Where, machine_options, output_option, quiet_option
from microbench.cli._output import emit_text
from microbench.cli._passing import PASSING
from microbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from microbench.run.runner import Outcome
    from microbench.run.setup import Setup


@click.command(**PASSING)
@machine_options
@output_option
@quiet_option
@click.option(
    *("--between",), nargs=2, metavar="A B", help="Causes of a difference of two measured files."
)
@click.argument("benchmark", required=False, shell_complete=benchmarks)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def command(
    between: tuple[str, str] | None,
    benchmark: str | None,
    args: tuple[str, ...],
    where: Where,
    output: str | None,
    quiet: bool,
) -> None:
    """Say for each system where the cycles of one operation of BENCHMARK ARGS went.

    mkbench explain lat_ctx -s 0 2
    """
    if between:
        explain_between(between, where, output, quiet)
        return
    if benchmark is None:
        raise UsageError("give a BENCHMARK, or --between A B")
    if benchmark.startswith("smp_"):
        from microbench.cli.smp._asked import ask

        ask("explain", benchmark, args, where, output, quiet)
        return
    from microbench.workloads.registry import BENCHMARKS

    if benchmark in BENCHMARKS and BENCHMARKS[benchmark].family == "files":
        emit_text(_files(benchmark, args, where), output)
        return
    from microbench.run.explain import columns

    asked = meant(benchmark, args, where, quiet, beside=True)
    variants, setup = asked.calls, asked.setup
    if asked.kind != "message" and len(variants) > 1 and any(len(v) > 1 for v in variants):
        count = len(variants)
        raise UsageError(f"explain takes one variant; {benchmark} has {count}: give arguments")
    first = variants[0][0][0]
    name = f"{first.name} {first.args}".strip() if len(variants) == 1 else first.name
    title = f"{name} on {setup.label}: one operation of `mkbench run`"
    lines = [title, "", *_tables(columns(variants, setup), setup)]
    emit_text("\n".join(lines) + "\n", output)


def _files(benchmark: str, args: tuple[str, ...], where: Where) -> str:
    """A benchmark of files: its places are trap, queue, wake-up, switch, copy, daemon."""
    from microbench.run.account import causes
    from microbench.run.files import outcome, structures_of
    from microbench.run.setup import prepare

    found = file_calls(benchmark, args, where)
    if len(found) != 1:
        raise UsageError(f"explain takes one variant; {benchmark} has {len(found)}: give arguments")
    bench, setup = found[0], prepare(where.machine, where.settings)
    measured = {
        name: outcome(bench, name, setup).measured["value"] for name in structures_of(bench)
    }
    title = f"{bench.name} {bench.args} on {setup.label}: cycles of one timed stretch"
    shares = {name: 1 / m.counted for name, m in measured.items()}
    made = {n: {k: c * shares[n] for k, c in causes(m.ledger).items()} for n, m in measured.items()}
    places = {
        n: {k: c * shares[n] for k, c in m.ledger.by_place().items()} for n, m in measured.items()
    }
    lines = [*_rows("by cause, cycles", made), "", *_rows("by place, cycles", places), ""]
    return "\n".join([title, "", *lines, *_differences(made)]) + "\n"


def _tables(compared: Mapping[str, Outcome], setup: Setup) -> list[str]:
    from microbench.run.account import by_cause, by_part, by_place, events
    from microbench.run.switches import switches

    clock = setup.spec.value("core.clock_hz")
    accounts = {name: by_cause(outcome) for name, outcome in compared.items()}
    parts = {name: by_part(outcome) for name, outcome in compared.items()}
    times = {n: {k: c / clock * 1e6 for k, c in amounts.items()} for n, amounts in parts.items()}
    places = {name: by_place(outcome) for name, outcome in compared.items()}
    counted = {name: events(outcome) for name, outcome in compared.items()}
    for name, amounts in counted.items():
        if amounts:
            amounts["process switches"] = switches(compared[name], setup)
    lines = [*_rows("parts, us", times, _digits), "", *_rows("by cause, cycles", accounts)]
    lines += ["", *_rows("by place, cycles", places)]
    if any(counted.values()):
        lines += ["", *_rows("events", counted, _digits, total=False)]
    return [*lines, "", *_differences(accounts)]


def _digits(value: float) -> str:
    from microbench.report.decimals import short

    return short(value)


def _rows(
    title: str,
    table: Mapping[str, Mapping[str, float]],
    text: Callable[[float], str] | None = None,
    total: bool = True,
) -> list[str]:
    """A line for each name that any column has; whole numbers add up to the total as printed."""
    from microbench.run.account import whole

    shown = {s: amounts if text else whole(amounts) for s, amounts in table.items()}
    form = text or "{:d}".format
    width = max(13, *(len(s) for s in shown)) + 1
    lines = [f"{title:20}" + "".join(f"{s:>{width}}" for s in shown)]
    for name in dict.fromkeys(name for amounts in shown.values() for name in amounts):
        if any(amounts.get(name) for amounts in shown.values()):
            cells = (form(amounts.get(name, 0)) if amounts else "-" for amounts in shown.values())
            lines.append(f"  {name:18}" + "".join(f"{cell:>{width}}" for cell in cells))
    if total:
        sums = (form(sum(amounts.values())) for amounts in shown.values())
        lines.append(f"  {'total':18}" + "".join(f"{cell:>{width}}" for cell in sums))
    return lines


def _differences(accounts: Mapping[str, Mapping[str, float]]) -> list[str]:
    from microbench.run.account import whole
    from microbench.run.explain import difference

    (first, base), *others = accounts.items()
    lines = []
    for other, amounts in others:
        gaps = whole(dict(difference(base, amounts)))
        lines.append(f"{first} less {other}: {sum(gaps.values()):+d} cycles")
        lines += [f"  {cycles:+10d}  {name}" for name, cycles in gaps.items() if cycles]
    return lines
