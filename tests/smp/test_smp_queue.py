"""The closed queue against known answers, and against the engine where both apply."""

import pytest
from smp_toys import each_cycles, path_of, run, toy

from microbench.smp.build import Setup
from microbench.smp.queue import demand, queue_cycles, repairman
from microbench.study.smp.agreement import CASES, agreement_rows


def test_one_client_never_waits():
    assert repairman(1, 900, 100) == pytest.approx(1 / 1000)


def test_two_clients_as_done_by_hand():
    # states 0, 1, 2 with weights 1, 2 s/z, 2 (s/z)^2; s/z = 1: 1, 2, 2; busy 4/5
    assert repairman(2, 100, 100) == pytest.approx(4 / 5 / 100)


def test_many_clients_fill_the_station():
    assert repairman(400, 1000, 100) == pytest.approx(1 / 100, rel=1e-6)


def test_service_that_grows_with_waiters_collapses():
    rates = [repairman(n, 1000, 100, per_waiter=50) for n in (4, 8, 16, 64)]
    assert rates[1] > rates[0] > rates[3]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 12, 16])
@pytest.mark.parametrize("kind", ["mcs", "sleep"])
def test_long_exponential_holds_agree_with_the_engine_within_five_per_cent(n, kind):
    parts = {"work": 100_000, "hold": 20_000}
    op = path_of("work", "take lock", "hold", "drop lock", parts=parts,
                 objects={"lock": ("system", kind)})  # fmt: skip
    setup = Setup(spread="exponential")
    operations = 30_000
    got = each_cycles(run(op, n, operations, spread="exponential"), n, operations)
    assert queue_cycles(op, toy(), n, setup) == pytest.approx(got, rel=0.05)


def test_the_packaged_operations_agree_within_an_eighth_everywhere():
    rows = agreement_rows()
    assert len(rows) == sum(len(counts) for *_, counts in CASES)
    errors = [abs(row.error) for row in rows]
    assert max(errors) < 0.125
    assert sorted(errors)[len(errors) // 2] < 0.03


def test_the_bend_can_be_checked_by_hand():
    op = path_of("work", "take lock", "hold", "drop lock", objects={"lock": ("system", "mcs")})
    one_socket = toy(topology__cpus_per_socket=16, topology__cpus_per_cluster=1)
    d = demand(op, one_socket, 8, Setup())
    transfers = 2.6
    assert d.busiest.service == pytest.approx(300 + 100 * transfers, abs=1)
    assert d.think == 1000 + 100
    assert d.bend == pytest.approx((1100 + 560) / 560, rel=0.001)
