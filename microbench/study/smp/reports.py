"""The reports `mkbench smp` knows by name: rows for files, and a text for the terminal.

Knows: which function makes which report. Refuses to know: forms of files. To add one,
write a function of a machine, CPU counts and a progress function, and a line of `REPORTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microbench.row import Row
from microbench.study.smp import grid
from microbench.study.smp.counts import Counts, fitting

Tick = Callable[[str], None]
Made = tuple[list[Row], str]


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes
    ----------
    summary, title : str
        A line of help, and the heading of its rows.
    make : callable
        Its rows and its text, of a machine, CPU counts and a progress function.
    steps : int
        About how many steps it takes, for the progress line.
    asks : str
        Which of "machine" and "cpus" may be chosen; the others' are those of its data.
    """

    summary: str
    title: str
    make: Callable[[str | None, Counts, Tick], Made]
    steps: int = 1
    asks: str = "machine cpus"


def from_one(counts: Counts, usual: Sequence[int], machine: str | None) -> Sequence[int]:
    """The same, rising from one CPU, with which the others are compared."""
    return sorted({1, *fitting(counts, usual, machine)})


def on(rows: Sequence[Row]) -> str:
    """Where rows are from: "on numachine"."""
    return f"on {rows[0].machine}"


def _table(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.table import CPUS, matrix, said, table_rows

    rows = table_rows(
        machine=machine or "numachine", cpus=from_one(counts, CPUS, machine), tick=tick
    )
    head = f"{on(rows).capitalize()}; slowdowns by CPUs, 1000/s and time at with the most of them"
    return rows, f"{head}\n\n{matrix(rows)}\n\n{said(rows)}"


def _validate(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.validate import remarks, scores, validate_rows

    rows = validate_rows(tick)
    return rows, grid.filled("\n".join([*scores(rows), *remarks(rows)]), "  ")


def _principles(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.principles import COUNTS, changes, principle_rows

    rows = principle_rows(
        machine=machine or "numachine", counts=from_one(counts, COUNTS, machine), tick=tick
    )
    most = grid.cpus_of(rows[0])
    drawn = grid.by_metric(
        rows, lambda r: f"{r.benchmark.removeprefix('smp_')} {grid.without_cpus(r)}", grid.number
    )
    head = f"{rows[0].system} {on(rows)}: slowdown with {most} CPUs, and most of those tried"
    head += " up to which it is flat"
    return rows, f"{grid.filled(head)}\n{drawn}\n\n{grid.filled(changes(), '  ')}"


def _lameter(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.lameter import COUNTS, answer, lameter_rows

    rows = lameter_rows(fitting(counts, COUNTS, machine), machine or "numa4096", tick)
    return rows, answer(rows)


def _growth(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.growth import CASES, COUNTS, SHORT, exponent, growth_rows

    most = fitting(counts, COUNTS, machine)
    tried = most if counts or len(most) > 1 else [max(1, most[0] // 2), most[0]]
    rows = growth_rows(tried, machine or "numa4096", seconds=True, tick=tick)
    slopes = ", ".join(f"{system} {exponent(rows, system):.2f}" for _, system in CASES)
    said = (
        f"Steps {on(rows)} grow as CPUs to the power of: {slopes}. Seconds differ from run to run."
    )
    drawn = grid.by_cpus(rows, lambda r: f"{r.system} {SHORT[r.metric]}", grid.number)
    return rows, f"{drawn}\n\n{grid.filled(said)}"


def _lines(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.lines import lines_rows

    rows = lines_rows()
    drawn = grid.by_cpus(rows, lambda r: f"{r.machine} {_burst(r)}", grid.error)
    said = "Errors in %. Line costs are set from these tables; the error is what few classes miss."
    return rows, f"{drawn}\n\n{grid.filled(said)}"


def _burst(row: Row) -> str:
    return grid.without_cpus(row).removeprefix("--burst ")


def _locks(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.locks import locks_rows, verdict

    rows = locks_rows(tick)
    drawn = grid.by_cpus(rows, grid.without_cpus, grid.error)
    head = "errors in %; machine, lock, hold and think time in ns, by threads"
    return rows, f"{head}\n{drawn}\n\n{verdict(rows)}"


def _asked(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.asked import COUNTS, asked_rows

    return asked_rows(machine or "icelake128", from_one(counts, COUNTS, machine), tick)


def _scale(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.scale import COUNTS, scale_rows

    return scale_rows(machine or "numa4096", from_one(counts, COUNTS, machine), tick)


def _users(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.users import COUNTS, users_rows

    return users_rows(machine or "icelake128", from_one(counts, COUNTS, machine), tick)


def _queue(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.agreement import agreement_rows

    rows = agreement_rows(tick)
    drawn = grid.by_cpus(
        rows, lambda r: f"{r.benchmark.removeprefix('smp_')} {r.system} {r.machine}", grid.error
    )
    return rows, f"{drawn}\n\nErrors in %: closed queue over engine, less one."


def _bends(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.bends import bend_rows, bends

    rows = bend_rows(machine or "numachine", tick)
    return rows, (
        f"{bends(rows)}\n\nBend {on(rows)}: CPUs at which the object is full, operation over "
        "service."
    )


def _ranges(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.ranges import range_rows

    rows = range_rows(machine or "numachine", tick=tick)
    drawn = grid.by_metric(
        rows,
        lambda r: f"{r.benchmark.removeprefix('smp_')} {r.system} {grid.without_cpus(r)}",
        grid.number,
    )
    said = f"Each number of {rows[0].machine} that has a range, at both ends, one at a time."
    return rows, f"{drawn}\n\n{said}"


REPORTS = {
    "table": Report(
        "The six panels: systems against CPUs, and who is flat.",
        "System-call slowdown on many CPUs",
        _table,
        756,
    ),
    "validate": Report(
        "Published series and statements beside the model.",
        "Multiprocessor model against published series",
        _validate,
        18,
        asks="",
    ),
    "locks": Report(
        "Locks alone beside tables of locks.",
        "Locks alone against tables of locks",
        _locks,
        41,
        asks="",
    ),
    "lines": Report(
        "One cache line hit by many CPUs, beside measurements.",
        "One cache line hit by N CPUs at once",
        _lines,
        asks="",
    ),
    "principles": Report(
        "Tornado without one of its principles.",
        "Tornado without one of its principles",
        _principles,
        24,
    ),
    "asked": Report(
        "Synchronisation that the caller asks for, and what isolation makes of it.",
        "Synchronisation that is asked for; isolation and sharing",
        _asked,
        15,
    ),
    "scale": Report(
        "Who is flat with thousands of CPUs, and for which sharing.",
        "Thousands of CPUs",
        _scale,
        42,
    ),
    "users": Report(
        "A big kernel lock with user work: how many cores a workload scales to.",
        "User work under a big kernel lock",
        _users,
        7,
    ),
    "lameter": Report(
        "Calls to a server: whose CPU, which queue, on which node.",
        "Calls to a server: whose CPU, which queue",
        _lameter,
        55,
    ),
    "bends": Report(
        "Where curves bend: the object that fills first.",
        "Where curves bend: the object that fills first",
        _bends,
        70,
        asks="machine",
    ),
    "queue": Report(
        "The engine beside a closed queue.", "Engine against closed queue", _queue, 39, asks=""
    ),
    "growth": Report(
        "The engine's own work as CPUs grow.", "Engine work against CPUs", _growth, 21
    ),
    "ranges": Report(
        "The panels over the stated ranges of the machine's numbers.",
        "Slowdown over the stated ranges of the machine's numbers",
        _ranges,
        24,
        asks="machine",
    ),
}
