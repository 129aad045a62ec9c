"""Line transfers on the toy: every distance by hand."""

import pytest
from smp_toys import each_cycles, go, path_of, run, toy

from microbench.smp import engine as e
from microbench.smp.build import Setup, build
from microbench.smp.simulate import local_work
from microbench.study.smp.lines import burst_cycles


def move(machine, to, source, home=0):
    op = path_of("add x", objects={"x": ("system", "line")})
    arrays = build(op, machine, 16, Setup())
    return e._move(arrays.mach, arrays.cpu, to, source, home)


@pytest.mark.parametrize(
    ("to", "source", "cycles"),
    [
        (0, 0, 10),  # own
        (0, 1, 50),  # cluster of two
        (0, 2, 100),  # same socket of four
        (0, 4, 400),  # other socket, the home is one of the two
        (4, 8, 600),  # the home is in neither: 400 + 200
    ],
)
def test_distance_decides_what_a_move_costs(to, source, cycles):
    assert move(toy(), to, source) == cycles


@pytest.mark.parametrize(
    ("topology", "node", "cycles"),
    [("flat", 3, 400), ("ring", 2, 430), ("ring", 3, 400), ("cube", 3, 430), ("tree", 3, 400)],
)
def test_every_further_hop_costs_thirty(topology, node, cycles):
    assert move(toy(topology), 4 * node, 0) == cycles


def test_siblings_of_a_core_are_nearest():
    two = toy(topology__threads_per_core=2)
    second_thread_of_core_0 = 2  # both orders fill every core first
    assert move(two, 0, second_thread_of_core_0) == 20


def test_a_line_of_its_own_is_hit_for_ever():
    arrays = run(path_of("add x", objects={"x": ("cpu", "line")}), 4)
    first_touch = 4
    assert arrays.out[e.O_MOVES] == first_touch


def test_a_line_only_read_never_moves_however_many_read_it():
    arrays = run(path_of("read x", "work", objects={"x": ("system", "line")}), 16)
    assert arrays.out[e.O_MOVES] == 0


def test_one_line_makes_one_move_at_a_time():
    op = path_of("add x", objects={"x": ("system", "line")})
    arrays = run(op, 2, operations=300)
    window = arrays.out[e.O_END] - arrays.out[e.O_START]
    assert window / 200 == pytest.approx(50, rel=0.05)  # every operation is one move in a cluster


def test_a_burst_of_writes_waits_in_line():
    # three other CPUs of the socket, one after the other; the mean of a queue of three
    assert 50 * 2 <= burst_cycles(toy(), 4, write=True) <= 100 * 2


def test_a_prefetched_line_is_the_same_move_as_the_access_after_it():
    objects = {"x": ("system", "line")}
    plain = run(path_of("add x", "work", objects=objects), 8, operations=400)
    ahead = run(path_of("prefetch x", "add x", "work", objects=objects), 8, operations=400)
    assert ahead.out[e.O_MOVES] == pytest.approx(plain.out[e.O_MOVES], rel=0.05)


def test_a_prefetch_long_before_the_access_costs_a_move_of_its_own():
    objects = {"x": ("system", "line")}
    parts = {"work": 20000}
    near = path_of("prefetch x", "add x", "work", "work", parts=parts, objects=objects)
    far = path_of("prefetch x", "work", "add x", "work", parts=parts, objects=objects)
    near, far = (run(op, 8, operations=400) for op in (near, far))
    assert far.out[e.O_MOVES] > 1.5 * near.out[e.O_MOVES]


def test_a_seqlock_reader_pays_only_when_somebody_writes():
    objects = {"count": ("system", "line"), "lock": ("system", "mcs")}
    parts = {"work": 5000, "hold": 100}
    read = path_of("work", "read count", "hold", parts=parts, objects=objects)
    rare = path_of("work", "read count", "hold", "every three:", "take lock", "write count",
                   "drop lock", "end", parts=parts, objects=objects)  # fmt: skip
    often = path_of("work", "read count", "hold", "take lock", "write count", "drop lock",
                    parts=parts, objects=objects)  # fmt: skip
    never, some, all_the_time = (
        run(op, 8, operations=600).out[e.O_MOVES] / 600 for op in (read, rare, often)
    )
    assert never == 0
    assert 0 < some < all_the_time


def test_memory_serves_one_line_at_a_time():
    op = path_of("clear_page", objects={})
    one, four = (each_cycles(run(op, n, 300), n, 300) for n in (1, 4))
    assert one == 8 * 10
    assert four == pytest.approx(4 * 8 * 5, rel=0.1)  # a node's four CPUs share its memory


def test_a_page_that_is_in_no_cache_costs_what_was_measured_or_else_as_one_that_is():
    fresh, warm = (path_of(word, objects={}) for word in ("clear_fresh_page", "clear_page"))
    measured = toy(page__fresh_line=25)
    assert each_cycles(run(fresh, 1, 300), 1, 300) == 8 * 10
    assert each_cycles(run(fresh, 1, 300, machine=measured), 1, 300) == 8 * 25
    assert each_cycles(run(warm, 1, 300, machine=measured), 1, 300) == 8 * 10
    assert local_work(fresh, measured) == 8 * 25


def each_atomic(batch, cpus_per_socket=8, n=8):
    op = path_of("add x", objects={"x": ("system", "line")})
    machine = toy(topology__cpus_per_socket=cpus_per_socket)
    arrays = build(op, machine, n, Setup(spread="none", order="spread"))
    arrays.mach[e.M_BATCH] = batch
    go(arrays, 1000)
    return each_cycles(arrays, n, 1000) / n


def test_without_batches_every_request_waits_its_turn_across_sockets():
    assert each_atomic(0) == pytest.approx(400, rel=0.01)


def test_requests_of_the_socket_that_has_the_line_pass_others_up_to_a_number():
    """Of each batch one move crosses; the more may pass, the longer the batches."""
    few, more = each_atomic(3), each_atomic(15)
    assert 100 < more < few < 250


def test_one_socket_has_nobody_to_pass():
    assert each_atomic(15, cpus_per_socket=16) == each_atomic(0, cpus_per_socket=16)


SOCKET = {"topology__cpus_per_socket": 16, "topology__cpus_per_cluster": 1}


@pytest.mark.parametrize("served", [1.0, 0.5])
def test_under_a_queue_requests_travel_while_the_line_serves_others(served):
    op = path_of("add x", objects={"x": ("system", "line")})
    arrays = run(op, 8, 800, machine=toy(served=served, **SOCKET))
    assert each_cycles(arrays, 8, 800) / 8 == pytest.approx(100 * served, rel=0.02)


def second_visit(word, served=1.0):
    """When the second of two CPUs is through with a line that only the first one had [cycles]."""
    op = path_of("work", f"{word} x", parts={"work": 10_000}, objects={"x": ("system", "line")})
    arrays = build(op, toy(served=served, **SOCKET), 2, Setup(spread="none"))
    arrays.heap[:2, 0] = 0, 5000
    go(arrays, 2)
    return arrays.out[e.O_END] - 15_000


@pytest.mark.parametrize("served", [1.0, 0.5])
def test_with_nobody_before_it_a_request_takes_the_whole_move(served):
    assert second_visit("add", served) == 100


def test_a_swap_alone_reads_and_writes_its_own_line():
    op = path_of("cas x", objects={"x": ("system", "line")})
    assert each_cycles(run(op, 1), 1) == 1 + 10


def test_a_swap_on_a_line_that_another_wrote_fetches_a_copy_and_then_the_line():
    assert second_visit("cas") == 100 + 100


def test_a_swap_that_another_write_came_before_is_tried_again():
    """Two CPUs read at once: the second one's comparison fails, and costs an atomic more."""
    op = path_of("cas x", objects={"x": ("system", "line")})
    arrays = build(op, toy(line__lost=0, **SOCKET), 2, Setup(spread="none"))
    arrays.heap[:2, 0] = 0
    go(arrays, 2)
    # copies at 1, then the line to one (100), to the other (100), and its second try (10)
    assert arrays.out[e.O_END] == 1 + 100 + 100 + 10


def test_a_load_that_waits_for_a_prefetched_line_does_not_keep_it():
    """Whoever asked meanwhile has the line before the atomic that follows the load."""
    objects = {"x": ("system", "line")}
    kept = path_of("prefetch x", "add x", objects=objects)
    lost = path_of("prefetch x", "read x", "add x", objects=objects)
    one = [run(op, 1).out[e.O_MOVES] for op in (kept, lost)]
    assert one == [1, 1]
    kept, lost = (run(op, 8, 800, machine=toy(**SOCKET)).out[e.O_MOVES] for op in (kept, lost))
    assert kept / 800 == pytest.approx(1, abs=0.05)
    assert lost / 800 == pytest.approx(2, abs=0.05)


def with_middle(cycles, order="spread", n=16):
    """Sixteen CPUs on four nodes; neighbours of a pair in different halves share a line each."""
    op = path_of("add x", objects={"x": ("system", "line")})
    arrays = build(op, toy(), n, Setup(spread="none", order=order))
    arrays.mach[e.M_MIDDLE] = round(1024 * cycles)
    go(arrays, 1000)
    return arrays


def test_a_middle_that_is_wide_changes_nothing():
    plain, wide = with_middle(0), with_middle(1 / 1024)
    assert wide.out[e.O_END] == plain.out[e.O_END]
    assert (wide.slots == plain.slots).all()


def test_a_narrow_middle_lets_one_line_through_at_a_time():
    arrays = with_middle(5000)
    crossed = arrays.line[-1, e.L_BUSY] // 5000
    assert 0 < crossed < arrays.out[e.O_MOVES]
    # no two lines are on those links at once; those of sixteen CPUs may still be on their way
    assert arrays.out[e.O_END] >= (crossed - 16) * 5000


def test_less_than_a_cycle_a_line_adds_up():
    arrays = with_middle(0.25)
    crossed = with_middle(1).line[-1, e.L_BUSY]
    assert arrays.line[-1, e.L_BUSY] == pytest.approx(crossed / 4, abs=1)


def test_who_stays_in_one_half_never_meets_the_middle():
    assert with_middle(5000, order="fill", n=8).line[-1, e.L_BUSY] == 0
