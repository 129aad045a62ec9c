"""How many tasks `reaim` takes."""

from __future__ import annotations

import pytest

from microbench.errors import UsageError
from microbench.run.runner import record
from microbench.workloads.reaim import MOST_TASKS, ReAim
from microbench.workloads.registry import workloads


@pytest.mark.parametrize("tasks", ["0", str(MOST_TASKS + 1), "many"])
def test_other_numbers_of_tasks_are_refused_with_the_bounds(tasks: str) -> None:
    with pytest.raises(UsageError, match=f"'{tasks}'.* from 1 to {MOST_TASKS}, as many as"):
        workloads("reaim", [tasks])


def test_the_most_tasks_run_and_cost_as_much_each() -> None:
    """All of them sleep at once. Operations a task: as of a few tasks, to a twentieth."""

    def operations(tasks: int) -> int:
        workload = ReAim(tasks)
        return len(record(workload, workload.parts()[0], "native").operations)

    assert operations(MOST_TASKS) / MOST_TASKS == pytest.approx(operations(8) / 8, rel=0.05)
