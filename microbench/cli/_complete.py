"""What a shell may offer: names and keys, from the lists alone, so that Tab answers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

Completer = Callable[[click.Context, click.Parameter, str], list[str]]


def offering(known: Callable[[], Iterable[str]]) -> Completer:
    """Names that start as what was typed; after a comma, the next name."""

    def complete(context: click.Context, parameter: click.Parameter, text: str) -> list[str]:
        before, comma, last = text.rpartition(",")
        return [before + comma + name for name in known() if name.startswith(last)]

    return complete


def _operations() -> Iterable[str]:
    from microbench.datafiles import data_names

    return sorted({name.partition(".")[0] for name in data_names("smp/operations", ".toml")})


def _benchmarks() -> Iterable[str]:
    from microbench.workloads.registry import BENCHMARKS

    return [*BENCHMARKS, "lat_kernel", *(f"smp_{name}" for name in _operations())]


def _systems() -> Iterable[str]:
    from microbench.systems.registry import every_system

    return every_system()


def _machines() -> Iterable[str]:
    from microbench.datafiles import data_names

    return data_names("machines", ".toml")


def _tables() -> Iterable[str]:
    from microbench.study.tables import ALL, TABLES

    return (*TABLES, ALL.name)


def _kernels() -> Iterable[str]:
    from microbench.datafiles import data_names
    from microbench.recording.description import recorded_names
    from microbench.study.inventory import described_kernels

    return dict.fromkeys([*data_names("kernels", ".npz"), *recorded_names(), *described_kernels()])


def _keys() -> Iterable[str]:
    """Keys with `=`, and where a key is a word's, each of its words."""
    from microbench.machine import schema

    words = [f"{key}={word}" for key, found in schema.all_words().items() for word in found]
    return [*(f"{key}=" for key in schema.all_numbers()), *words]


benchmarks, systems, machines = map(offering, (_benchmarks, _systems, _machines))
tables, keys, kernels = map(offering, (_tables, _keys, _kernels))
operations = offering(_operations)
