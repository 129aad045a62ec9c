"""Two threads of a core ask for a line once, and have it one after the other."""

import pytest
from smp_toys import go, path_of, toy

from microbench.smp import engine as e
from microbench.smp.build import Setup, build

PAIRS = {
    "topology__threads_per_core": 2,
    "topology__cpus_per_socket": 16,
    "topology__cpus_per_cluster": 2,
}
LINE = {"x": ("system", "line")}


def asked(times, *words, operations=1, owner=None):
    """The arrays of neighbouring threads, two to a core, that begin at these times [cycles]."""
    op = path_of(*words, parts={"work": 10_000, "hold": 300}, objects=LINE)
    n = max(len(times), 1 + (owner or 0))
    arrays = build(op, toy(**PAIRS), n, Setup(spread="none", order="siblings"))
    arrays.heap[:n, 0] = [*times, *[-1] * (n - len(times))]
    if owner is not None:
        arrays.line[0, e.L_OWNER] = owner
        arrays.line[0, e.L_EPOCH] += 1
    go(arrays, operations)
    return arrays


def through(arrays):
    """When each had the line [cycles]."""
    return arrays.cpu[:, e.C_STALL].tolist()


def test_a_thread_has_the_line_right_behind_its_sibling_though_others_asked_before():
    """Threads 0 and 1 are a core; 1 asks last."""
    assert through(asked([0, 2, 1], "add x", "work")) == [100, 100 + 20, 200]


def test_whoever_asks_then_waits_for_that_too():
    arrays = asked([0, 2, 1, 3], "add x", "work")
    # thread 3 is the sibling of 2, which asked alone: it comes with 2
    assert through(arrays) == [100, 120, 200, 220]
    assert arrays.line[0, e.L_FREE] == 200 + 2 * 20


def test_a_request_that_was_shared_is_not_shared_again():
    """Else a core whose threads do nothing but ask would never let go of the line."""
    arrays = asked([0, 0, 0, 0], "add x", operations=4000)
    done = arrays.cpu[:, e.C_OPS]
    assert done.min() > 0.8 * done.max()


def test_a_request_that_has_been_served_is_shared_by_nobody():
    """Thread 1 comes when the line has left for thread 2: it queues."""
    assert through(asked([0, 150, 2], "add x", "work")) == [100, 300, 200]


def test_whoever_had_the_line_last_owns_it():
    assert asked([0, 1], "add x", "work").line[0, e.L_OWNER] == 1


def test_loads_come_together_and_keep_the_line_once():
    arrays = asked([0, 1], "read x", "work", owner=2)
    assert through(arrays)[:2] == [100, 100 + 20]
    assert arrays.line[0, e.L_MOVES] == 1
    assert arrays.line[0, e.L_FREE] == 100
    assert arrays.cpu[0, e.C_OWNS] == 0  # nobody who wants to write shares that
    assert arrays.slots[1, 0, e.S_COPY] == arrays.line[0, e.L_EPOCH]


@pytest.mark.parametrize(
    ("line", "has", "owned", "wants", "at"),
    [
        (0, 100, 1, 1, 100),
        (0, 100, 1, 0, 100),
        (0, 100, 0, 0, 100),
        (0, 100, 0, 1, -1),  # asked for a copy only
        (1, 100, 1, 1, -1),  # of another line
        (0, 50, 1, 1, -1),  # has been there
    ],
)
def test_what_a_sibling_waits_for(line, has, owned, wants, at):
    arrays = asked([0, 1], "add x", "work")
    arrays.cpu[1, e.C_ASKED], arrays.cpu[1, e.C_HAS], arrays.cpu[1, e.C_OWNS] = line, has, owned
    assert e._mates(arrays.cpu, 0, 0, 50, wants) == at
