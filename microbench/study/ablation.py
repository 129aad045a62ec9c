"""The talk's argument, one cause at a time: take a mechanism away, see which rows flip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from microbench.machine.load import parse_settings
from microbench.reference.load import packaged
from microbench.run.runner import run
from microbench.run.setup import Setup, prepare
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


@dataclass(frozen=True)
class Line:
    """One row of the talk under every ablation.

    Attributes
    ----------
    benchmark, args : str
    ratios : tuple of float
        Speed of l4 relative to native, in the order of `ABLATIONS`.
    flips : tuple of bool
        Whether somebody else wins than as is.
    """

    benchmark: str
    args: str
    ratios: tuple[float, ...]
    flips: tuple[bool, ...]


def table(rows: Sequence[tuple[str, str]] | None = None) -> list[Line]:
    """Every row of the talk's lmbench tables, or the given ones."""
    chosen = talk_rows() if rows is None else rows
    setup = prepare("pxa255")
    return [_line(benchmark, args, setup) for benchmark, args in chosen]


def talk_rows() -> list[tuple[str, str]]:
    """Benchmark and arguments of the lmbench and context tables that can be run."""
    tables = ("lmbench", "context")
    found = [
        (p.benchmark, p.args) for p in packaged() if p.table in tables and p.benchmark in BENCHMARKS
    ]
    return list(dict.fromkeys(found))


def _line(benchmark: str, args: str, setup: Setup) -> Line:
    workload = workloads(benchmark, args.split())[0]
    found = [_both(workload, ablation, setup) for ablation in ABLATIONS]
    who = [winner(native.value, other.value, native.better) for native, other in found]
    ratios = tuple(
        native.value / other.value if native.better == "smaller" else other.value / native.value
        for native, other in found
    )
    return Line(benchmark, args, ratios, tuple(w != who[0] for w in who))


def _both(workload: Workload, ablation: Ablation, setup: Setup) -> tuple[Metric, Metric]:
    setup = changed(setup, ablation.settings)
    native, other = (run(workload, system, setup).metrics[0] for system in ablation.systems)
    return native, other


def changed(setup: Setup, settings: Sequence[str]) -> Setup:
    """The setup with `key=value` changes of the machine."""
    return replace(setup, spec=setup.spec.with_(parse_settings(settings), "ablation"))
