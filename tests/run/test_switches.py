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
    ("lat_ctx -s 0 3", 1),
    ("lat_ctx -s 0 10", 1),
    ("lat_pipe", 2),
    ("lat_unix", 4),
])  # fmt: skip
def test_switches_do_not_grow_with_processes(row: str, expected: int, system: str) -> None:
    setup, (name, *args) = prepare("pxa255"), row.split()
    assert switches(run(workloads(name, args)[0], system, setup), setup) == expected


def test_an_ipc_without_linux_has_none() -> None:
    setup = prepare("pxa255")
    assert switches(run(workloads("lat_ipc", [])[0], "l4", setup), setup) == 0
