"""A core of today on strings whose counts and costs can be done in the head."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
from plain import imported_plainly

from microbench.machine import core
from microbench.machine import core_engine as engine
from microbench.machine.core import CAUSES, Core, Counts, cause_of
from microbench.machine.load import load_machine
from microbench.machine.spec import MachineSpec
from microbench.quantity import Quantity

FETCH, LOAD, STORE, COST, FLUSH = range(5)
COSTS = ("string.start", "operation.locked")
LINE = 64


def toy(**changes: float | str) -> MachineSpec:
    """Skylake with caches of 2 sets x 2 ways, no third level, and round costs."""
    base = load_machine("skylake")
    numbers = {
        **{f"{c}.size_bytes": 256.0 for c in ("l1i", "l1d")},
        **{f"{c}.ways": 2.0 for c in ("l1i", "l1d")},
        "l2.size_bytes": 1024.0,
        "l2.ways": 4.0,
        "l3.size_bytes": 0.0,
        "l3.ways": 0.0,
        "itlb.entries": 2.0,
        "dtlb.entries": 2.0,
        "tlb.second_entries": 0.0,
        "core.clock_hz": 1e9,
        "core.instruction_cycles": 1.0,
        "core.btb_entries": 0.0,
        "core.load_use_stall_cycles": 0.0,
        "l1d.latency_cycles": 4.0,
        "l2.latency_cycles": 14.0,
        "l2.code_line_cycles": 14.0,
        "l2.stream_line_cycles": 3.0,
        "memory.latency_ns": 100.0,
        "memory.stream_line_ns": 20.0,
        "memory.write_line_ns": 7.0,
        "pipeline.taken_cycles": 0.0,
        "pipeline.mispredicted": 0.0,
        "tlb.walk_cycles": 30.0,
        "pipeline.window_instructions": 0.0,
        "pipeline.window_cycles": 0.0,
        "pipeline.parallel_misses": 1.0,
        "pipeline.streams": 0.0,
        "operation.locked_cycles": 9.0,
    }
    words = {k.replace("__", "."): v for k, v in changes.items() if isinstance(v, str)}
    for name, value in changes.items():
        if not isinstance(value, str):
            numbers[name.replace("__", ".")] = value
    made = {
        key: replace(base.numbers[key], value=value)
        if key in base.numbers
        else Quantity(value, "count", "a test", "choice", value, value)
        for key, value in numbers.items()
    }
    return replace(base, numbers={**base.numbers, **made}, words={**base.words, **words})


def row(
    kind: int, address: int, count: int = 1, flag: int = 0, page: int | None = None
) -> list[int]:
    return [kind, address, count, flag, address >> 12 if page is None else page, 0, 0]


def counted(spec: MachineSpec, *rows: list[int], warm: int = 0) -> Counts:
    string = np.array(rows, np.int64)
    return Core(spec).count([string] * (warm + 1), 1, COSTS, ("all",))


def cycles(spec: MachineSpec, counts: Counts, cause: str) -> float:
    return float(Core(spec).price(counts)[:, CAUSES.index(cause)].sum())


def test_a_line_is_missed_once() -> None:
    found = counted(toy(), row(FETCH, 0, 5), row(FETCH, 32, 3))
    assert found.count("instructions") == 8
    assert found.count("code_memory") == 1
    warm = counted(toy(), row(FETCH, 0, 5), row(FETCH, 32, 3), warm=1)
    assert warm.count("code_memory") == warm.count("code_l2") == 0


def test_a_third_line_of_a_set_of_two_goes_to_the_second_level() -> None:
    two = [row(LOAD, 0), row(LOAD, 2 * LINE)]
    assert counted(toy(), *two, warm=1).count("load_l2") == 0
    three = [*two, row(LOAD, 4 * LINE)]
    assert counted(toy(), *three, warm=1).count("load_l2") == 3


def test_a_load_in_order_waits_for_its_line() -> None:
    spec = toy()
    found = counted(spec, *(row(LOAD, i * 2 * LINE) for i in range(3)), warm=1)
    assert cycles(spec, found, "data lines") == 3 * (14 - 4)


def test_the_window_hides_what_it_holds() -> None:
    spec = toy(pipeline__window_cycles=6.0)
    found = counted(spec, *(row(LOAD, i * 2 * LINE) for i in range(3)), warm=1)
    assert cycles(spec, found, "data lines") == 3 * (14 - 4 - 6)


@pytest.mark.parametrize(("between", "hidden"), [(10, 1), (100, 0)])
def test_a_miss_in_the_shadow_of_another_overlaps(between: int, hidden: int) -> None:
    spec = toy(pipeline__window_instructions=64.0, pipeline__parallel_misses=4.0)
    found = counted(spec, row(LOAD, 0), row(FETCH, 1 << 20, between), row(LOAD, 4 * LINE))
    assert found.count("load_hidden_memory") == hidden
    assert found.count("load_memory") == 2 - hidden


def test_a_stream_costs_its_lines_and_not_their_latency() -> None:
    spec = toy(pipeline__streams=4.0)
    found = counted(spec, *(row(LOAD, i * LINE) for i in range(8)))
    assert found.count("load_memory") == 1
    assert found.count("stream_memory") == 7
    assert cycles(spec, found, "data lines") == 96 + 7 * 20


def test_a_dirty_line_that_leaves_the_last_cache_is_written_back() -> None:
    lines = range(40)
    stored = counted(toy(), *(row(STORE, i * LINE) for i in lines))
    loaded = counted(toy(), *(row(LOAD, i * LINE) for i in lines))
    assert stored.count("write_backs") == len(lines) - 16
    assert loaded.count("write_backs") == 0
    assert cycles(toy(), stored, "write-backs") == 7 * (len(lines) - 16)


def test_string_accesses_are_lines_and_not_instructions() -> None:
    found = counted(toy(), row(STORE, 0, 8, flag=1), row(STORE, LINE, 8, flag=1))
    assert found.count("stores") == 0
    assert found.count("string_memory") == 2


def test_translations_are_kept_where_they_are_tagged() -> None:
    rows = [row(LOAD, 0), row(FLUSH, 0), row(LOAD, 0)]
    assert counted(toy(), *rows).count("data_walks") == 1
    assert counted(toy(tlb__tag="none"), *rows).count("data_walks") == 2


def test_a_named_cost_is_paid_each_time() -> None:
    spec = toy()
    found = counted(spec, row(COST, 0, flag=1), row(COST, 0, flag=1))
    assert cycles(spec, found, "locked and ordered") == 18
    assert cause_of("mitigation.entry") == "mitigations"


def test_every_cycle_has_a_cause() -> None:
    spec = load_machine("zen3")
    rows = [row(FETCH, i * LINE, 3, flag=i % 2) for i in range(40)]
    rows += [row(LOAD, i * 4096) for i in range(90)]
    found = Core(spec).price(counted(spec, *rows))
    assert found.shape == (1, len(CAUSES))
    assert (found >= 0).all()


class Lru:
    """Sets that forget what was used longest ago: the oracle of the counting loop."""

    def __init__(self, size: int, ways: int) -> None:
        self.sets: list[OrderedDict[int, None]] = [OrderedDict() for _ in range(size // ways)]
        self.ways = ways

    def find(self, key: int) -> bool:
        ways = self.sets[key % len(self.sets)]
        there = key in ways
        ways.pop(key, None)
        ways[key] = None
        if len(ways) > self.ways:
            ways.popitem(last=False)
        return there


@pytest.mark.parametrize("seed", range(5))
def test_random_strings_count_as_plain_sets_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        row(int(k), int(a) * LINE)
        for k, a in zip(
            rng.choice((FETCH, LOAD, STORE), 800), rng.integers(0, 30, 800), strict=True
        )
    ]
    code, data, second = Lru(4, 2), Lru(4, 2), Lru(16, 4)
    level = [0, 0]
    for kind, address, *_ in rows:
        line = address // LINE
        if not (code if kind == FETCH else data).find(line):
            level[int(not second.find(line))] += 1
    found = counted(toy(), *rows)
    kinds = ("code", "code_next", "load", "store")
    assert sum(found.count(f"{kind}_l2") for kind in kinds) == level[0]
    assert sum(found.count(f"{kind}_memory") for kind in kinds) == level[1]


def test_the_loop_gives_the_same_counts_in_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    rows = [
        row(int(k), int(a) * LINE)
        for k, a in zip(
            rng.choice((FETCH, LOAD, STORE, FLUSH), 400), rng.integers(-20, 20, 400), strict=True
        )
    ]
    spec = toy(pipeline__streams=3.0, l1d__victim="random", pipeline__window_instructions=9.0)
    fast = counted(spec, *rows, warm=1)
    monkeypatch.setattr(core, "engine", imported_plainly(engine))
    assert np.array_equal(counted(spec, *rows, warm=1).counters, fast.counters)
