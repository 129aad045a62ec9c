"""Which CPUs share an object, and where CPUs sit."""

import pytest
from smp_toys import each_cycles, path_of, run, toy

from microbench.smp import engine as e
from microbench.smp.build import Setup, build


def lines(scope, shared, n=8):
    op = path_of("add x", objects={"x": (scope, "line")})
    arrays = build(op, toy(), n, Setup(shared=shared))
    return len(set(arrays.slots[:n, 0, e.S_LINE].tolist()))


@pytest.mark.parametrize(
    ("scope", "shared", "count"),
    [
        ("system", "none", 1),
        ("family", "none", 1),
        ("node", "none", 2),
        ("group", "none", 2),
        ("cpu", "region", 8),
        ("process", "process", 1),
        ("process", "none", 8),
        ("region", "process", 8),
        ("region", "region", 1),
        ("file", "process", 8),
        ("file", "file", 1),
        ("file", "none", 8),
    ],
)
def test_a_scope_and_a_sharing_say_how_many_objects_there_are(scope, shared, count):
    assert lines(scope, shared) == count


def test_threads_and_processes_differ_only_in_the_lines_they_share():
    op = path_of("work", "add x", objects={"x": ("process", "line")})
    threads, processes = (build(op, toy(), 8, Setup(shared=s)) for s in ("process", "none"))
    assert threads.steps.tolist() == processes.steps.tolist()
    assert threads.cpu.tolist() == processes.cpu.tolist()


def sockets(order, n, **machine):
    op = path_of("work", objects={})
    return build(op, toy(**machine), n, Setup(order=order)).cpu[:n, e.C_SOCKET].tolist()


def test_filling_takes_one_socket_after_the_other_and_spreading_takes_turns():
    assert sockets("fill", 6) == [0, 0, 0, 0, 1, 1]
    assert sockets("spread", 6) == [0, 1, 2, 3, 0, 1]


def test_second_threads_of_cores_come_last():
    two = toy(topology__threads_per_core=2)
    op = path_of("work", objects={})
    half, full = (build(op, two, n, Setup(order="spread")) for n in (8, 9))
    assert (half.cpu[:, e.C_MATE] == e.NOBODY).all()
    assert sorted(full.cpu[full.cpu[:, e.C_MATE] >= 0, e.C_MATE]) == [0, 8]


def test_a_sibling_slows_only_while_it_works():
    two = toy(topology__threads_per_core=2, topology__smt_slowdown=2)
    busy = run(path_of("work", objects={}), 2, machine=two, order="siblings")
    waits = path_of("take lock", "work", "drop lock", objects={"lock": ("system", "mcs")})
    held = run(waits, 2, machine=two, order="siblings")
    assert each_cycles(busy, 2) == 2 * 1000
    assert each_cycles(held, 2) < 2 * 1000 * 1.1
