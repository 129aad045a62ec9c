"""`mkbench table`: a published table beside the model."""

from __future__ import annotations

import click

from microbench.cli._recorded import RECORDED_TABLES, emit_recorded
from microbench.cli.common import (
    STDOUT,
    Where,
    across_machines,
    announce_compilation,
    emit_rows,
    emit_text,
    machine_list,
    machine_options,
    output_options,
    progress,
    say_doubts,
)
from microbench.errors import UsageError

TITLES = {
    "context": "Context-switch table, lmbench-style",
    "lmbench": "lmbench table, lmbench-style",
    "reaim": "ReAIM table, ReAIM-style",
    "fs": "FUSE beside the kernel's own file system, FAST 2017",
    "containment": "What a request costs, and what survives a fault",
    "all": "The talk's tables, lmbench- and ReAIM-style",
}


@click.command()
@machine_options
@output_options
@click.option("--uncalibrated", is_flag=True, help="Nothing calibrated, nominal clock.")
@click.argument("name", default="all")
@across_machines
def command(
    name: str,
    uncalibrated: bool,
    where: Where,
    form: str,
    output: str | None,
    quiet: bool,
) -> None:
    """Print table NAME: context, lmbench, reaim, ipc, overhead, fs, containment, today, smp,
    ablations or all.

    mkbench table today --machine cortex-a53
    """
    from microbench.run.setup import NONE, prepare
    from microbench.study.ranges import ranged
    from microbench.study.tables import FILE_TABLES, OWN_TABLES, TABLES, table_rows

    if name in RECORDED_TABLES:
        emit_recorded(name, where, form, output, quiet)
        return
    known = (*TABLES, *OWN_TABLES, *FILE_TABLES, *RECORDED_TABLES, "smp", "ablations", "all")
    if name not in known:
        raise UsageError(f"no table {name!r}; there are {', '.join(known)}")
    if name == "smp":
        from microbench.cli.smp import emit_report

        emit_report("table", where.own_machine, None, form, output, quiet)
        return
    if name == "ablations":
        emit_text(_ablations(form), output)
        return

    announce_compilation(quiet)
    if name in OWN_TABLES and form == "table" and output in STDOUT:
        _own(name, where.machine, where.settings, quiet)
        return
    calibration = NONE if uncalibrated else None
    rows = table_rows(name, *where, calibration)
    if name not in (*OWN_TABLES, *FILE_TABLES):
        rows = ranged(rows, prepare(where.machine, where.settings, calibration))
    emit_rows(rows, form, output, TITLES.get(name, name))


def _own(name: str, machine: str, settings: tuple[str, ...], quiet: bool) -> None:
    """The tables of IPC and of what it costs a server, in their own columns."""
    from microbench.report.ipc_columns import print_beside, print_ipc, print_overhead
    from microbench.run.setup import prepare
    from microbench.study.ipc_table import chosen_cases, ipc_table
    from microbench.study.overhead import family_calls, overhead_lines

    if name == "ipc":
        with progress(len(chosen_cases(machine)), quiet) as tick:
            rows = ipc_table(machine, settings, tick)
        print_ipc(rows)
        return
    title = "What a server costs instead of a system call, lmbench-style"
    names = machine_list(machine)
    with progress(len(names) * len(family_calls()), quiet) as tick:
        found = {one: overhead_lines(one, settings, tick) for one in names}
    if len(names) > 1:
        print_beside(found, title)
        return
    say_doubts(prepare(machine, settings).spec, quiet)
    print_overhead(found[machine], title)


def _ablations(form: str) -> str:
    """Ratios of the talk's rows with one cause taken away at a time."""
    from microbench.study.ablation import ABLATIONS, table

    lines = table()
    if form == "csv":
        head = "benchmark,args," + ",".join(a.name for a in ABLATIONS)
        body = [f"{x.benchmark},{x.args}," + ",".join(f"{r:.6g}" for r in x.ratios) for x in lines]
        return "\n".join([head, *body]) + "\n"
    if form != "table":
        raise UsageError(f"table ablations has no {form} form; table or csv")
    text = ["Speed of l4 relative to native, one cause changed at a time; ! = another winner", ""]
    text.append(f"{'':26}" + "".join(f"{a.name:>10}" for a in ABLATIONS))
    for x in lines:
        cells = (f"{r:.3g}{'!' if f else ' '}" for r, f in zip(x.ratios, x.flips, strict=True))
        text.append(f"{x.benchmark + ' ' + x.args:26}" + "".join(f"{cell:>10}" for cell in cells))
    text += ["", *(f"{a.name:10}{a.says}" for a in ABLATIONS)]
    return "\n".join(text) + "\n"
