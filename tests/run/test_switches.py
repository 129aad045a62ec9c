"""Process switches of one operation, as the rows' meaning demands."""

from __future__ import annotations

import pytest

from microbench.run.runner import run
from microbench.run.setup import prepare
from microbench.run.switches import switches
from microbench.workloads.registry import workloads


@pytest.mark.parametrize("system", ["native", "l4"])
@pytest.mark.parametrize(("row", "expected"), [
    ("lat_syscall null", 0),
    ("lat_ctx -s 0 2", 1),
    ("lat_ctx -s 0 3", 1 + 2 / 6 / 3),
    ("lat_ctx -s 0 10", 1.1),
    ("lat_pipe", 2),
    ("lat_unix", 4),
])  # fmt: skip
def test_switches_of_an_operation(row: str, expected: float, system: str) -> None:
    """The same on both systems; a ring of more than two has up to one more a round."""
    setup, (name, *args) = prepare("pxa255"), row.split()
    found = switches(run(workloads(name, args)[0], system, setup), setup)
    assert found == pytest.approx(expected, abs=0.001)


def test_an_ipc_without_linux_has_none() -> None:
    setup = prepare("pxa255")
    assert switches(run(workloads("lat_ipc", [])[0], "l4", setup), setup) == 0
