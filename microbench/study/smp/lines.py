"""The cache-line bursts the machines were calibrated on, run in the engine.

Knows: N CPUs hit one line at the same instant, after CPU 0 has owned it; mean cycles per
access. Refuses to know: locks and operations.
"""

from __future__ import annotations

import numpy as np

from microbench.datafiles import data_dir
from microbench.errors import InputError
from microbench.quantity import read_toml
from microbench.row import Row
from microbench.smp import engine as e
from microbench.smp.build import Setup, build
from microbench.smp.machine import SmpMachine, load_machine
from microbench.smp.operation import Operation, SharedObject

PAUSE = 1_000_000_000
BURSTS = 9


def burst_cycles(machine: SmpMachine, n: int, write: bool) -> float:
    """Mean cycles of one access when n CPUs make it at once, CPU 0 having owned the line.

    Parameters
    ----------
    machine : SmpMachine
    n : int
    write : bool
        An atomic, else a load (by all but CPU 0).
    """
    means = [_one_burst(machine, n, write, seed) for seed in range(1, BURSTS + 1)]
    return float(np.mean(means))


def _one_burst(machine: SmpMachine, n: int, write: bool, seed: int) -> float:
    shared = SharedObject("line", "system", "line", "one line")
    op = Operation(
        "burst", "burst", "", "", ("add line",), {}, {}, {}, {"line": shared}
    )  # fmt: skip
    a = build(op, machine, n, Setup(spread="none"))
    kind = e.RMW if write else e.READ
    a.steps = np.array([[kind, 0, 0, 0], [e.WORK, 0, PAUSE, 0], [e.END, 0, 0, 0]], np.int64)
    a.line[0, e.L_OWNER] = 0
    a.slots[:, :, e.S_COPY] = 0
    a.slots[:, :, e.S_SOCKET_LINE] = -1
    order = np.random.default_rng(seed).permutation(n)
    a.heap[:n, 0] = order[:n]
    a.heap[0, 0] = -1
    e.run(a.mach, a.cpu, a.line, a.slots, a.steps, a.quant, a.heap, a.out, 1, n - 1)
    took = a.cpu[1:n, e.C_SINCE] - PAUSE - order[1:n]
    return float(took.mean())


def lines_rows() -> list[Row]:
    """Bursts of every machine with a published table, modelled beside published.

    Raises
    ------
    InputError
        If the table is wrong.
    """
    path = data_dir() / "smp" / "reference" / "lines.toml"
    rows = []
    for name, table in read_toml(path).items():
        machine = load_machine(name)
        for what in ("write", "read"):
            values = table.get(what)
            if not isinstance(values, list) or len(values) != len(table.get("cpus", [])):
                raise InputError(path, f"{name}.{what}", values, "one value per CPU count")
            for n, published in zip(table["cpus"], values, strict=True):
                got = burst_cycles(machine, n, what == "write")
                rows.append(_row(machine, what, n, got, float(published), table["source"]))
    return rows


def _row(
    machine: SmpMachine, what: str, n: int, value: float, published: float, source: str
) -> Row:
    return Row(
        benchmark="smp_line",
        args=f"--burst {what} --cpus {n}",
        machine=machine.name,
        system="hardware",
        metric="latency",
        unit="cycles",
        better="smaller",
        value=value,
        published=published,
        published_source=source,
        error=value / published - 1,
        role="calibrate",
        machine_hash=machine.digest,
    )
