"""A message on a machine, at the low, middle and high end of all that is a guess.

All estimates and ranges, of the machine and of the paths, are taken at one end together, so
low and high enclose what the stated ranges allow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from microbench.reference.compare import annotate
from microbench.row import Row
from microbench.run.recorded_ipc import recorded_ledgers, recorded_message, recorded_ways
from microbench.run.runner import Measured, Outcome, part_cycles, run
from microbench.run.setup import Setup
from microbench.workloads.base import Workload, own_systems
from microbench.workloads.lat_ipc import LatIpc

SPACES = {"one space": True, "two spaces": False}
LEVELS = ("value", "low", "high")


def system_of(workload: LatIpc, setup: Setup) -> str:
    """The system whose kernel a message runs on."""
    return own_systems(workload, setup.spec.words.get("architecture", ""))[0]


def outcome(workload: LatIpc, setup: Setup, level: str = "value") -> Outcome:
    """The message on its own system."""
    return run(workload, system_of(workload, setup), setup, level)


def measured(workload: LatIpc, setup: Setup, level: str = "value") -> Measured:
    """The counted round trips of a message, summed."""
    return outcome(workload, setup, level).parts["round trip"]


def rows_at_levels(outcomes: Iterable[Outcome], setup: Setup) -> list[Row]:
    """Latency, call and reply [cycles], each with `_low` and `_high` beside the middle.

    Parameters
    ----------
    outcomes : iterable of Outcome
        In the order of `LEVELS`.
    """
    rows = []
    for level, found in zip(LEVELS, outcomes, strict=True):
        for metric in found.metrics:
            rows.append(
                Row(
                    benchmark=found.workload.name,
                    args=found.workload.args,
                    machine=setup.machine,
                    system=found.system,
                    metric=metric.name if level == "value" else f"{metric.name}_{level}",
                    unit=metric.unit,
                    better=metric.better,
                    value=metric.value,
                    cycles=round(metric.cycles),
                    machine_hash=setup.spec.hash,
                )
            )
    return annotate(_with_ranges(rows))


def _with_ranges(rows: list[Row]) -> list[Row]:
    """The middle rows with their ends beside them as well."""
    value = {row.metric: row.value for row in rows}
    return [
        replace(row, low=value[f"{row.metric}_low"], high=value[f"{row.metric}_high"])
        if f"{row.metric}_low" in value
        else row
        for row in rows
    ]


def outcomes(workload: Workload, system: str, setup: Setup) -> tuple[Outcome, ...]:
    """A message at each level; as it was executed, where that was recorded."""
    assert isinstance(workload, LatIpc)
    recorded = recorded_message(workload, system, setup.spec)
    if recorded is None:
        return tuple(run(workload, system, setup, level) for level in LEVELS)
    clock = setup.spec.value("core.clock_hz")
    found = recorded_ledgers(*recorded, setup.spec)
    ways = recorded_ways(*recorded, setup.spec)
    return tuple(
        Outcome(
            workload,
            system,
            workload.metrics(ways[x], clock),
            {"round trip": Measured(found[x], 1, 0.0)},
        )
        for x in LEVELS
    )


def one_way_cycles(setup: Setup, level: str = "value", kernel: str = "") -> float:
    """One way of an empty message between two spaces [cycles]."""
    workload = LatIpc(kernel=kernel)
    recorded = recorded_message(workload, system_of(workload, setup), setup.spec)
    if recorded is not None:
        return sum(recorded_ways(*recorded, setup.spec)[level].values()) / 2
    both = part_cycles(workload, outcome(workload, setup, level).parts)
    return sum(both.values()) / len(both)


def explained(workload: LatIpc, setup: Setup) -> dict[str, Measured]:
    """The workload within one space and between two; a hop is one way."""
    return {
        name: measured(replace(workload, same_space=same), setup) for name, same in SPACES.items()
    }
