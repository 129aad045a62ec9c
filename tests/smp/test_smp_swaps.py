"""Compare-and-swap: who fails, what the next try costs, and who takes the line before it."""

import pytest
from smp_toys import each_cycles, go, path_of, run, toy

from microbench.errors import InputError
from microbench.smp import engine as e
from microbench.smp.build import Setup, build
from microbench.smp.machine import load_machine
from microbench.smp.operation import load_operation

SOCKET = {"topology__cpus_per_socket": 16, "topology__cpus_per_cluster": 1}
LINE = {"x": ("system", "line")}
LOCK = {"lock": ("system", "sleep")}


def at_once(n, *words, objects, **changes):
    """The arrays after n CPUs came to the same path at time 0, when the first is through."""
    op = path_of(*words, parts={"work": 10_000, "hold": 300}, objects=objects)
    arrays = build(op, toy(**{**SOCKET, **changes}), n, Setup(spread="none"))
    arrays.heap[:n, 0] = 0
    go(arrays, 1)
    return arrays


def through(arrays):
    """When the last CPU had the line for the last time [cycles]."""
    return arrays.cpu[:, e.C_STALL].max()


def each(lost, n=8, words=("cas x", "work"), objects=LINE, **changes):
    machine = toy(line__lost=lost, **{**SOCKET, **changes})
    return each_cycles(run(path_of(*words, objects=objects), n, 2000, machine), n, 2000)


def test_a_try_that_failed_is_local_where_nobody_else_asks():
    arrays = at_once(2, "cas x", "work", objects=LINE, line__lost=1)
    assert through(arrays) == 1 + 100 + 100 + 10


def test_a_lost_line_is_fetched_again():
    """The second of three fails while the third waits: with odds 1 it queues behind the third."""
    kept = at_once(3, "cas x", "work", objects=LINE, line__lost=0)
    lost = at_once(3, "cas x", "work", objects=LINE, line__lost=1)
    assert (kept.line[0, e.L_MOVES], lost.line[0, e.L_MOVES]) == (3, 5)
    assert through(kept) == 1 + 300 + 10
    assert through(lost) == 1 + 500 + 10  # the third fails twice


@pytest.mark.parametrize("lost", [0, 1])
def test_every_swap_writes_once_however_often_it_failed(lost):
    assert at_once(3, "cas x", "work", objects=LINE, line__lost=lost).line[0, e.L_VALUE] == 3


def test_taking_and_dropping_a_lock_write_its_word():
    arrays = run(path_of("swap lock", "drop lock", objects=LOCK), 1, 50)
    assert arrays.line[0, e.L_VALUE] == 2 * 50


@pytest.mark.parametrize(("size", "through_at"), [(16, 401), (1, 811)])
def test_a_reader_takes_the_line_of_a_failed_swap_as_a_writer_does(size, through_at):
    """The first comes again with a load before the second's next try: near it is lost, far kept."""
    op = path_of("cas x", objects=LINE)
    arrays = build(op, toy(line__lost=1, topology__cpus_per_socket=size,
                           topology__cpus_per_cluster=1), 2, Setup(spread="none"))  # fmt: skip
    arrays.mach[e.M_LOST_FAR] = 0
    arrays.heap[:2, 0] = 0
    go(arrays, 2)
    assert arrays.out[e.O_END] == through_at


def test_the_likelier_a_line_is_lost_the_more_a_swap_costs():
    costs = [each(lost) for lost in (0, 0.4, 0.83, 1)]
    assert costs == sorted(costs)
    assert costs[-1] > 1.5 * costs[0]


@pytest.mark.parametrize(("odds", "moves"), [(0, 3), (1024, 5)])
def test_a_request_from_another_socket_has_odds_of_its_own(odds, moves):
    """As above with three CPUs on three sockets."""
    op = path_of("cas x", "work", parts={"work": 10_000}, objects=LINE)
    machine = toy(line__lost=1, topology__cpus_per_socket=1, topology__cpus_per_cluster=1)
    arrays = build(op, machine, 3, Setup(spread="none"))
    arrays.mach[e.M_LOST_FAR] = odds
    arrays.heap[:3, 0] = 0
    go(arrays, 1)
    assert arrays.line[0, e.L_MOVES] == moves


def test_an_addition_never_fails():
    assert each(0, words=("add x", "work")) == each(1, words=("add x", "work"))


def test_a_reader_that_looked_first_costs_the_look_and_the_swap():
    looked = each(0, 1, ("read lock", "swap lock", "drop lock"), LOCK)
    blind = each(0, 1, ("swap lock", "drop lock"), LOCK)
    assert (looked, blind) == (1 + 10 + 10, 10 + 10)


def test_a_blind_swap_fails_where_readers_are_in():
    """It expects an unlocked word: the second reader tries once more (10)."""
    arrays = at_once(2, "swap lock", "work", "drop lock", objects=LOCK)
    assert arrays.cpu[1, e.C_STALL] == 100 + 100 + 10


def test_a_writer_keeps_readers_out_that_swap():
    both = ("take lock", "hold", "drop lock", "read lock", "swap lock", "work", "drop lock")
    arrays = run(path_of(*both, objects=LOCK), 6, 600)
    assert arrays.out[e.O_OPS] == 600
    line = arrays.line[0]
    assert not (line[e.L_WRITER] and line[e.L_READERS])


@pytest.mark.parametrize("value", ["-0.1", "1.01", "nan"])
def test_odds_have_bounds(value):
    with pytest.raises(InputError, match=r"line\.lost"):
        load_machine("ivybridge40", [f"line.lost={value}"])


def test_rings_lose_the_line_oftener_than_the_mesh():
    """The sheets say so, and the faults of Linux pass through it."""
    mesh = load_machine("icelake128").numbers["line.lost"].value
    for name in ("ivybridge40", "broadwell56"):
        assert load_machine(name).numbers["line.lost"].value > mesh
    assert "swap mmap_sem" in load_operation("anonfault", "linux-4.15").path


def test_a_line_is_never_free_before_it_was():
    """Of whoever swaps nothing is given back that a crowd at a test-and-set lock was charged."""
    op = path_of("take lock", "hold", "drop lock", "swap lock", "hold", "drop lock", "work",
                 objects={"lock": ("system", "tas")})  # fmt: skip
    arrays = build(op, toy(**SOCKET), 8, Setup(spread="none"))
    before = 0
    for operations in range(1, 60):
        again = build(op, toy(**SOCKET), 8, Setup(spread="none"))
        go(again, operations)
        free = int(again.line[0, e.L_FREE])
        assert free >= before
        before = free
    assert arrays.line[0, e.L_FREE] == 0
