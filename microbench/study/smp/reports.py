"""The reports `mkbench smp` knows by name: rows, and what to say below them.

Knows: which function makes which report. Refuses to know: how rows are printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microbench.errors import UsageError
from microbench.row import Row

Tick = Callable[[str], None]
Counts = Sequence[int] | None
TITLES = {
    "table": "System-call slowdown on many CPUs",
    "validate": "Multiprocessor model against published series",
    "principles": "Tornado without one of its principles",
    "lameter": "Calls to a server: whose CPU, which queue",
    "growth": "Engine work against CPUs",
    "lines": "One cache line hit by N CPUs at once",
    "locks": "Locks alone against tables of locks",
    "asked": "Synchronisation that is asked for; isolation and sharing",
    "scale": "Thousands of CPUs",
    "users": "User work under a big kernel lock",
    "queue": "Engine against closed queue",
    "bends": "Where curves bend: the object that fills first",
    "ranges": "Slowdown over the stated ranges of the machine's numbers",
}


STEPS = {
    "table": 252,
    "validate": 18,
    "asked": 15,
    "scale": 42,
    "users": 7,
    "principles": 24,
    "lameter": 55,
    "growth": 21,
    "locks": 41,
    "queue": 39,
    "bends": 70,
    "ranges": 24,
}
"""About how many steps a report takes, for the progress line."""


IN_WORDS = ("table", "validate", "asked", "scale", "users", "lameter")
"""Reports whose text says it all on a terminal; their rows are for files."""


def steps(name: str) -> int:
    """Steps of a report; 1 for one that is done at once."""
    return STEPS.get(name, 1)


def report(name: str, machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    """Rows of a report and the text below its table.

    Raises
    ------
    UsageError
        If there is no such report.
    """
    if name not in TITLES:
        raise UsageError(f"{name}: no such report; {', '.join(TITLES)}")
    return _REPORTS[name](machine, counts, tick)


def _table(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.table import CPUS, NOTE, matrix, only_constant, table_rows

    rows = table_rows(machine=machine or "numachine", cpus=counts or CPUS, tick=tick)
    panels = ", ".join(f"{name} {k} of 6" for name, k in only_constant(rows).items())
    return rows, f"{matrix(rows)}\n\nConstant panels: {panels}.\n{NOTE}"


def _validate(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.validate import validate_rows, verdict

    rows = validate_rows(tick)
    return rows, verdict(rows)


def _principles(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.principles import COUNTS, changes, principle_rows

    rows = principle_rows(machine=machine or "numachine", counts=counts or COUNTS, tick=tick)
    return rows, changes()


def _lameter(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.lameter import COUNTS, answer, lameter_rows

    rows = lameter_rows(counts or COUNTS, machine or "numa4096", tick)
    return rows, answer(rows)


def _growth(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.growth import CASES, COUNTS, exponent, growth_rows

    rows = growth_rows(counts or COUNTS, machine or "numa4096", seconds=True, tick=tick)
    slopes = ", ".join(f"{system} {exponent(rows, system):.2f}" for _, system in CASES)
    return rows, f"Steps grow as CPUs to the power of: {slopes}. Seconds differ from run to run."


def _lines(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.lines import lines_rows

    return (
        lines_rows(),
        "Line costs are set from these tables; the error is what few classes miss.",
    )


def _locks(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.locks import locks_rows, verdict

    rows = locks_rows(tick)
    return rows, verdict(rows)


def _asked(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.asked import COUNTS, asked_rows

    return asked_rows(machine or "icelake128", counts or COUNTS, tick)


def _scale(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.scale import COUNTS, scale_rows

    return scale_rows(machine or "numa4096", sorted({1, *(counts or COUNTS)}), tick)


def _users(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.users import COUNTS, users_rows

    return users_rows(machine or "icelake128", sorted({1, *(counts or COUNTS)}), tick)


def _queue(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.agreement import agreement_rows

    return agreement_rows(tick), "Error is closed queue over engine, less one."


def _bends(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.bends import bend_rows

    return bend_rows(machine or "numachine", tick), "Bend = one operation / service, CPUs."


def _ranges(machine: str | None, counts: Counts, tick: Tick) -> tuple[list[Row], str]:
    from microbench.study.smp.ranges import range_rows

    rows = range_rows(machine or "numachine", tick=tick)
    return rows, "Each number of the machine that has a range, at both ends, one at a time."


_REPORTS = {
    "table": _table,
    "validate": _validate,
    "principles": _principles,
    "lameter": _lameter,
    "growth": _growth,
    "lines": _lines,
    "locks": _locks,
    "asked": _asked,
    "scale": _scale,
    "users": _users,
    "queue": _queue,
    "bends": _bends,
    "ranges": _ranges,
}
