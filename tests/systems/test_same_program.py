"""The same program gives equal answers on every host, and different ledgers."""

from __future__ import annotations

import pytest

from microbench.machine.pricing import Pricer
from microbench.run.runner import record
from microbench.run.setup import NONE, prepare
from microbench.systems.players import boot_system
from microbench.systems.registry import SYSTEMS
from microbench.workloads.registry import workloads

PROGRAMS = [
    ("lat_pipe", []),
    ("lat_unix", []),
    ("lat_ctx", ["-s", "0", "3"]),
    ("lat_syscall", ["null"]),
    ("bw_file_rd", ["1024", "io_only"]),
]


@pytest.mark.parametrize(("name", "args"), PROGRAMS)
def test_answers_are_equal(name: str, args: list[str]) -> None:
    answers = {}
    for system in (name for name, found in SYSTEMS.items() if "linux" in found.play):
        workload = workloads(name, args)[0]
        part = workload.parts()[0]
        linux = boot_system(system, part.options)
        part.build(5, linux)
        linux.run()
        answers[system] = [(p.name, p.output) for p in linux.processes]
    assert any(output for _, output in answers["native"])
    assert len(answers) >= 7
    assert all(answer == answers["native"] for answer in answers.values())


@pytest.mark.parametrize(("name", "args"), PROGRAMS)
def test_ledgers_differ(name: str, args: list[str]) -> None:
    setup = prepare("pxa255", (), NONE)
    workload = workloads(name, args)[0]
    part = workload.parts()[0]
    cycles = {
        system: Pricer(setup.spec, record(workload, part, system)).iterations()[-1].cycles
        for system in ("native", "l4")
    }
    assert cycles["native"] != cycles["l4"]
