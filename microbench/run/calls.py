"""A call of a benchmark as what is run: each of its variants on each system, of whatever kind.

Knows which systems are meant where none is named. Refuses to know what a run gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from microbench.errors import UsageError
from microbench.run import ipc, recorded
from microbench.run.runner import Outcome, run
from microbench.run.setup import Setup
from microbench.systems.registry import check_systems, replayed, talk, usual
from microbench.workloads.base import Workload, kind_of, on_system, own_systems
from microbench.workloads.recorded import recipes
from microbench.workloads.registry import workloads

Pair = tuple[Workload, str]
"""A workload and the system it runs on."""
Run = tuple[Outcome, ...]
"""One workload on one system: as it is; where it is priced so, at both ends of its ranges."""
USER_ONLY = ("bw_mem", "lat_mem_rd", "bw_mmap_rd", "lat_ipc")
"""Benchmarks in which no kernel of today takes part: the functional systems play them."""
USER_PROGRAM = ("lat_proc", "procedure")
RECORDED_ONLY = "lat_kernel"


def own_kernel(benchmark: str, args: Sequence[str], setup: Setup) -> list[str] | None:
    """The kernel of today that a machine runs a benchmark on; None where the functional Linux does.

    Raises
    ------
    UsageError
        If only a recorded kernel could, and there is none for the machine.
    """
    if benchmark in USER_ONLY or (benchmark, *args) == USER_PROGRAM:
        return None
    found = recorded.kernel_of(setup.spec)
    if found is None and benchmark == RECORDED_ONLY:
        raise UsageError(f"{benchmark}: no kernel of today was recorded for {setup.spec.name}")
    return None if found is None else [found.name]


def calls(
    benchmark: str,
    args: Sequence[str],
    systems: Iterable[str] | None,
    setup: Setup,
    beside: bool = False,
) -> list[list[Pair]]:
    """The variants of a call, each on the systems asked for, in their order.

    Parameters
    ----------
    systems : iterable of str or None
        Where none is given: those the workload names itself, else those of the talk.
    beside : bool
        Else those of the talk and what stands beside them.

    Raises
    ------
    UsageError
        For unknown names, bad arguments, or a system that does not play the benchmark.
    """
    asked = list(dict.fromkeys(systems or ()))
    recordings = replayed(asked)
    others = [name for name in asked if name not in recordings]
    found: dict[str, list[Pair]] = {}
    if others or not recordings:
        for workload in workloads(benchmark, list(args)):
            pairs = on_systems(workload, others, setup, beside)
            found.setdefault(workload.args, []).extend(pairs)
    for name in recordings:
        for recipe in recipes(benchmark, args, recorded.operations_of(name, setup)):
            found.setdefault(recipe.args, []).append((recipe, name))
    order = {name: i for i, name in enumerate(asked)}
    return [sorted(pairs, key=lambda pair: order.get(pair[1], 0)) for pairs in found.values()]


def playing(benchmark: str, args: Sequence[str], systems: Iterable[str], setup: Setup) -> list[str]:
    """Those of the systems on which a row is: not each was recorded of each kernel.

    Raises
    ------
    UsageError
        For an unknown system, or one of another kind or architecture.
    """
    found = []
    for name in systems:
        if not replayed([name]):
            found += check_systems([name])
            continue
        there = recorded.operations_of(name, setup)
        with suppress(UsageError):
            recipes(benchmark, args, there)
            found.append(name)
    return found


def on_systems(
    workload: Workload, systems: Iterable[str] | None, setup: Setup, beside: bool = False
) -> list[Pair]:
    """One functional workload on each of the systems, as it is called there; see `calls`.

    Raises
    ------
    UsageError
        For a system that does not exist or does not play such a workload.
    """
    kind, architecture = kind_of(workload), setup.spec.words.get("architecture", "")
    asked = check_systems(systems or (), kind)
    if asked:
        return [(on_system(workload, system, architecture), system) for system in asked]
    own = own_systems(workload, architecture)
    return [(workload, s) for s in own or (usual(kind) if beside else talk(kind))]


def run_on(workload: Workload, system: str, setup: Setup) -> Run:
    """One workload on one system, as its kind is run."""
    kind = kind_of(workload)
    if kind == "message":
        return ipc.outcomes(workload, system, setup)
    if kind == "recorded":
        return recorded.outcomes(workload, system, setup)
    return (run(workload, system, setup),)


def runs_of(
    workload: Workload, systems: Iterable[str] | None, setup: Setup, beside: bool = False
) -> list[Run]:
    """One functional workload on each of the systems; see `on_systems`."""
    return [run_on(w, s, setup) for w, s in on_systems(workload, systems, setup, beside)]
