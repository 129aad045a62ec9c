"""`mkbench table smp`: the six panels as numbers, and who is constant.

Knows: the talk's statement that only the Tornado microkernel is constant. The paper's own
curve values are not available, so no value of a curve is published here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from microbench.row import Row
from microbench.smp.runs import run
from microbench.study.smp.principles import FLAT

CPUS = (1, 2, 4, 8, 16)
OPERATIONS = ("fault", "fstat", "thread")
SHARINGS = ("process", "none")
OF_1999 = ("unix-1999", "linux-2.2")
LATER = ("linux-2.4", "linux-2.6.10", "linux-6.4", "big-lock")
TALK = "talk: system-call slowdown against CPUs, only the Tornado microkernel constant"
NOTE = (
    "The values of the paper's own curves are not available and none are shown. Every system is "
    "run on one machine; on NUMAchine only Tornado ever ran. Constant means a "
    f"slowdown of at most {FLAT:g} at 16 CPUs; published 1 is the talk's word that Tornado is "
    "constant in all six panels. `slowdown with K42's loss` adds the 0.6 % a CPU that K42 "
    "measured; it is not modelled."
)


def table_rows(
    systems: Sequence[str] = ("tornado", *OF_1999, *LATER),
    machine: str = "numachine",
    cpus: Sequence[int] = CPUS,
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """Slowdowns of the six panels, and for each a row that says whether it is constant.

    Returns
    -------
    list of Row
        Metrics "slowdown" per CPU count, "slowdown with K42's loss" for tornado, and
        "constant" (1 or 0) at the most CPUs, with the talk's statement beside Tornado's.
    """
    rows: list[Row] = []
    for name in OPERATIONS:
        for shared in SHARINGS:
            found = run(name, systems, cpus, machine, shared, tick=tick)
            rows += [r for r in found if r.metric.startswith("slowdown")]
            last = f"--cpus {max(cpus)} "
            rows += [
                _constant(r) for r in found if r.metric == "slowdown" and r.args.startswith(last)
            ]
    return rows


def _constant(row: Row) -> Row:
    value = float(row.value <= FLAT)
    said = row.system == "tornado"
    return replace(
        row,
        metric="constant",
        unit="yes",
        better="larger",
        value=value,
        cycles=None,
        published=1.0 if said else None,
        published_source=TALK if said else "",
        error=value - 1.0 if said else None,
        role="predict" if said else "",
    )


def only_constant(rows: Sequence[Row]) -> dict[str, int]:
    """Panels of the six in which each system is constant."""
    found: dict[str, int] = {}
    for row in rows:
        if row.metric == "constant":
            found[row.system] = found.get(row.system, 0) + int(row.value)
    return found
