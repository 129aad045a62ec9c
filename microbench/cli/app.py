"""`mkbench app`: what another structure would cost a program of yours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from microbench.cli._options import Out, machine_list, output_options
from microbench.cli._output import emit_rows
from microbench.cli._say import announce_compilation, note
from microbench.errors import UsageError

if TYPE_CHECKING:
    from microbench.study.app import Program
    from microbench.study.structures import Structure

PROGRAM = "mkbench.program"


class _Split(click.Command):
    """Words behind `--` are a program and its arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            cut = args.index("--")
            ctx.meta[PROGRAM] = args[cut + 1 :]
            args = args[:cut]
        return super().parse_args(ctx, args)


@click.command(cls=_Split)
@click.option("--machine", "machines", default="skylake", show_default=True, metavar="NAME[,NAME]")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change the machine.")
@click.option("--cpu", type=float, metavar="S", help="User and system time, untraced.")
@click.option("--system-time", type=float, metavar="S", help="System time alone, untraced.")
@click.option("--wall", type=float, metavar="S", help="Elapsed time, untraced.")
@click.option("--requests", type=float, metavar="N", help="Requests served while traced.")
@click.option("--rate", type=float, metavar="R", help="Requests a second, untraced.")
@click.option("--pollution", metavar="LOW-HIGH", help="Cold caches: factor on what calls cost.")
@click.option("--ipc-cycles", type=float, metavar="N", help="An IPC costs this, not modelled.")
@click.option("--arch", default="x86-64", show_default=True, help="Whose numbers calls have.")
@click.option("--by-kind", is_flag=True, help="Move whole kinds of calls, not single ones.")
@click.option("--top", default=10, show_default=True, help="Lines of calls to show.")
@click.option("--runs", default=3, show_default=True, help="Untraced runs of a program.")
@output_options
@click.argument("file", required=False)
@click.pass_context
def command(
    ctx: click.Context,
    file: str | None,
    machines: str,
    settings: tuple[str, ...],
    arch: str,
    pollution: str | None,
    ipc_cycles: float | None,
    by_kind: bool,
    top: int,
    out: Out,
    **times: Any,
) -> None:
    """Say what isolated page tables, or a server behind IPC, would cost a program.

    FILE is what strace (-c, -T), perf (trace, trace -s, stat) or bpftrace wrote, `-` is stdin;
    or give the program itself, to be run under strace: mkbench app -- ls -l
    """
    from microbench.measured.registry import label
    from microbench.study.app import parse_pollution
    from microbench.study.app import pollution as measured_pollution
    from microbench.study.app_rows import app_rows, count_rows
    from microbench.study.structures import dearest

    _check(times, ipc_cycles, top)
    factor = measured_pollution()
    ends = (factor.low, factor.high) if pollution is None else parse_pollution(pollution)
    program = _program(ctx.meta.get(PROGRAM), file, arch, times, out.quiet)
    _say(program, out.quiet)
    announce_compilation(out.quiet)
    names = machine_list(machines)
    found = [_structures(name, settings, ipc_cycles) for name in names]
    if not out.on_screen:
        name = label(file or ctx.meta[PROGRAM][0])
        rows = count_rows(program.counts, name)
        rows += [row for group in found for row in app_rows(program, group)]
        emit_rows(rows, out, f"app {name}")
        return
    click.echo(_heading(program))
    for group, name in zip(found, names, strict=True):
        _print(program, group, ends)
        _print_moves(program, dearest(group), name, settings, by_kind, top)
    if len(found) > 1:
        _print_machines(program, found)


def _check(times: dict[str, Any], ipc_cycles: float | None, top: int) -> None:
    given = {**times, "ipc_cycles": ipc_cycles, "top": top}
    for name, value in given.items():
        if value is not None and not 0 < value < 1e12:
            raise UsageError(f"--{name.replace('_', '-')} = {value:g}: must be above 0")
    if (times["requests"] is None) != (times["rate"] is None):
        raise UsageError("--requests and --rate go together: calls a request, times untraced rate")
    if times["rate"] is not None and times["wall"] is None:
        raise UsageError("--rate needs --wall, the time over which requests came at that rate")


def _program(
    words: list[str] | None, file: str | None, arch: str, times: dict[str, Any], quiet: bool
) -> Program:
    from microbench.measured.calls.registry import read_counts
    from microbench.measured.source import read_source
    from microbench.study.app import Program

    if (words is None) == (file is None):
        raise UsageError("give one FILE, or -- and a program")
    if words is not None:
        return _run(words, times, quiet)
    counts = read_counts(read_source(str(file)), arch)
    rate, wall = times["rate"], times["wall"] or counts.wall_s
    scale = rate * wall / times["requests"] if rate else 1.0
    cpu = times["cpu"] or counts.cpu_s
    return Program(counts, cpu, wall, times["system_time"], scale)


def _run(words: list[str], times: dict[str, Any], quiet: bool) -> Program:
    from microbench.measured.calls.registry import read_counts
    from microbench.measured.program import middle, timed, traced
    from microbench.study.app import Program

    if not words:
        raise UsageError("nothing behind --: give a program and its arguments")
    runs = timed(words, times["runs"])
    times_s = middle(runs)
    if times_s.status:
        note(f"{words[0]}: exit status {times_s.status}", quiet)
    note(f"{words[0]}: {len(runs)} untraced runs, then one under strace", quiet)
    counts = read_counts(traced(words))
    cpu = times["cpu"] or times_s.user_s + times_s.system_s
    return Program(counts, cpu, times["wall"] or times_s.wall_s, times_s.system_s)


def _structures(
    machine: str, settings: tuple[str, ...], ipc_cycles: float | None
) -> list[Structure]:
    from microbench.run.setup import prepare
    from microbench.study.structures import given, structures

    if ipc_cycles is not None:
        return [given(prepare(machine, settings), ipc_cycles)]
    return structures(machine, settings)


def _say(program: Program, quiet: bool) -> None:
    counts = program.counts
    for text in counts.notes:
        note(text, quiet)
    if counts.unread:
        shown = "; ".join(counts.unread[:3])
        more = f"; and {len(counts.unread) - 3} more" if len(counts.unread) > 3 else ""
        note(f"{len(counts.unread)} lines not understood: {shown}{more}", quiet)
    if program.unknown:
        names = ", ".join(f"{c.name} ({c.calls})" for c in program.unknown)
        note(f"calls of an unknown kind, counted like all others: {names}", quiet)


def _print(program: Program, group: list[Structure], ends: tuple[float, float]) -> None:
    """Structures as columns."""
    from microbench.report.app_tables import columns, structure_lines
    from microbench.report.terminal import print_table

    first = group[0]
    lines = structure_lines(program, group, ends)
    clock = f"{first.machine} at {first.clock_hz / 1e9:.2f} GHz"
    click.echo()
    print_table(columns(clock, [s.name for s in group]), lines)
    click.echo(_least(ends))


def _print_moves(
    program: Program,
    structure: Structure,
    machine: str,
    settings: tuple[str, ...],
    by_kind: bool,
    top: int,
) -> None:
    """Calls that would have to move, the dearest first."""
    from microbench.report.app_tables import MOVE_COLUMNS, MOVE_LEGEND, shortened
    from microbench.report.terminal import print_table
    from microbench.run.setup import prepare
    from microbench.study.app import moves
    from microbench.study.native_calls import native_us

    shown = [call.name for call in program.counts.calls[:top]]
    native = native_us(shown, prepare(machine, settings))
    click.echo(f"\nWhich calls would have to move to matter ({structure.title}):")
    lines = shortened(moves(program, structure, by_kind, native), top)
    print_table(MOVE_COLUMNS, lines, "", MOVE_LEGEND)


def _print_machines(program: Program, found: list[list[Structure]]) -> None:
    """The machines beside one another: what each structure costs the program."""
    from microbench.report.app_tables import columns, machine_lines
    from microbench.report.terminal import print_table

    click.echo()
    title = "all calls more, ms" if not program.cpu_s else "CPU time, at least +%"
    names = [group[0].machine for group in found]
    print_table(columns(title, names), machine_lines(program, found))


def _least(ends: tuple[float, float]) -> str:
    low, high = ends
    return (
        "at least: these are costs of a warm loop. Where it was measured, a running\n"
        f"server paid {low:g} to {high:g} times as much (--pollution)."
    )


def _heading(program: Program) -> str:
    counts = program.counts
    said = [f"{counts.total:,} calls of {len(counts.calls)} kinds ({counts.kind})"]
    if program.cpu_s:
        said.append(f"CPU {program.cpu_s:.4g} s")
    if program.wall_s:
        said.append(f"wall {program.wall_s:.4g} s, {program.calls / program.wall_s:,.0f} calls/s")
    if program.system_us:
        said.append(f"system time {program.system_us:.2f} us a call")
    return "; ".join(said)
