"""A timeline: the slices of one counted iteration follow each other and add up to its price."""

from __future__ import annotations

from typing import Any

import pytest

from microbench.machine.pricing import Pricer
from microbench.run import runner, slices
from microbench.run.setup import Setup
from microbench.run.slices import COUNTED, Slice, cycles, iteration_slices, track_of
from microbench.systems.registry import SYSTEMS, Play, System
from microbench.trace import Trace, ops
from microbench.workloads.base import Part
from tests.machine.toy import FILL, WALK, Toy, toy

SETUP = Setup(toy())
PART = Part("p", None, 1, 2)


class One:
    """A workload of that part."""

    name, args = "one", ""


def trace() -> Trace:
    """Three iterations; each loads a word, in the second a line that is new."""
    t = Toy()
    for number, offset in enumerate((0, 64, 0)):
        with t.recorder.place("user"):
            t.load(offset)
        with t.recorder.place("ipc"):
            t.emit(ops.TRAP, 0)
        with t.recorder.place("syscall"):
            t.emit(ops.TRAP_RETURN)
            t.recorder.compute(7)
            t.emit(99)
            t.load(0)
            t.fetch(0, n=3)
        t.recorder.mark(number)
    return t.recorder.finish()


def play(part: Any, stage: Any) -> Trace:
    """The player: always that trace."""
    return trace()


@pytest.fixture(autouse=True)
def toy_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("toy", "l4-toy"):
        monkeypatch.setitem(SYSTEMS, name, System(name, "", {"linux": Play(play)}))
    monkeypatch.setattr(runner, "_TRACES", {})


def of(system: str = "toy", part: Any = PART, setup: Setup = SETUP) -> list[Slice]:
    return iteration_slices(One(), part, system, setup)  # type: ignore[arg-type]


def test_it_is_the_first_counted_iteration_on_a_machine_that_ran_those_before() -> None:
    found = of()
    load, compute, again = found[0], found[1], found[2]
    assert (load.place, load.track) == ("user", "user")
    assert load.counts[COUNTED.index("d_misses")] == 1
    assert load.counts[COUNTED.index("d_walks")] == 0, "the page was used before"
    assert cycles(load.end_ticks - load.start_ticks) >= FILL
    assert (compute.name, cycles(compute.end_ticks - compute.start_ticks)) == ("user code", 7)
    assert cycles(again.end_ticks - again.start_ticks) < FILL


def test_later_counted_iterations_are_not_shown() -> None:
    (only, *_) = of(part=Part("p", None, 2, 1))
    assert only.counts[COUNTED.index("d_misses")] == 0
    (first, *_) = of(part=Part("p", None, 0, 3))
    assert first.counts[COUNTED.index("d_misses")] == 1
    assert first.counts[COUNTED.index("d_walks")] == 1
    assert cycles(first.end_ticks) >= FILL + WALK


def test_slices_follow_each_other_from_nought_and_add_up() -> None:
    found = of()
    assert found[0].start_ticks == 0
    assert [s.start_ticks for s in found[1:]] == [s.end_ticks for s in found[:-1]]
    assert all(s.end_ticks > s.start_ticks for s in found), "what takes no time is left out"
    made = trace()
    pricer = Pricer(SETUP.spec, made)
    ends = [0, *made.marks]
    pricer.run(0, ends[1])
    assert found[-1].end_ticks == int(pricer.run(ends[1], ends[2]).ticks.sum())


def test_counts_run_on_through_the_iteration() -> None:
    found = of(part=Part("p", None, 0, 3))
    misses = [s.counts[COUNTED.index("d_misses")] for s in found]
    assert misses == sorted(misses)
    assert misses[-1] == misses[0] == 1
    t = of(setup=Setup(toy(l1d__size_bytes=32, l1d__ways=1)))
    assert [s.counts[COUNTED.index("d_misses")] for s in t][-1] == 2


def test_an_operation_is_called_by_its_path_or_by_what_it_does() -> None:
    setup = Setup(toy(trap__syscall_cycles=5, trap__return_cycles=6))
    assert [s.name for s in of(setup=setup)] == ["t", "trap", "trap return", "user code", "t"]


def test_an_unknown_operation_is_called_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "OPERATIONS", {})
    assert f"operation {ops.COMPUTE}" in [s.name for s in of()]


@pytest.mark.parametrize(
    ("place", "system", "track"),
    [
        ("user", "l4", "user"),
        ("user", "native", "user"),
        ("ipc", "l4", "l4"),
        ("domain", "native-fass", "l4"),
        ("map", "l4", "l4"),
        ("pipe", "l4", "server"),
        ("pipe", "l4-server", "server"),
        ("pipe", "native", "kernel"),
    ],
)
def test_linux_is_the_kernel_or_a_server_of_the_microkernel(
    place: str, system: str, track: str
) -> None:
    assert track_of(place, system) == track


def test_a_slice_is_on_the_track_of_its_place() -> None:
    setup = Setup(toy(trap__syscall_cycles=5))
    assert [s.track for s in of("l4-toy", setup=setup)] == ["user", "l4", "server", "server"]
    assert [s.track for s in of("toy", setup=setup)] == ["user", "l4", "kernel", "kernel"]


def test_cycles_are_whole_ones() -> None:
    assert [cycles(t) for t in (0, 99, 100, 250)] == [0, 0, 1, 2]
