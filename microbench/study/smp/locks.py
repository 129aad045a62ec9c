"""Locks alone: what each kind costs against tables of lock measurements.

Knows: n threads that take one lock with a known hold and think time, and the published wall time
per acquisition. Refuses to know: operations of any system; no number here comes from one.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from microbench.quantity import Quantity
from microbench.reference.locks import LockTable, load_locks
from microbench.row import Row
from microbench.smp.build import Setup
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation, SharedObject
from microbench.smp.simulate import simulate

PATHS = {
    "line": ("add lock", "hold", "add lock", "think"),
    "take": ("take lock", "hold", "drop lock", "think"),
    "share": ("share lock", "hold", "drop lock", "think"),
    "cas-add": ("cas lock", "hold", "add lock", "think"),
    "cas-cas": ("cas lock", "hold", "cas lock", "think"),
}


def acquisition_ns(table: LockTable, machine: SmpMachine, n: int, seed: int = 1) -> float:
    """Wall time per acquisition, all n threads together [ns].

    Hold and think last so long on the clock of the wall, whatever clock the cores have.
    """
    machine = machine.steady()
    got = simulate(
        _loop(table, machine), machine, n, Setup(order=table.order, spread="even", seed=seed)
    )
    return 1e9 * machine.seconds(got.cycles) / n


def _loop(table: LockTable, machine: SmpMachine) -> Operation:
    """The benchmark's loop; a part of no length is left out."""
    parts = {
        name: _cycles(ns * 1e-9 * machine.clock_hz)
        for name, ns in (("hold", table.hold_ns), ("think", table.think_ns))
        if ns > 0
    }
    path = PATHS["line" if (table.kind, table.mode) == ("line", "take") else table.mode]
    words = tuple(w for w in path if w in parts or " " in w)
    lock = SharedObject("lock", "system", table.kind, table.source)
    return Operation("lock", table.kind, "", "", words, parts, {}, {}, {"lock": lock})


def _cycles(value: float) -> Quantity:
    value = max(1.0, round(value))
    return Quantity(value, "cycles", "the table's own loop", "published", value, value)


def locks_rows(tick: Callable[[str], None] = lambda label: None) -> list[Row]:
    """Every point of every table, modelled beside published [ns per acquisition]."""
    rows = []
    for table in load_locks():
        tick(table.name)
        machine = load_machine(table.machine, table.settings)
        rows += [
            _row(table, machine, n, acquisition_ns(table, machine, n), published)
            for n, published in zip(table.threads, table.values, strict=True)
        ]
    return rows


def _row(table: LockTable, machine: SmpMachine, n: int, value: float, published: float) -> Row:
    return Row(
        benchmark="smp_lock",
        args=f"{table.name} --cpus {n}",
        machine=machine.name,
        system="cas" if table.mode.startswith("cas") else table.kind,
        metric="acquisition",
        unit="ns",
        better="smaller",
        value=value,
        published=published,
        published_source=table.source,
        error=value / published - 1,
        role=table.role,
        machine_hash=machine.digest,
    )


def verdict(rows: Sequence[Row]) -> str:
    """Per kind of lock and role: median error, and how many points lie within 1.5 times."""
    lines = []
    for role in ("calibrate", "predict"):
        for kind in dict.fromkeys(r.system for r in rows):
            found = [r.error for r in rows if (r.role, r.system) == (role, kind)]
            errors = [x for x in found if x is not None]
            if errors:
                near = sum(1 / 1.5 <= 1 + x <= 1.5 for x in errors)
                middle = statistics.median(abs(x) for x in errors)
                lines.append(
                    f"{role:9} {kind:7} median error {100 * middle:3.0f} %, "
                    f"{near} of {len(errors)} within 1.5x"
                )
    return "\n".join(lines)
