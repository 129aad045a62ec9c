"""What a recorded operation is replayed as: warmed, counted, shifted in a file, with its walks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from microbench.machine.core import CAUSES, COUNTED, WARM, Core
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity
from microbench.recording.description import ENTRY
from microbench.recording.strings import COST, FETCH, GROUP, LOAD, String
from microbench.run import recorded
from microbench.run.recorded import (
    MOST_REPLAYS,
    WAKE,
    SizesOf,
    counts_of,
    outcomes,
    priced,
    row_of,
    user_entries,
)
from microbench.run.setup import Setup
from microbench.systems.registry import SYSTEMS, System
from microbench.workloads.recorded import OPERATION, READ_BYTES, Recipe, Term
from tests.machine.toy import toy

LINE, FILE_AT = 64, 1 << 40


def spec(**words: Any) -> MachineSpec:
    """An in-order core of 100 MHz: an instruction a cycle, a line of memory 20."""
    base = toy()
    numbers = {
        "l2.size_bytes": 1 << 20, "l2.ways": 4, "l2.line_bytes": LINE, "l1d.dirty_bytes": 32,
        "core.load_use_stall_cycles": 0, "memory.latency_ns": 200, "pipeline.streams": 0,
        "trap.fault_cycles": 9,
        "trap.syscall_cycles": 0, "wake.other_cpu_ns": 1000, "itlb.entries": 64, "dtlb.entries": 64,
    }  # fmt: skip
    for cache in ("l1i", "l1d"):
        numbers |= {f"{cache}.size_bytes": 8192, f"{cache}.ways": 2, f"{cache}.line_bytes": LINE}
    made = {
        k: Quantity(v, "bytes" if "bytes" in k else "cycles", "a test", "estimate", v / 2, v * 2)
        for k, v in numbers.items()
    }
    return replace(base, numbers={**base.numbers, **made}, words={**base.words, **words})


def row(kind: int, address: int, number: int = 1, flag: int = 0, group: int = 0) -> list[int]:
    return [kind, address, number, flag, address >> 12, 0, group]


def string(*rows: list[int], hops: Sequence[int] = (), **more: Any) -> String:
    table = np.array(rows, np.int64)
    given = {
        "groups": ("call", "copy"), "iterations": 1, "string_bytes": 0,
        "on_path": np.ones(len(table), bool), "from_buffer": np.zeros(len(table), bool), **more,
    }  # fmt: skip
    return String("op", table, hops=np.array(hops, np.int64), **given)


@dataclass(eq=False)
class Kernel:
    """A recorded kernel with these operations."""

    made: dict[str, String]
    name: str = "linux-x"
    costs: tuple[str, ...] = ("trap.fault", ENTRY, "trap.syscall")
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def string(self, operation: str, variant: str, between: str, without: str) -> String:
        self.asked.append((operation, variant, between, without))
        return self.made[operation]


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[np.ndarray], int]]:
    """What was replayed, and how many replays counted."""
    found: list[tuple[list[np.ndarray], int]] = []
    count = Core.count

    def spy(self: Core, replays: Any, counted: int, *words: Any) -> Any:
        found.append((list(replays), counted))
        return count(self, replays, counted, *words)

    monkeypatch.setattr(Core, "count", spy)
    recorded._counted.cache_clear()
    return found


def price(term: Term, op: String, machine: MachineSpec | None = None, **more: Any) -> Any:
    recipe = Recipe("lat_x", "", (term,), **more)
    return priced(recipe, Kernel({"op": op}), machine or spec(), "value")  # type: ignore[arg-type]


def total(found: Any, cause: str) -> float:
    return sum(float(c[CAUSES.index(cause)]) for c in found.by_group.values())


def test_an_operation_is_warmed_and_then_counted(replayed: list[Any]) -> None:
    found = price(Term("op"), string(row(FETCH, 0, 10), row(LOAD, 4096)))
    ((replays, counted),) = replayed
    assert (len(replays), counted) == (WARM + COUNTED, COUNTED)
    assert total(found, "instructions") == 10
    assert total(found, "data lines") == 0, "in the steady state the line is there"


def test_terms_are_taken_as_often_as_they_say_and_off_below_nought() -> None:
    op = string(row(FETCH, 0, 10), row(FETCH, 64, 4, group=1))
    recipe = Recipe("lat_x", "", (Term("op", 3.0), Term("op", -0.5)))
    found = priced(recipe, Kernel({"op": op}), spec(), "value")  # type: ignore[arg-type]
    assert {g: c.sum() for g, c in found.by_group.items()} == {"call": 25, "copy": 10}
    assert found.cycles == 35
    assert found.by_cause()["instructions"] == 35
    assert WAKE not in found.by_cause()


def test_a_file_is_read_on_and_the_second_round_counts(replayed: list[Any]) -> None:
    op = string(row(FETCH, 0, 8), row(LOAD, FILE_AT), from_buffer=np.array([False, True]))
    pieces = 3
    price(Term("op", file_bytes=pieces * READ_BYTES), op)
    ((replays, counted),) = replayed
    assert (len(replays), counted) == (2 * pieces, pieces)
    read = [int(r[1, 1]) for r in replays]
    assert read == [FILE_AT + i * READ_BYTES for i in (0, 1, 2)] * 2
    assert {int(r[0, 1]) for r in replays} == {0}, "code stays where it is"
    assert op.rows[1, 1] == FILE_AT


@pytest.mark.parametrize(("size", "replays"), [(READ_BYTES, WARM + COUNTED), (READ_BYTES + 1, 2)])
def test_a_file_of_one_read_is_read_again_and_again(
    replayed: list[Any], size: int, replays: int
) -> None:
    op = string(row(LOAD, FILE_AT), from_buffer=np.array([True]))
    price(Term("op", file_bytes=size), op)
    assert len(replayed[0][0]) == replays


def test_a_large_file_stands_for_a_larger_one(replayed: list[Any]) -> None:
    op = string(row(LOAD, FILE_AT), from_buffer=np.array([True]))
    price(Term("op", file_bytes=1000 * READ_BYTES), op)
    ((replays, counted),) = replayed
    assert (len(replays), counted) == (2 * MOST_REPLAYS, MOST_REPLAYS)
    pages = [int(r[0, 4]) for r in replays[:MOST_REPLAYS]]
    assert pages[-1] - pages[0] == (MOST_REPLAYS - 1) * READ_BYTES >> 21


def walks(replay: np.ndarray) -> list[tuple[int, int]]:
    """Process and number of lines of each walk in a replay, in order."""
    found: list[tuple[int, int]] = []
    for address in replay[replay[:, 1] >= recorded.WALK_PLACE, 1].tolist():
        process = (address - recorded.WALK_PLACE) >> 32
        if found and found[-1][0] == process:
            found[-1] = (process, found[-1][1] + 1)
        else:
            found.append((process, 1))
    return found


def test_each_process_walks_its_own_memory_when_it_is_back(replayed: list[Any]) -> None:
    """A ring of four hops, five processes: rounds begin with the next one."""
    rows = [row(FETCH, i * LINE, i + 1) for i in range(5)]
    price(Term("op", walk_bytes=3 * LINE, processes=5), string(*rows, hops=(1, 2, 3, 4)))
    ((replays, counted),) = replayed
    assert counted == COUNTED, "two rounds of four hops would do for five processes"
    assert len(replays) == 2 * counted
    assert walks(replays[0]) == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert walks(replays[1]) == [(4, 3), (0, 3), (1, 3), (2, 3)]
    first = replays[0]
    assert first[0, 1] == 0
    assert [int(a) for a in first[1:4, 1]] == [recorded.WALK_PLACE + i * LINE for i in range(3)]
    assert first[4, 1] == LINE, "the second hop follows the first walk"
    assert first[-1, 1] == 4 * LINE, "what follows the last hop is there"
    assert {int(r[0]) for r in first[1:4]} == {LOAD}
    assert [int(p) for p in first[1:4, 4]] == [int(a) >> 12 for a in first[1:4, 1]]


@pytest.mark.parametrize(
    ("processes", "hops", "rounds"),
    [(9, 2, 5), (8, 2, COUNTED), (64, 1, MOST_REPLAYS), (40, 1, 40), (12, 0, 12)],
)
def test_so_many_rounds_that_each_process_ran(
    replayed: list[Any], processes: int, hops: int, rounds: int
) -> None:
    rows = [row(FETCH, i * LINE) for i in range(3)]
    op = string(*rows, hops=tuple(range(1, hops + 1)))
    price(Term("op", walk_bytes=LINE, processes=processes), op)
    ((replays, counted),) = replayed
    assert (len(replays), counted) == (2 * rounds, rounds)
    assert [len(walks(r)) for r in replays] == [max(1, hops)] * 2 * rounds
    if not hops:
        assert walks(replays[1]) == [(1, 1)]
        assert replays[0][0, 1] >= recorded.WALK_PLACE, "with no switch the walk goes first"


TWO_SIDES = string(
    row(FETCH, 0, 10), row(FETCH, LINE, 7), row(FETCH, 2 * LINE, 5, group=1),
    on_path=np.array([True, False, True]),
)  # fmt: skip


def test_what_runs_on_the_other_cpu_is_counted_but_not_waited_for() -> None:
    machine = spec(placement="spread")
    found = price(Term("op", 2.0), TWO_SIDES, machine, wakes=3)
    assert {g: c.sum() for g, c in found.by_group.items()} == {"call": 20, "copy": 10}
    assert found.wake_cycles == 3 * 100
    assert found.cycles == 330
    assert found.by_cause()[WAKE] == 300


@pytest.mark.parametrize(("placement", "wakes"), [("one_cpu", 3), ("spread", 0)])
def test_on_one_cpu_or_without_a_wake_up_everything_is_waited_for(
    placement: str, wakes: int
) -> None:
    found = price(Term("op"), TWO_SIDES, spec(placement=placement), wakes=wakes)
    assert found.cycles == 22
    assert found.wake_cycles == 0


def test_a_program_s_own_instructions_are_its_own_group() -> None:
    found = price(Term("op"), string(row(FETCH, 0, 10)), user_instructions=5.0)
    assert found.by_group["user"].sum() == 5
    assert total(found, "instructions") == 15
    both = string(row(FETCH, 0, 10), groups=("user",))
    assert price(Term("op"), both, user_instructions=5.0).by_group["user"].sum() == 15


def test_costs_a_recording_lacks_are_added(replayed: list[Any]) -> None:
    plain = string(row(FETCH, 0, 10), row(COST, 0, 1, 0))
    more = replace(plain, added=np.array([0.5, 0.0, 0.0]))
    one, two = price(Term("op"), plain).cycles, price(Term("op"), more).cycles
    assert two - one == 0.5 * 9


@pytest.mark.parametrize(
    ("variant", "given"), [({}, "plain"), ({"kernel_variant": "isolated"}, "isolated")]
)
def test_the_machine_says_which_variant_runs(variant: dict[str, str], given: str) -> None:
    recorded._counted.cache_clear()
    kernel = Kernel({"op": string(row(FETCH, 0, 2))})
    term = Term("op", between="a", without="b")
    priced(Recipe("x", "", (term,)), kernel, spec(**variant), "value")  # type: ignore[arg-type]
    assert kernel.asked == [("op", given, "a", "b")]
    user_entries(Recipe("x", "", (term,)), kernel, spec(**variant))  # type: ignore[arg-type]
    counts_of("op", kernel, spec(**variant))  # type: ignore[arg-type]
    assert kernel.asked[1:] == [("op", given, "a", "b"), ("op", given, "", "")]


def test_machines_of_the_same_sizes_and_words_count_alike(replayed: list[Any]) -> None:
    op = string(row(FETCH, 0, 2))
    kernel, machine = Kernel({"op": op}), spec()
    for level in ("value", "low", "high"):
        priced(Recipe("x", "", (Term("op"),)), kernel, machine, level)  # type: ignore[arg-type]
    assert len(replayed) == 1
    assert SizesOf(machine, False) == SizesOf(at(machine, "l1d.ways", 2), False)
    for key, value in (("l1d.size_bytes", 4096), ("write_queue.entries", 9)):
        assert SizesOf(machine, False) != SizesOf(at(machine, key, value), False)
    assert SizesOf(machine, False) != SizesOf(machine, True)
    assert SizesOf(machine, False) != SizesOf(spec(placement="spread"), False)
    assert SizesOf(machine, False) == SizesOf(at(machine, "memory.latency_ns", 9), False)
    assert SizesOf(machine, False) != "sizes"


def at(machine: MachineSpec, key: str, value: float) -> MachineSpec:
    unit = "count" if key == "write_queue.entries" else machine.numbers[key].unit
    number = Quantity(value, unit, "a test", "choice", value, value)
    return replace(machine, numbers={**machine.numbers, key: number})


def test_entries_into_the_kernel_are_calls_and_faults_by_their_share() -> None:
    op = string(row(COST, 0, 1, 1), row(COST, 0, 1, 1), row(COST, 0, 1, 0), row(COST, 0, 1, 2))
    recipe = Recipe("x", "", (Term("op", 2.0), Term("op", -0.5)))
    found = user_entries(recipe, Kernel({"op": op}), spec())  # type: ignore[arg-type]
    assert found == {"syscall": 1.5, "fault": 1.5}


class Plays:
    """A system that plays one recorded kernel."""

    needs = ("architecture",)

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.asked = kernel, []

    def __call__(self, part: object, stage: dict[str, str]) -> Kernel:
        self.asked.append(stage)
        return self.kernel


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Plays:
    """The system "linux-x": a hundred instructions and a hundred faults, on half the clock."""
    op = string(row(FETCH, 0, 100), *[row(COST, 0, 1, 0)] * 100)
    plays = Plays(Kernel({"op": op}))
    found = System("linux-x", "", {"recorded": plays}, ("core.clock_hz=50m",))  # type: ignore[dict-item]
    monkeypatch.setitem(SYSTEMS, "linux-x", found)
    return plays


def test_a_row_is_a_time_or_a_rate_and_its_range_is_of_the_machine_s_numbers(
    system: Plays,
) -> None:
    setup = Setup(spec(architecture="toys"))
    found = outcomes(Recipe("lat_x", "-n", (Term("op"),), note="so"), "linux-x", setup)
    time = row_of(found, setup)
    assert (time.value, time.unit, time.better, time.metric) == (20.0, "us", "smaller", "latency")
    assert (time.low, time.high, time.cycles) == (11.0, 38.0, 1000)
    assert (time.system, time.machine, time.note) == ("linux-x", setup.machine, "so")
    assert time.machine_hash == setup.spec.hash
    assert system.asked == [{"architecture": "toys"}]
    rate = row_of(outcomes(Recipe("bw_x", "", (Term("op"),), bytes=5000), "linux-x", setup), setup)
    assert (rate.value, rate.unit, rate.better) == (250.0, "MB/s", "larger")
    assert rate.metric == "bandwidth"
    assert rate.low == pytest.approx(5000 / 38)
    assert rate.high == pytest.approx(5000 / 11)


def test_an_outcome_is_of_one_operation_whose_ledger_adds_up(system: Plays) -> None:
    setup = Setup(spec(architecture="toys"))
    middle, low, high = outcomes(Recipe("x", "", (Term("op"),), wakes=2), "linux-x", setup)
    measured = middle.parts[OPERATION]
    assert (measured.counted, measured.cycles, measured.spread) == (1, 1000, 0)
    ledger = measured.ledger
    assert ledger.by_place() == {"call": 1000, "copy": 0}
    assert ledger.by_cause()["entry and exit"] == 900
    assert int(ledger.ticks.sum()) == 100_000
    assert ledger.counters.sum() == 0
    assert low.metrics[0].cycles < middle.metrics[0].cycles < high.metrics[0].cycles


def test_waiting_for_another_cpu_has_a_place_and_a_cause_of_its_own(system: Plays) -> None:
    setup = Setup(spec(architecture="toys", placement="spread"))
    middle, *_ = outcomes(Recipe("x", "", (Term("op"),), wakes=2), "linux-x", setup)
    ledger = middle.parts[OPERATION].ledger
    waited = 2 * 1e-6 * 50e6
    assert ledger.by_place()[WAKE] == ledger.by_cause()[WAKE] == waited
    assert ledger.cycles == 1000 + waited


def test_groups_of_the_other_side_are_not_those_of_this_one(replayed: list[Any]) -> None:
    price(Term("op"), TWO_SIDES, spec(placement="spread"), wakes=1)
    ((replays, _),) = replayed
    assert replays[0][:, GROUP].tolist() == [0, 2, 1]
    assert TWO_SIDES.rows[:, GROUP].tolist() == [0, 0, 1]
