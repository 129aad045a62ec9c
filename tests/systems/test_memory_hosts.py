"""The same processes on three hosts: equal answers, different ledgers, and one truth on L4."""

from __future__ import annotations

import pytest

from microbench.l4.model import WRITE
from microbench.linux.kernel import Linux
from microbench.linux.process import Process
from microbench.machine.pricing import Pricer
from microbench.run.setup import NONE, prepare
from microbench.systems.l4 import L4Linux
from microbench.systems.l4_memory import SLOTS
from microbench.systems.players import boot_system
from microbench.systems.registry import usual
from microbench.workloads.registry import workloads

CASES = [
    ("lat_proc", "fork"),
    ("lat_proc", "exec"),
    ("lat_proc", "shell"),
    ("lat_mmap", "64k"),
    ("lat_pagefault", ""),
    ("lat_sig", "prot"),
    ("lat_select", "-n 10 file"),
    ("bw_mmap_rd", "5000 open2close"),
]


def run(name: str, args: str, system: str, iterations: int = 3) -> tuple[Linux, float]:
    """The finished system of a workload's first part, and the cycles of its last iteration."""
    linux = boot_system(system)
    workloads(name, args.split())[0].parts()[0].build(iterations, linux)
    linux.run()
    ledgers = Pricer(
        prepare("pxa255", (), NONE).spec, linux.host.recorder.finish(), {}
    ).iterations()
    return linux, ledgers[-1].cycles


@pytest.mark.parametrize(("name", "args"), CASES)
def test_answers_are_equal_and_costs_are_not(name: str, args: str) -> None:
    found = {system: run(name, args, system) for system in usual()}
    answers = {system: linux.processes[0].output for system, (linux, _) in found.items()}
    assert answers["native"]
    assert answers["native"] == answers["native-fass"] == answers["l4"]
    assert found["native"][1] != found["l4"][1]


def test_order_of_processes_is_equal() -> None:
    orders = [
        [process.name for process in run("lat_proc", "exec", system)[0].processes]
        for system in usual()
    ]
    assert orders[0] == orders[1] == orders[2]


def _l4_rights(host: L4Linux, process: Process) -> dict[int, bool]:
    space = host.l4.state.spaces[host._to_l4[process.space]]
    return {page: bool(node.rights & WRITE) for page, node in space.pages.items()}


def test_the_microkernel_maps_exactly_what_linux_lets_the_machine_use() -> None:
    linux, _ = run("lat_proc", "exec", "l4")
    host, parent = linux.host, linux.processes[0]
    assert isinstance(host, L4Linux)
    wanted = {p: e.machine_writable for p, e in parent.mm.entries.items() if e.valid}
    assert _l4_rights(host, parent) == wanted
    assert len(wanted) > 50


def test_spaces_threads_and_slots_of_dead_processes_are_gone() -> None:
    linux, _ = run("lat_proc", "exec", "l4")
    host = linux.host
    assert isinstance(host, L4Linux)
    assert len(host.l4.state.spaces) == 2
    assert len(host.l4.state.threads) == 2
    assert len(host._slots) == SLOTS - 1


def test_more_processes_than_slots_can_follow_each_other() -> None:
    linux, _ = run("lat_proc", "fork", "l4", iterations=SLOTS + 3)
    assert len(linux.processes[0].output) == SLOTS + 3
    assert linux.processes[0].output[-1] == (SLOTS + 4, 1)


def test_a_fork_copies_entries_without_telling_the_microkernel() -> None:
    linux, _ = run("lat_proc", "fork", "l4")
    trace = linux.host.recorder.finish()
    first, last = trace.marks[-2:]
    names = [trace.names[row[1]] for row in trace.operations[first:last] if row[0] == 0]
    copied = names.count("fork_entry")
    assert names.count("map_page") < copied
    assert names.count("page_fault_ipc") == names.count("fault_find") > 0
