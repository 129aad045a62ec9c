"""The reports `mkbench smp` knows by name: rows, and what to say below them.

Knows: which function makes which report. Refuses to know: how rows are printed. To add one,
write a function of a machine, CPU counts and a progress function, and a line of `REPORTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microbench.row import Row

Tick = Callable[[str], None]
Counts = Sequence[int] | None
Made = tuple[list[Row], str]


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes
    ----------
    summary, title : str
        A line of help, and the heading of its rows.
    make : callable
        Its rows and the text below them, of a machine, CPU counts and a progress function.
    steps : int
        About how many steps it takes, for the progress line.
    in_words : bool
        Whether its text says it all on a terminal; its rows are for files.
    asks : str
        Which of "machine" and "cpus" may be chosen; the others' are those of its data.
    """

    summary: str
    title: str
    make: Callable[[str | None, Counts, Tick], Made]
    steps: int = 1
    in_words: bool = False
    asks: str = "machine cpus"


def _table(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.table import CPUS, matrix, said, table_rows

    rows = table_rows(machine=machine or "numachine", cpus=counts or CPUS, tick=tick)
    return rows, f"{matrix(rows)}\n\n{said(rows)}"


def _validate(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.validate import validate_rows, verdict

    rows = validate_rows(tick)
    return rows, verdict(rows)


def _principles(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.principles import COUNTS, changes, principle_rows

    rows = principle_rows(machine=machine or "numachine", counts=counts or COUNTS, tick=tick)
    return rows, changes()


def _lameter(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.lameter import COUNTS, answer, lameter_rows

    rows = lameter_rows(counts or COUNTS, machine or "numa4096", tick)
    return rows, answer(rows)


def _growth(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.growth import CASES, COUNTS, exponent, growth_rows

    rows = growth_rows(counts or COUNTS, machine or "numa4096", seconds=True, tick=tick)
    slopes = ", ".join(f"{system} {exponent(rows, system):.2f}" for _, system in CASES)
    return rows, f"Steps grow as CPUs to the power of: {slopes}. Seconds differ from run to run."


def _lines(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.lines import lines_rows

    return (
        lines_rows(),
        "Line costs are set from these tables; the error is what few classes miss.",
    )


def _locks(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.locks import locks_rows, verdict

    rows = locks_rows(tick)
    return rows, verdict(rows)


def _asked(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.asked import COUNTS, asked_rows

    return asked_rows(machine or "icelake128", counts or COUNTS, tick)


def _scale(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.scale import COUNTS, scale_rows

    return scale_rows(machine or "numa4096", sorted({1, *(counts or COUNTS)}), tick)


def _users(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.users import COUNTS, users_rows

    return users_rows(machine or "icelake128", sorted({1, *(counts or COUNTS)}), tick)


def _queue(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.agreement import agreement_rows

    return agreement_rows(tick), "Error is closed queue over engine, less one."


def _bends(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.bends import bend_rows

    return bend_rows(machine or "numachine", tick), "Bend = one operation / service, CPUs."


def _ranges(machine: str | None, counts: Counts, tick: Tick) -> Made:
    from microbench.study.smp.ranges import range_rows

    rows = range_rows(machine or "numachine", tick=tick)
    return rows, "Each number of the machine that has a range, at both ends, one at a time."


REPORTS = {
    "table": Report(
        "The six panels: systems against CPUs, and who is flat.",
        "System-call slowdown on many CPUs",
        _table,
        756,
        in_words=True,
    ),
    "validate": Report(
        "Published series and statements beside the model.",
        "Multiprocessor model against published series",
        _validate,
        18,
        in_words=True,
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
        in_words=True,
    ),
    "scale": Report(
        "Who is flat with thousands of CPUs, and for which sharing.",
        "Thousands of CPUs",
        _scale,
        42,
        in_words=True,
    ),
    "users": Report(
        "A big kernel lock with user work: how many cores a workload scales to.",
        "User work under a big kernel lock",
        _users,
        7,
        in_words=True,
    ),
    "lameter": Report(
        "Calls to a server: whose CPU, which queue, on which node.",
        "Calls to a server: whose CPU, which queue",
        _lameter,
        55,
        in_words=True,
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
