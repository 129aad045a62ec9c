"""The talk's argument, one cause at a time: take a mechanism away, see which rows flip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from microbench.machine.load import parse_settings
from microbench.reference.load import packaged, row_name
from microbench.row import Row, speed_ratio
from microbench.run.runner import run
from microbench.run.setup import Setup
from microbench.study.tables import Ask, Step
from microbench.study.values import winner
from microbench.workloads.base import Metric, Workload
from microbench.workloads.registry import BENCHMARKS, workloads


@dataclass(frozen=True)
class Ablation:
    """One change.

    Attributes
    ----------
    name, says : str
    settings : tuple of str
        Changes of the machine.
    systems : tuple of str
        What stands for native and for l4.
    """

    name: str
    says: str
    settings: tuple[str, ...] = ()
    systems: tuple[str, str] = ("native", "l4")


ABLATIONS = (
    Ablation("as is", "the machine and the kernels of the talk"),
    Ablation(
        "tagged",
        "native Linux switches by a tag, as L4 does",
        systems=("native-tagged", "l4"),
    ),
    Ablation(
        "flush",
        "L4 flushes as native Linux does, at each switch",
        systems=("native", "l4-full-flush"),
    ),
    Ablation(
        "64K pipe",
        "a pipe of 64 KB, as since Linux 2.6.11",
        systems=("native-64k-pipe", "l4-64k-pipe"),
    ),
    Ablation("allocate", "caches allocate a line on a store miss", ("l1d.write_allocate=yes",)),
    Ablation("PIPT", "physically tagged caches", ("l1i.index=pipt", "l1d.index=pipt")),
)


def steps(ask: Ask) -> list[Step]:
    """A step for each row of the talk's lmbench tables: its ratio under every ablation."""
    setup = ask.setup()
    return [
        (row_name(benchmark, args), partial(ratio_rows, benchmark, args, setup))
        for benchmark, args in talk_rows()
    ]


def talk_rows() -> list[tuple[str, str]]:
    """Benchmark and arguments of the lmbench and context tables that can be run."""
    tables = ("lmbench", "context")
    found = [
        (p.benchmark, p.args) for p in packaged() if p.table in tables and p.benchmark in BENCHMARKS
    ]
    return list(dict.fromkeys(found))


def ratio_rows(benchmark: str, args: str, setup: Setup) -> list[Row]:
    """Speed of what stands for l4 relative to what stands for native, by ablation.

    Returns
    -------
    list of Row
        `metric` is "speed relative to SYSTEM"; `note` is the ablation, and "flips" where
        somebody else wins than as is.
    """
    workload = workloads(benchmark, args.split())[0]
    rows, usual = [], ""
    for ablation in ABLATIONS:
        native, other = _both(workload, ablation, setup)
        ratio = speed_ratio(native.value, other.value, native.better)
        wins = winner(native.value, other.value, native.better)
        usual = usual or wins
        rows.append(_row(workload, ablation, setup, ratio or 0.0, wins != usual))
    return rows


def _row(workload: Workload, ablation: Ablation, setup: Setup, ratio: float, flips: bool) -> Row:
    base, other = ablation.systems
    changes = (*setup.changes, *ablation.settings)
    return Row(
        benchmark=workload.name,
        args=workload.args,
        machine=replace(setup, changes=changes).machine,
        system=other,
        metric=f"speed relative to {base}",
        unit="ratio",
        better="larger",
        value=ratio,
        machine_hash=setup.spec.hash,
        note=ablation.name + ("; flips" if flips else ""),
    )


def _both(workload: Workload, ablation: Ablation, setup: Setup) -> tuple[Metric, Metric]:
    setup = changed(setup, ablation.settings)
    native, other = (run(workload, system, setup).metrics[0] for system in ablation.systems)
    return native, other


def changed(setup: Setup, settings: Sequence[str]) -> Setup:
    """The setup with `key=value` changes of the machine."""
    return replace(setup, spec=setup.spec.with_(parse_settings(settings), "ablation"))
