"""What there is, by kind: every name a command takes, with a line about it.

To add a kind, write a function that returns items and one line of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One name.

    Attributes
    ----------
    name, summary : str
    usage : str
        Its arguments, a key's unit or words, a kernel's variants; "" for none.
    """

    name: str
    summary: str
    usage: str = ""


def benchmarks() -> list[Item]:
    """What `run` takes."""
    from microbench.smp.operation import operation_names
    from microbench.workloads.registry import BENCHMARKS

    found = [Item(name, entry.summary, entry.usage) for name, entry in BENCHMARKS.items()]
    many = ", ".join(operation_names())
    return [*found, Item("smp_*", f"many CPUs at once: {many}", "see `mkbench smp list`")]


def systems() -> list[Item]:
    """What `--system` takes."""
    from microbench.systems.registry import every_system

    return [
        Item(s.name, s.summary, f"many CPUs: {', '.join(s.operations)}" if s.operations else "")
        for s in every_system().values()
    ]


def kernels() -> list[Item]:
    """Kernels there are recordings of, and their variants."""
    from microbench.recording.description import Description, recorded_names

    found = []
    for kernel in map(Description, recorded_names()):
        others = [variant for variant in kernel.variants if variant != "plain"]
        usage = f"variants {', '.join(others)}" if others else ""
        found.append(Item(kernel.name, kernel.title, usage))
    return found


def described_kernels() -> list[str]:
    """Files of `data/kernels` with paths, or loops that a machine prices."""
    from microbench.datafiles import data_dir, data_names
    from microbench.reading import read_toml

    names = (name for name in data_names("kernels", ".toml") if not name.endswith(".cuts"))
    folder = data_dir() / "kernels"
    return [n for n in names if {"path", "loop"} & read_toml(folder / f"{n}.toml").keys()]


def machines() -> list[Item]:
    """What `--machine` takes, of one CPU and of many."""
    from microbench.machine.load import load_machine, sheet_names

    specs = [load_machine(name, many=None) for name in sheet_names()]
    return [
        Item(s.name, s.title, "" if s.for_one else "many CPUs: for smp alone")
        for s in sorted(specs, key=lambda s: (not s.for_one, s.name))
    ]


def tables() -> list[Item]:
    """What `table` takes."""
    from microbench.study.tables import ALL, TABLES

    return [Item(table.name, table.title) for table in (*TABLES.values(), ALL)]


def settings() -> list[Item]:
    """What `--set` takes."""
    from microbench.machine.meaning import settings

    return [Item(found.key, found.meaning, found.unit) for found in settings()]


KINDS: dict[str, Callable[[], list[Item]]] = {
    "benchmarks": benchmarks,
    "systems": systems,
    "kernels": kernels,
    "machines": machines,
    "tables": tables,
    "settings": settings,
}
