"""Locks made of line moves, on the toy: exclusion, order, hand-over, collapse, sleep."""

import importlib.util
import os
from unittest import mock

import pytest
from smp_toys import each_cycles, go, int_lists, path_of, run, toy

from microbench.ahead.choose import VARIABLE
from microbench.smp import engine as e
from microbench.smp.build import LOCKS, Setup, build
from microbench.smp.machine import load_machine

EXCLUSIVE = sorted(LOCKS)
ONE_SOCKET = {"topology__cpus_per_socket": 16, "topology__cpus_per_cluster": 1}


def locked(kind, *, mode="take", scope="system"):
    words = ("work", f"{mode} lock", "hold", "drop lock")
    return path_of(*words, objects={"lock": (scope, kind)})


@pytest.mark.parametrize("kind", EXCLUSIVE)
def test_alone_a_lock_costs_two_owned_atomics(kind):
    arrays = run(locked(kind), 1)
    assert each_cycles(arrays, 1) == 1000 + 300 + 2 * 10


@pytest.mark.parametrize("kind", EXCLUSIVE)
@pytest.mark.parametrize("n", [2, 5, 16])
def test_holders_exclude_each_other(kind, n):
    arrays = run(locked(kind), n)
    window = arrays.out[e.O_END] - arrays.out[e.O_START]
    assert window >= (200 - 200 // 3 - 1) * 300


@pytest.mark.parametrize("kind", EXCLUSIVE)
def test_nobody_waits_for_a_lock_that_nobody_shares(kind):
    arrays = run(locked(kind, scope="cpu"), 16)
    # nobody but the first touch makes a line move
    assert arrays.out[e.O_MOVES] == 16


@pytest.mark.parametrize("kind", [k for k in EXCLUSIVE if k != "sleep-barge"])
def test_readers_do_not_exclude_each_other_but_pay_for_the_count(kind):
    words = ("work", "share lock", "hold", "drop lock")
    long = {"work": 100, "hold": 3000}
    op = path_of(*words, parts=long, objects={"lock": ("system", kind)})
    arrays = run(op, 4, operations=400)
    window = arrays.out[e.O_END] - arrays.out[e.O_START]
    assert window < 266 * 3000 / 3
    assert arrays.out[e.O_MOVES] / 400 == pytest.approx(2, abs=0.1)


def test_a_queued_lock_plateaus_and_a_ticket_lock_collapses():
    def per_operation(kind, n):
        return each_cycles(run(locked(kind), n, machine=toy(**ONE_SOCKET)), n) / n

    # hold, then 2.6 transfers of 100, and at most one more when an arrival has the word
    assert 300 + 260 <= per_operation("mcs", 16) <= 300 + 360
    assert per_operation("mcs", 8) == pytest.approx(per_operation("mcs", 16), rel=0.05)
    assert per_operation("ticket", 16) > 1.5 * per_operation("ticket", 8)


def test_collapse_is_in_the_order_of_the_moves_each_waiter_makes():
    at_16 = {kind: each_cycles(run(locked(kind), 16), 16) for kind in ("mcs", "ticket", "ttas")}
    assert at_16["mcs"] < at_16["ticket"] < at_16["ttas"]


def test_moves_per_operation_grow_with_pollers_and_not_with_queued_waiters():
    def moves(kind, n):
        return run(locked(kind), n, operations=600).out[e.O_MOVES] / 600

    assert moves("mcs", 16) < moves("mcs", 8) + 1
    assert moves("ticket", 16) > moves("ticket", 8) + 8


def test_a_hand_over_to_a_sleeper_costs_wake_and_resume():
    n = 8
    got = each_cycles(run(locked("sleep"), n), n) / n
    # hold, atomics of the release, wake 200, resume 300, and what moving the line adds
    assert 300 + 500 <= got <= 300 + 500 + 700


def test_a_deep_idle_state_lengthens_a_long_sleep_only():
    from dataclasses import replace

    from smp_toys import number

    deep = replace(toy(), idle=((number(2000, "us"), number(5000, "us")),))
    short = each_cycles(run(locked("sleep"), 2, machine=deep), 2)
    long = each_cycles(run(locked("sleep"), 8, machine=deep), 8)
    assert short == each_cycles(run(locked("sleep"), 2), 2)
    assert long > each_cycles(run(locked("sleep"), 8), 8) + 4 * 5000


def test_a_running_cpu_may_barge_past_a_sleeper():
    quick = path_of(
        "work", "take lock", "hold", "drop lock",
        parts={"work": 10, "hold": 300}, objects={"lock": ("system", "sleep-barge")},
    )  # fmt: skip
    handed = path_of(
        "work", "take lock", "hold", "drop lock",
        parts={"work": 10, "hold": 300}, objects={"lock": ("system", "sleep")},
    )  # fmt: skip
    barging, waiting = (
        each_cycles(run(op, 8, machine=toy(**ONE_SOCKET)), 8) for op in (quick, handed)
    )
    assert barging < 0.9 * waiting


def test_first_come_first_served():
    arrays = run(locked("mcs"), 8, operations=400)
    done = arrays.cpu[:8, e.C_OPS]
    assert done.max() - done.min() <= 2


@pytest.mark.parametrize("kind", EXCLUSIVE)
def test_the_same_run_twice_gives_the_same_integers(kind):
    one, two = (run(locked(kind), 9, spread="exponential") for _ in range(2))
    assert int_lists(one) == int_lists(two)


def test_another_seed_gives_other_integers():
    one, two = (run(locked("ticket"), 9, spread="exponential", seed=s) for s in (1, 2))
    assert int_lists(one) != int_lists(two)


@pytest.fixture(scope="module")
def plain_engine():
    """The engine's own file run as plain Python."""
    spec = importlib.util.spec_from_file_location("plain_smp_engine", e.__file__)
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(os.environ, {VARIABLE: "plain"}):
        spec.loader.exec_module(module)
    assert module.CHOICE.kind == "plain"
    assert type(module.run).__name__ == "function"
    return module


@pytest.mark.parametrize("kind", EXCLUSIVE)
@pytest.mark.parametrize("mode", ["take", "share", "swap"])
def test_plain_python_gives_the_same_integers(plain_engine, kind, mode):
    words = (
        "prefetch x", "read x", "work", f"{mode} lock", "hold", "cas x", "drop lock",
        "every three:", "add x", "end", "clear_page", "shoot", "call server hold",
    )  # fmt: skip
    objects = {"lock": ("system", kind), "x": ("process", "line"), "server": ("group", "server")}
    op = path_of(*words, objects=objects)
    setup = Setup(spread="exponential", seed=7)
    machine = toy("ring", served=0.7, line__lost=0.5)
    jitted, plain = (build(op, machine, 11, setup) for _ in range(2))
    jitted.mach[e.M_MIDDLE] = plain.mach[e.M_MIDDLE] = 1500
    go(jitted, 150)
    go(plain, 150, plain_engine)
    assert int_lists(jitted) == int_lists(plain)


def test_a_machine_whose_read_bursts_were_measured_polls_at_that_price():
    for name in ("e7-8870", "opteron48"):
        machine = load_machine(name)
        op = path_of("add x", objects={"x": ("system", "line")})
        assert build(op, machine, 2, Setup()).mach[e.M_POLL] == machine.cost("line.read_socket")


def test_a_machine_whose_links_are_known_has_a_port_as_slow_as_they_are():
    op = path_of("add x", objects={"x": ("system", "line")})
    slow, fast = (load_machine("altix512", [f"line.port={ns}"]) for ns in (80, 40))
    ports = [build(op, machine, 4, Setup()).mach[e.M_PORT] for machine in (slow, fast)]
    assert ports[0] == 2 * ports[1] == slow.cost("line.port")
