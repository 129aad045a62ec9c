"""The clock follows the busy cores of a socket: work in cycles gets faster, lines do not."""

import pytest
from smp_toys import each_cycles, path_of, run, toy

from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.queue import queue_cycles
from microbench.smp.simulate import fitted, simulate

STEPS = {"turbo__1__cores": 1, "turbo__1__ratio": 2, "turbo__2__cores": 2, "turbo__2__ratio": 1.25}
WORK = path_of("work", objects={})


@pytest.mark.parametrize(("busy", "ratio"), [(1, 2), (2, 1.25), (3, 1.25), (16, 1.25)])
def test_the_last_step_holds_for_all_that_are_more(busy, ratio):
    assert toy(**STEPS).running(busy).boost == ratio
    assert toy().running(busy).boost == 1


@pytest.mark.parametrize(
    ("n", "order", "threads", "cycles"),
    [
        (1, "fill", 1, 500),
        (2, "fill", 1, 800),  # two cores of one socket
        (2, "spread", 1, 500),  # one core in each of two
        (2, "siblings", 2, 500),  # two threads of one core
        (4, "siblings", 2, 800),
    ],
)
def test_work_takes_the_cycles_that_the_busiest_socket_s_clock_leaves(n, order, threads, cycles):
    machine = toy(topology__threads_per_core=threads, **STEPS)
    got = run(WORK, n, 50 * n, machine=machine, order=order)
    assert each_cycles(got, n, 50 * n) == pytest.approx(cycles, rel=0.02)


def test_lines_in_nanoseconds_keep_their_time_and_reports_their_clock():
    op = path_of("add x", objects={"x": ("system", "line")})
    plain = load_machine("broadwell56", ["turbo.1.ratio=1", "turbo.2.ratio=1", "turbo.3.ratio=1"])
    fast = load_machine("broadwell56")
    assert fast.running(1).cost("line.other") == plain.cost("line.other")
    assert fast.running(1).cost("line.atomic") < plain.cost("line.atomic")
    slow, quick = (simulate(op, m, 20, Setup(order="spread")).per_second for m in (plain, fast))
    assert quick == pytest.approx(slow, rel=0.1)


def test_the_queue_and_the_fit_run_at_the_same_clock():
    machine, setup = toy(**STEPS), Setup(spread="none")
    assert queue_cycles(WORK, machine, 1, setup) == 500
    assert fitted(WORK, machine, setup, 250).scale == pytest.approx(0.5)
