"""What the caller asks for costs, what nobody asks for does not; sharing decides, not isolation."""

import pytest

from microbench.smp.build import Setup
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation
from microbench.smp.settings import with_work
from microbench.study.smp.asked import asked_rows
from microbench.study.smp.points import curve, flat_to, measured
from microbench.study.smp.users import users_rows


@pytest.fixture(scope="module")
def asked():
    rows, text = asked_rows(counts=(1, 16))
    slow = {
        (r.benchmark, r.system): r.value
        for r in rows
        if r.metric == "slowdown" and r.args.startswith("--cpus 16 ")
    }
    return slow, text


def test_who_asks_nobody_stays_flat(asked):
    assert asked[0]["smp_asked", "here"] < 1.1


def test_shoot_downs_cost_by_the_cpus_that_were_asked(asked):
    slow = asked[0]
    one, four, everyone = (slow["smp_asked", f"unmap-{k}"] for k in ("1", "4", "all"))
    assert one < four < everyone


def test_isolated_servers_scale_as_what_they_share(asked):
    slow = asked[0]
    assert slow["smp_servers", "isolated-shared"] < 1.1
    assert slow["smp_servers", "isolated-messages"] > 1.2
    assert "address space" in asked[1]


def test_more_user_work_lets_a_big_lock_scale_further():
    machine, setup = load_machine("icelake128"), Setup(shared="none")
    op = load_operation("fstat", "big-lock")

    def speed(work):
        points = curve(with_work(op, work), machine, [8], setup)
        return 8 * points[1].cycles / points[8].cycles

    assert speed(0) < 1.5 < speed(3000) < speed(100_000) < 8.4


def test_the_table_of_user_work_grows_downwards():
    _, text = users_rows(counts=(1, 4, 16))
    cores = [
        int(line.split()[2].rstrip("+"))
        for line in text.splitlines()
        if line.split()[0][0].isdigit()
    ]
    assert cores == sorted(cores)
    lines = [line.split() for line in text.splitlines() if line.split()[0][0].isdigit()]
    shares = [int(words[1][:-1]) for words in lines]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 100
    assert shares[-1] >= 0


def test_flat_to_stops_at_the_first_that_is_not():
    machine, setup = load_machine("numachine"), Setup(shared="process")
    points = curve(load_operation("fault", "linux-2.2"), machine, [2, 4], setup)
    assert flat_to(points, 1.25) == 1
    assert flat_to(points, 100.0) == 4


def test_the_median_of_seeds_is_one_of_the_runs():
    machine, setup = load_machine("numachine"), Setup(shared="process")
    op = load_operation("fault", "linux-2.6.10")
    assert measured(op, machine, 8, setup) == measured(op, machine, 8, setup)
