"""A toy multiprocessor and toy paths whose costs can be done in the head."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from microbench.quantity import Quantity
from microbench.smp import engine as e
from microbench.smp.build import Arrays, Setup, build
from microbench.smp.machine import LINE_COSTS, MEASURED, NUMBERS, SmpMachine
from microbench.smp.operation import Operation, SharedObject

CYCLES = {
    "hit": 1,
    "atomic": 10,
    "core": 20,
    "cluster": 50,
    "socket": 100,
    "other": 400,
    "hop": 30,
    "third": 200,
    "read_core": 20,
    "read_cluster": 40,
    "read_socket": 40,
    "read_other": 300,
    "read_busy": 60,
    "memory_busy": 5,
}
"""Line costs of the toy [cycles]."""
REST = {
    "core.clock_hz": 1e6,
    "topology.cpus": 16,
    "topology.threads_per_core": 1,
    "topology.cpus_per_cluster": 2,
    "topology.cpus_per_socket": 4,
    "topology.smt_slowdown": 1,
    "page.lines": 8,
    "page.clear_line": 10,
    "sleep.sleep": 500,
    "sleep.wake": 200,
    "sleep.resume": 300,
    "interrupt.first": 1000,
    "interrupt.each": 100,
    "interrupt.handle": 50,
}


def number(value: float, unit: str) -> Quantity:
    return Quantity(value, unit, "toy", "choice", value, value)


def toy(topology: str = "flat", served: float = 1.0, **changes: float) -> SmpMachine:
    """Sixteen CPUs, pairs in clusters, four to a socket, one cycle a microsecond.

    A line that makes a move does nothing else meanwhile, or only for the share `served`.
    """
    values = {**{f"line.{k}": v for k, v in CYCLES.items()}, **REST}
    values.update({k.replace("__", "."): v for k, v in changes.items()})
    assert set(NUMBERS) <= set(values) <= {*NUMBERS, *MEASURED}
    assert len(LINE_COSTS) == len(CYCLES)
    numbers = {k: number(v, _unit(k)) for k, v in values.items()}
    numbers["line.served"] = number(served, "ratio")
    return SmpMachine("toy", "toy", topology, "node", numbers)


def _unit(key: str) -> str:
    units = {**NUMBERS, **MEASURED}[key]
    return "cycles" if "cycles" in units else min(units)


def path_of(
    *words: str, parts: dict[str, int] | None = None, objects: dict[str, tuple[str, str]]
) -> Operation:
    """An operation of words; objects are name to (scope, kind)."""
    return Operation(
        "toy",
        "toy",
        "",
        "",
        words,
        {k: number(v, "cycles") for k, v in (parts or {"work": 1000, "hold": 300}).items()},
        {},
        {"three": number(3, "operations")},
        {k: SharedObject(k, scope, kind, "toy") for k, (scope, kind) in objects.items()},
    )


def run(
    op: Operation, n: int, operations: int = 200, machine: SmpMachine | None = None, **setup: object
) -> Arrays:
    """Run and give the arrays back; one measured window of all operations but a third."""
    values: dict[str, object] = {"spread": "none", **setup}
    arrays = build(op, machine or toy(), n, Setup(**values))  # type: ignore[arg-type]
    go(arrays, operations)
    return arrays


def go(arrays: Arrays, operations: int, engine: object = e) -> None:
    engine.run(  # type: ignore[attr-defined]
        arrays.mach,
        arrays.cpu,
        arrays.line,
        arrays.slots,
        arrays.steps,
        arrays.quant,
        arrays.heap,
        arrays.out,
        max(1, operations // 3),
        operations,
    )


def each_cycles(arrays: Arrays, n: int, operations: int = 200) -> float:
    """Cycles of one operation as one CPU sees it."""
    window = float(arrays.out[e.O_END] - arrays.out[e.O_START])
    return n * window / (operations - max(1, operations // 3))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def int_lists(arrays: Arrays) -> list[list[int]]:
    """All state as lists, to compare two runs."""
    parts = (arrays.cpu, arrays.line, arrays.slots, arrays.out)
    return [np.asarray(part).ravel().tolist() for part in parts]
