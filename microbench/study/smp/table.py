"""`mkbench table smp`: the six panels as numbers, and who is constant.

Knows: the talk's statement that only the Tornado microkernel is constant. The paper's own
curve values are not available, so no value of a curve is published here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from textwrap import wrap

from microbench.errors import unknown
from microbench.row import Row
from microbench.run.many import worked
from microbench.smp.operation import system_names
from microbench.smp.runs import BEYOND, beyond, run
from microbench.study.smp.counts import fitting
from microbench.study.smp.principles import FLAT
from microbench.study.smp.seeds import over_seeds, warnings
from microbench.study.tables import Ask, Step
from microbench.systems.registry import check_systems, doing

CPUS = (1, 2, 4, 8, 16)
COLUMNS = 79
OPERATIONS = ("fault", "fstat", "thread")
SHARINGS = ("process", "none")
WHOSE = {"process": "threads of one process", "none": "separate processes"}
KEPT = ("slowdown", "latency", "throughput")
OF_1999 = ("unix-1999", "linux-2.2")
LATER = ("linux-2.4", "linux-2.6.10", "linux-6.4", "big-lock")
SYSTEMS = ("tornado", *OF_1999, *LATER)
TALK = "talk: system-call slowdown against CPUs, only the Tornado microkernel constant"
NOTE = (
    "The values of the paper's own curves are not available and none are shown. Every system is "
    "run on one machine; on NUMAchine only Tornado ever ran. Constant means a "
    f"slowdown of at most {FLAT:g} with the most CPUs; published 1 is the talk's word that Tornado "
    "is constant in all six panels. `slowdown with K42's loss` adds the 0.6 % a CPU that K42 "
    "measured; it is not modelled."
)


def table_rows(
    systems: Sequence[str] = SYSTEMS,
    machine: str = "numachine",
    cpus: Sequence[int] = CPUS,
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """Slowdowns of the six panels, and for each a row that says whether it is constant.

    Returns
    -------
    list of Row
        Medians of three seeds, their spread as range: metrics "slowdown", "latency" and
        "throughput" per CPU count, "slowdown with K42's loss" for tornado, "flat to" [cpus],
        and "constant" (1 or 0) at the most CPUs, with the talk's statement beside Tornado's.
    """
    rows: list[Row] = []
    for name in OPERATIONS:
        for shared in SHARINGS:
            rows += panel_rows(name, shared, systems, machine, cpus, tick)
    return rows


def panel_rows(
    name: str,
    shared: str,
    systems: Sequence[str],
    machine: str,
    cpus: Sequence[int],
    tick: Callable[[str], None] = lambda label: None,
) -> list[Row]:
    """The rows of one panel."""
    known = _known(name, systems)
    found = over_seeds(
        lambda seed: run(name, known, cpus, machine, shared, seed=seed, tick=tick, load=worked)
    )
    last = f"--cpus {max(cpus)} "
    slow = [r for r in found if r.metric == "slowdown"]
    flat = [_flat_to(slow, r) for r in slow if r.args.startswith(last)]
    constant = [_constant(r) for r in slow if r.args.startswith(last)]
    return [r for r in found if r.metric.startswith(KEPT)] + flat + constant


def _known(name: str, systems: Sequence[str]) -> list[str]:
    return [s for s in systems if s in system_names(name)]


def _flat_to(slow: Sequence[Row], last: Row) -> Row:
    """Most CPUs up to which a system's slowdown stays at or below `FLAT`."""
    most = 1
    for row in slow:
        if row.system == last.system:
            if row.value > FLAT:
                break
            most = int(row.args.split()[1])
    return replace(
        last,
        metric="flat to",
        unit="cpus",
        better="larger",
        value=float(most),
        cycles=None,
        note="",
        low=None,
        high=None,
    )


@dataclass(frozen=True)
class Line:
    """One system of a panel.

    Attributes
    ----------
    system : str
    first_us : float
        What an operation takes on one CPU.
    slowdowns : dict of int to float
        By CPUs, from the second count on.
    rate : float
        Operations a second of all CPUs, at the most.
    flat_to : float
        Most CPUs at which it is constant.
    busiest : str
        Where most of the time goes at the most CPUs.
    """

    system: str
    first_us: float
    slowdowns: dict[int, float]
    rate: float
    flat_to: float
    busiest: str


def panels(rows: Sequence[Row]) -> dict[str, list[Line]]:
    """By title, the systems of each panel.

    Slowdown alone flatters a slow system, so time on one CPU and the rate of all stand beside.
    """
    found: dict[str, list[Line]] = {}
    for name in dict.fromkeys(r.benchmark for r in rows):
        for shared in SHARINGS:
            own = [r for r in rows if r.benchmark == name and r.args.endswith(f"--shared {shared}")]
            found[f"{name}, {WHOSE[shared]}"] = _lines(own)
    return found


def _lines(rows: Sequence[Row]) -> list[Line]:
    cpus = sorted({int(r.args.split()[1]) for r in rows})
    at = {(r.system, r.metric, int(r.args.split()[1])): r for r in rows}
    return [
        Line(
            system,
            at[system, "latency", cpus[0]].value,
            {n: at[system, "slowdown", n].value for n in cpus[1:]},
            at[system, "throughput", cpus[-1]].value,
            at[system, "flat to", cpus[-1]].value,
            _object(at[system, "slowdown", cpus[-1]].note),
        )
        for system in dict.fromkeys(r.system for r in rows)
    ]


def _object(note: str) -> str:
    """The object of a note like "bkl 84 % of the time; ...", and its share."""
    return note.split("; ")[0].removesuffix(" of the time").replace(" %", "%")


def matrix(rows: Sequence[Row]) -> str:
    """The panels as text: systems down, CPUs across, and what one CPU takes."""
    return "\n\n".join("\n".join([title, *_panel(found)]) for title, found in panels(rows).items())


def _panel(found: Sequence[Line]) -> list[str]:
    cpus = found[0].slowdowns if found else {}
    head = f"{'':13}{'us, 1':>6}" + "".join(f"{n:>6}" for n in cpus)
    lines = [f"{head}{'1000/s':>8}{'flat to':>8}  time at"]
    for one in found:
        slow = "".join(f"{_slow(n, value):>6}" for n, value in one.slowdowns.items())
        last = max(one.slowdowns, default=1)
        rate = "" if beyond(last, one.slowdowns.get(last, 1.0)) else _short(one.rate / 1000)
        lines.append(
            f"{one.system:13}{one.first_us:6.2f}{slow}{rate:>8}{one.flat_to:8.0f}  {one.busiest}"
        )
    return [line.rstrip() for line in lines]


def _slow(n: int, value: float) -> str:
    return f">{n}" if beyond(n, value) else _short(value)


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def steps(ask: Ask) -> list[Step]:
    """A step for each panel."""
    machine = ask.machine or "numachine"
    systems = check_systems(ask.systems, "smp") or SYSTEMS
    does = dict.fromkeys(name for operation in OPERATIONS for name in doing(operation))
    for system in systems:
        if system not in does:
            raise unknown("system", system, does, f" with a panel: {', '.join(OPERATIONS)}")
    cpus = fitting(None, CPUS, machine)
    return [
        (f"{name}, {shared} shared", partial(panel_rows, name, shared, systems, machine, cpus))
        for name in OPERATIONS
        for shared in SHARINGS
    ]


def said(rows: Sequence[Row]) -> str:
    """What stands below the table."""
    panels = ", ".join(f"{name} {k} of 6" for name, k in only_constant(rows).items())
    text = [f"Constant panels: {panels}.", *_less_than_one(rows), *warnings(rows), NOTE]
    return "\n".join(line for part in text for line in wrap(part, COLUMNS))


def _less_than_one(rows: Sequence[Row]) -> list[str]:
    """What `>4096` means, if it occurs."""
    far = any(r.metric == "slowdown" and beyond(int(r.args.split()[1]), r.value) for r in rows)
    return [f">N: {BEYOND.removeprefix('; ')}."] if far else []


def _constant(row: Row) -> Row:
    value = float(row.value <= FLAT)
    said = row.system == "tornado"
    return replace(
        row,
        metric="constant",
        note="",
        unit="yes",
        better="larger",
        value=value,
        cycles=None,
        low=None,
        high=None,
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
